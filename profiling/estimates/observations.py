"""Measured cases as evidence: one observation for each finished case, with its setting."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, fields
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from profiling import architecture
from profiling.architecture import Architecture, source
from profiling.errors import ProfilingError, WorkloadError, counted
from profiling.estimates import hardware, question
from profiling.estimates.question import STAGES, WEIGHT_BYTES, Terms
from profiling.results import record
from profiling.results.metrics import METRICS
from profiling.results.record import CaseResult, Estimate, Record
from profiling.runs import jobs
from profiling.workload.kinds import KINDS
from profiling.workload.workload import PLAIN, Case, Workload

# Fields of a workload that do not change the time of a step, or that are fields of a setting themselves.
_APART = ("task", "precision", "seed", "epoch_examples", "evaluation_examples")
# The other fields that a case can replace, with their defaults.
USUAL: dict[str, Any] = {
    one.name: one.default for one in fields(Workload) if one.name in PLAIN and one.name not in _APART
}
# Figures of a process's memory, the preferred one first; on a CPU, the resident set.  The driver's figure also counts
# other processes.
MEMORY = ("reserved_peak_bytes", "driver_used_bytes", "resident_peak_bytes")
# Errors from a damaged record, whose odd values may show only in a computation.
DAMAGE = (ProfilingError, ArithmeticError, AttributeError, LookupError, OSError, TypeError, ValueError)


@dataclass(frozen=True)
class Setting:
    """Conditions that two measurements must share, so that one is evidence for the other."""

    device_kind: str  # cpu, cuda, mps
    device: str
    cores: int | None  # of a CPU
    devices: int
    task: str
    precision: str
    engine: str
    options: tuple[tuple[str, Any], ...]  # of USUAL

    def is_on(self, device: str) -> bool:
        """Tell whether a name means this device: its kind, the driver's name, or the data sheet's."""
        return device in (self.device_kind, self.device) or (
            self.device_kind != "cpu" and hardware.sheet_name(device) == hardware.sheet_name(self.device) is not None
        )

    @property
    def words(self) -> str:
        """The setting as text, without options at their defaults."""
        unusual = [f"{name} {value}" for name, value in self.options if USUAL[name] != value]
        count = "" if self.devices == 1 else f"{self.devices} x "
        cores = [counted(self.cores, "cores")] if self.cores else []
        return ", ".join([f"{count}{self.device}", *cores, self.task, self.precision, self.engine, *unusual])


@dataclass(frozen=True)
class Observation:
    """One finished case."""

    record_id: str
    created: str
    setting: Setting
    config: Mapping[str, Any]
    kind: str
    point: Mapping[str, Any]  # with the batch of all processes together
    seconds: Mapping[str, Estimate]  # of one run of each stage
    memory_bytes: float | None
    capacity_bytes: float | None
    watts: float | None  # of the whole device, over the measured steps

    @cached_property
    def architecture(self) -> Architecture:
        """Sizes of the model."""
        return architecture.of(self.config, self.setting.task)

    @property
    def family(self) -> str:
        """Family of the model's blocks."""
        return question.family(self.architecture)

    @property
    def at(self) -> tuple[str, str]:
        """Operating point, which repeated measurements share: model and coordinates."""
        return json.dumps(self.config, sort_keys=True), json.dumps(dict(self.point), sort_keys=True)

    @cached_property
    def terms(self) -> dict[str, Terms]:
        """Layers, bytes and FLOPs of one run of each stage."""
        return question.terms(self.config, self.kind, self.point, self.setting.precision, self.setting.task)


def of_records(records: Iterable[Record]) -> list[Observation]:
    """Return every case that finished in a steady state, was not throttled, and whose model's config is known.

    A damaged record is skipped, so that the others still count.
    """
    return [found for each in records for found in _of_record(each)]


def _of_record(of: Record) -> list[Observation]:
    try:
        found = [one for case in of.cases if (one := _observation(of, case)) is not None]
        hash(tuple(one.setting for one in found))  # settings are counted; a list among their values cannot be
        return found
    except DAMAGE:
        return []


def at_hand(root: Path | None = None) -> list[Record]:
    """Return the records of all runs under the root, newest first; a record that cannot be read is skipped."""
    found = []
    for job in jobs.jobs(root):
        path = job.folder / "record.json"
        with suppress(OSError):  # missing, or removed in the meantime
            found.append(_loaded(path, path.stat().st_mtime_ns))
    return [one for one in found if one is not None]


@lru_cache(maxsize=500)  # a finished record never changes; a page asks for all records on every click
def _loaded(path: Path, _modified_ns: int) -> Record | None:
    try:
        return record.load(path)
    except DAMAGE:
        return None


def _observation(of: Record, case: CaseResult) -> Observation | None:
    """Return the case as an observation; None where it is no evidence for other cases."""
    if not case.ok or case.throttled or case.kind not in STAGES:
        return None
    changes = Case(case.kind, case.point).changes
    config = _config(of, changes)
    seconds = _seconds(case)
    if config is None or seconds is None:
        return None
    setting = _setting(of, changes)
    point = whole_point(case.kind, case.point, changes, processes(dict(setting.options)))
    if setting.precision not in WEIGHT_BYTES:
        return None
    memory = next((float(case.memory[name]) for name in MEMORY if case.memory.get(name)), None)
    if memory is not None and case.memory.get(MEMORY[0]):
        memory += float(case.memory.get("context_bytes") or 0.0)  # which a run needs, too
    energy, capacity = case.energy or {}, case.memory.get("capacity_bytes")
    watts = energy["joules"] / energy["seconds"] if energy.get("seconds") else None
    found = Observation(of.id, of.created, setting, config, case.kind, point, seconds, memory, capacity, watts)
    return found if set(STAGES[case.kind]) <= set(found.terms) else None


def whole_point(kind: str, point: Mapping[str, Any], changes: Mapping[str, Any], processes: int) -> dict[str, Any]:
    """Return a case's own coordinates with the batch of all processes; a workload has the batch of each process."""
    own = {name: value for name, value in point.items() if name not in changes}
    return {**own, "batch": own["batch"] * processes} if "processes" in KINDS[kind].fields else own


def _config(of: Record, changes: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the model's config with the fields that the case replaced; None where its sizes are not known."""
    if not (config := _recorded_config(of)):
        return None
    try:
        config |= {name: value for name, value in changes.items() if name in config}
        architecture.of(config)
    except WorkloadError:
        return None
    return config


def _recorded_config(of: Record) -> dict[str, Any]:
    """Return the config that a record holds; a path in a record may be a stranger's, and nothing is read there."""
    return dict((of.workload.get("model") or {}).get("config") or {})


def _setting(of: Record, changes: Mapping[str, Any]) -> Setting:
    """Return the setting, with the workload's fields as the case replaced them."""
    named = {**of.workload, **{name: value for name, value in changes.items() if name in PLAIN}}
    kind, task = str(of.device["kind"]), str(named.get("task") or "auto")
    return Setting(
        device_kind=kind,
        device=str(of.device["name"]),
        cores=None if (cores := of.device.get("cores")) is None else int(cores),
        devices=devices(kind, max(int(of.device.get("count") or 1), processes(named))),
        task=source.task_of({"config": _recorded_config(of)}) if task == "auto" else task,
        precision=str(named.get("precision")),
        engine=str(named.get("engine") or "an engine that is not named"),
        options=tuple((name, named.get(name, usual)) for name, usual in USUAL.items()),
    )


def processes(named: Mapping[str, Any]) -> int:
    """Return the number of processes that train together, by a workload's fields; 1 without `parallel`."""
    return 1 if named.get("parallel", "none") == "none" else int(named["processes"])


def devices(kind: str, processes: int) -> int:
    """Return the number of devices: one for each process, except that all processes share one CPU."""
    return 1 if kind == "cpu" else processes


def _seconds(case: CaseResult) -> dict[str, Estimate] | None:
    """Return the seconds of one run of each stage; None where the case did not measure them."""
    stages = KINDS[case.kind].stages
    found = {stage: _seconds_of(case, names) for stage, names in stages.items()}
    known = {stage: estimate for stage, estimate in found.items() if estimate is not None and estimate.value > 0}
    return known if len(known) == len(found) else None


def _seconds_of(case: CaseResult, names: Sequence[str]) -> Estimate | None:
    """Return the seconds by the first metric that the case has, for a rate those of one batch; None if it may be 0."""
    name = next((name for name in names if name in case.metrics), None)
    if name is None:
        return None
    rate, batch = case.metrics[name], int(case.point["batch"])
    if METRICS[name].unit == "s":
        return rate
    if rate.low <= 0:
        return None
    return Estimate(batch / rate.value, batch / rate.high, batch / rate.low, rate.level, "s", rate.runs)
