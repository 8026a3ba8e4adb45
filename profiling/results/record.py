"""The measurement record: one JSON file a run, and the only bridge from the hardware into the plan.

Standard library only, so that the plan can be read where nothing was ever measured.  Units stand in the
names of fields; rates are per second, memory in bytes, energy in joules, time in seconds.  Fields that this
version does not know are kept, and written back.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from math import floor, log10
from pathlib import Path
from typing import Any

from profiling.checks import Fields, read_json
from profiling.errors import RecordError
from profiling.files import write_atomic

FORMAT = "breakeven-measurement"
# 2: models go by transformers' own configs, and cases may be `unsupported`, or of the kinds `learn` and `load`.
VERSION = 2

# A run with every raw sample weighs some 100 kB; what weighs 200 times that was not written here.
LARGEST_RECORD_BYTES = 20_000_000

# Rates beyond a million are read in these; smaller numbers as they are.
PREFIXES = (("T", 1e12), ("G", 1e9), ("M", 1e6), ("", 1.0))
# The parts of a case's work, each with its operations and bytes.
PHASES = ("step", "prefill", "decode")
STATUSES = ("ok", "no_steady_state", "out_of_memory", "unsupported", "failed", "cancelled")


@dataclass(frozen=True)
class Estimate:
    """A measured value with the interval that holds it at `level` confidence, from `runs` separate processes."""

    value: float
    low: float
    high: float
    level: float
    unit: str
    runs: int

    @classmethod
    def parse(cls, data: object, where: str) -> Estimate:
        """An estimate from plain JSON; raises RecordError where a bound is missing or out of order."""
        fields = Fields.of(data, where, RecordError)
        value, low, high, level = (fields.number(name) for name in ("value", "low", "high", "level"))
        if not low <= value <= high:
            fields.fail("value", f"is {value:g}, outside of its own interval {low:g} to {high:g}")
        if not 0 < level < 1:
            fields.fail("level", f"is {level:g}; a confidence level lies between 0 and 1")
        return cls(value, low, high, level, fields.text("unit"), fields.integer("runs", least=1))

    def to_json(self) -> dict[str, Any]:
        """The estimate as plain JSON."""
        return dict(vars(self))

    def __str__(self) -> str:
        return describe(self)


@dataclass(frozen=True)
class CaseResult:
    """One operating point: what ran, how it ended, and what was measured there."""

    kind: str
    point: Mapping[str, Any]
    status: str
    why: str | None
    metrics: Mapping[str, Estimate]
    memory: Mapping[str, Any]
    energy: Mapping[str, Any] | None
    throttled: bool | None
    samples: Mapping[str, Any]
    extra: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def parse(cls, data: object, where: str) -> CaseResult:
        """A case from plain JSON; raises RecordError with the place of what does not fit."""
        fields = Fields.of(data, where, RecordError)
        metrics = {name: Estimate.parse(value, f"{where}.{name}") for name, value in fields.mapping("metrics").items()}
        known = tuple(name for name in cls.__dataclass_fields__ if name != "extra")
        _check_findings(fields)
        return cls(
            kind=fields.text("kind"),  # `workload.kinds` names them; a newer version may have more
            point=_point(fields),
            status=fields.one_of("status", STATUSES),
            why=fields.optional_text("why"),
            metrics=metrics,
            memory=_memory(fields),
            energy=_energy(fields),
            throttled=fields.optional_flag("throttled"),
            samples=fields.mapping("samples"),
            extra=fields.beyond(known),
        )

    def to_json(self) -> dict[str, Any]:
        """The case as plain JSON, unknown fields included."""
        plain = {**vars(self)}
        plain["metrics"] = {name: estimate.to_json() for name, estimate in self.metrics.items()}
        extra = plain.pop("extra")
        return {**plain, **extra}

    @property
    def ok(self) -> bool:
        """Whether the case may be read into a plan."""
        return self.status == "ok"

    @property
    def where(self) -> str:
        """The operating point for people: `train, method lora, batch 4, tokens 128`."""
        return ", ".join([self.kind, *(f"{name} {value}" for name, value in self.point.items())])

    def matches(self, at: Mapping[str, Any]) -> bool:
        """Whether the point agrees with every coordinate in `at`; `kind` counts as one, and texts equal numbers."""
        here = {"kind": self.kind, **self.point}
        return all(name in here and str(here[name]) == str(value) for name, value in at.items())


def _point(fields: Fields) -> dict[str, Any]:
    """The coordinates of a case: words and whole numbers."""
    point = fields.mapping("point")
    for name, value in point.items():
        if isinstance(value, bool) or not isinstance(value, int | str):
            fields.fail("point", f"has {name} = {value!r}; a coordinate is a word or a whole number")
    return point


def _memory(fields: Fields) -> dict[str, Any]:
    """Bytes by name; null where nobody counted."""
    memory = Fields.of(fields["memory"], f"{fields.where}: memory", RecordError)
    for name in memory.values:
        memory.optional_number(name)
    return dict(memory.values)


def _energy(fields: Fields) -> dict[str, Any] | None:
    """Joules and where they were read; None where no sensor could tell."""
    if fields.values.get("energy") is None:
        return None
    energy = Fields.of(fields["energy"], f"{fields.where}: energy", RecordError)
    energy.number("joules")
    energy.text("source")
    energy.optional_number("seconds")
    energy.optional_texts("warnings")
    return dict(energy.values)


def _check_findings(fields: Fields) -> None:
    """Raises RecordError for what was found beside the metrics, where a reader of it would stumble."""
    for name in ("throttle_reasons", "notes"):
        fields.optional_texts(name)
    for name in ("largest_batch", "trainable_parameters", "within_share"):
        fields.optional_number(name)
    if fields.values.get("devices") is not None:
        fields.integer("devices", least=1)
    _check_numbers(fields, "time_to_first_step_seconds")
    for name in fields.optional_mapping("omitted") or {}:
        _part(fields, "omitted").text(name)
    for phase in fields.optional_mapping("work") or {}:
        if phase not in PHASES:
            fields.fail("work", f"has the phase {phase!r}; there are {', '.join(PHASES)}")
        for name in ("flops", "bytes"):
            _part(_part(fields, "work"), phase).number(name)
    _check_operators(fields)
    _others(fields)


def _check_operators(fields: Fields) -> None:
    """Raises RecordError unless each operator has a name, its device, calls, seconds, and share of the time."""
    if fields.values.get("operators") is None:
        return
    for place, plain in enumerate(fields.items("operators")):
        operator = Fields.of(plain, f"{fields.where}: operators[{place}]", RecordError)
        operator.text("name")
        operator.integer("calls", least=0)
        for name in ("share", "seconds"):
            operator.number(name)


def _check_numbers(fields: Fields, name: str) -> None:
    """Raises RecordError for a list of anything but numbers, where there is one."""
    for value in [] if fields.values.get(name) is None else fields.items(name):
        replace(fields, values={name: value}).number(name)


def _part(fields: Fields, name: str) -> Fields:
    """A nested object's own fields."""
    return Fields.of(fields[name], f"{fields.where}: {name}", RecordError)


@dataclass(frozen=True)
class Record:
    """One run: the workload, the device, the ceiling measured beside it, and its cases."""

    id: str
    created: str  # ISO 8601, UTC
    preset: str
    workload: Mapping[str, Any]
    device: Mapping[str, Any]
    software: Mapping[str, Any]
    ceiling: Mapping[str, Estimate]
    others: tuple[Mapping[str, Any], ...] | None  # other processes on the device; None: nobody could tell
    cases: tuple[CaseResult, ...]
    extra: Mapping[str, Any] = field(default_factory=dict)
    version: int = VERSION  # of the file it was read from

    @classmethod
    def parse(cls, data: object, where: str) -> Record:
        """A record from plain JSON; raises RecordError with the place of what does not fit."""
        fields = Fields.of(data, where, RecordError)
        version = _version(fields)
        cases = fields.items("cases")
        ceiling = fields.mapping("ceiling")
        _check_resumed(fields)
        known = ("format", *(name for name in cls.__dataclass_fields__ if name != "extra"))
        return cls(
            id=fields.text("id"),
            created=fields.text("created"),
            preset=fields.text("preset"),
            workload=_workload(fields),
            device=_device(fields),
            software=fields.mapping("software"),
            ceiling={name: Estimate.parse(value, f"{where}: ceiling.{name}") for name, value in ceiling.items()},
            others=_others(fields),
            cases=tuple(CaseResult.parse(case, f"{where}: cases[{place}]") for place, case in enumerate(cases)),
            extra=fields.beyond(known),
            version=version,
        )

    def to_json(self) -> dict[str, Any]:
        """The record as plain JSON, unknown fields included."""
        plain = {"format": FORMAT, "version": self.version, **vars(self)}
        plain["ceiling"] = {name: estimate.to_json() for name, estimate in self.ceiling.items()}
        plain["cases"] = [case.to_json() for case in self.cases]
        extra = plain.pop("extra")
        return {**plain, **extra}

    @property
    def on_cpu(self) -> bool:
        """Whether the run had no accelerator, which must be said wherever its numbers are shown."""
        return str(self.device["kind"]) == "cpu"

    @property
    def label(self) -> str:
        """The device for people: `CPU · 2 cores · Intel(R) Xeon(R)`, or the accelerator's own name."""
        name = str(self.device["name"])
        if self.on_cpu:
            cores = self.device.get("cores")
            return " · ".join(["CPU", *([f"{cores} cores"] if cores else []), name])
        count = self.device.get("count", 1)
        return name if count == 1 else f"{count} × {name}"

    def estimate(self, metric: str, at: Mapping[str, Any] | None = None) -> Estimate:
        """The metric at the one finished case that matches `at`; raises RecordError where none or several do."""
        found = [case for case in self._measured(metric) if case.matches(at or {})]
        if len(found) == 1:
            return found[0].metrics[metric]
        place = " at " + ", ".join(f"{name}={value}" for name, value in at.items()) if at else ""
        if found:
            points = "; ".join(case.where for case in found)
            raise RecordError(
                f"record {self.id}: {len(found)} cases measured {metric}{place}: {points}; name one point"
            )
        raise RecordError(f"record {self.id}: no finished case measured {metric}{place}; {self._on_offer(metric)}")

    def best(self, metric: str) -> CaseResult:
        """The finished case with the largest value of the metric; raises RecordError where there is none."""
        found = self._measured(metric)
        if not found:
            raise RecordError(f"record {self.id}: no finished case measured {metric}; {self._on_offer(metric)}")
        return max(found, key=lambda case: case.metrics[metric].value)

    def _measured(self, metric: str) -> list[CaseResult]:
        return [case for case in self.cases if case.ok and metric in case.metrics]

    def _on_offer(self, metric: str) -> str:
        """What the record has instead, for an error message."""
        if points := "; ".join(case.where for case in self._measured(metric)):
            return f"it was measured at: {points}"
        metrics = sorted({name for case in self.cases if case.ok for name in case.metrics})
        return f"the record has: {', '.join(metrics) or 'no finished case'}"


def _version(fields: Fields) -> int:
    """The record's version; raises RecordError for another kind of file, and for a record from a newer version."""
    if fields.values.get("format") != FORMAT:
        raise RecordError(f'{fields.where}: not a measurement record (no "format": "{FORMAT}"); choose another file')
    version = fields.integer("version", least=1)
    if version > VERSION:
        fields.fail("version", f"is {version}, and this version reads up to {VERSION}; update Breakeven")
    return version


def _device(fields: Fields) -> dict[str, Any]:
    """The device, whose kind and name every reader shows."""
    device = Fields.of(fields["device"], f"{fields.where}: device", RecordError)
    for name in ("kind", "name"):
        device.text(name)
    if device.values.get("count") is not None:
        device.integer("count", least=1)
    device.optional_number("memory_capacity_bytes")
    return dict(device.values)


def _workload(fields: Fields) -> dict[str, Any]:
    """What was run, of which reports read the model's shape and size."""
    workload = Fields.of(fields["workload"], f"{fields.where}: workload", RecordError)
    workload.optional_mapping("model")
    workload.optional_number("parameters")
    return dict(workload.values)


def _check_resumed(fields: Fields) -> None:
    """Raises RecordError unless each time that the run went on tells what it kept, and what had changed."""
    for plain in [] if fields.values.get("resumed") is None else fields.items("resumed"):
        resumption = Fields.of(plain, f"{fields.where}: resumed", RecordError)
        resumption.optional_texts("changed")
        _check_numbers(resumption, "kept")


def _others(fields: Fields) -> tuple[dict[str, Any], ...] | None:
    """The other processes on the device; None where nobody could tell."""
    if fields.values.get("others") is None:
        return None
    found = [Fields.of(other, f"{fields.where}: others", RecordError) for other in fields.items("others")]
    return tuple(dict(other.values) for other in found)


def load(path: Path) -> Record:
    """The record in a file; raises RecordError with the file, what is wrong, and what to do."""
    return Record.parse(read_json(path, LARGEST_RECORD_BYTES, RecordError), str(path))


def write(path: Path, record: Record) -> None:
    """Writes the record whole or not at all."""
    write_atomic(path, json.dumps(record.to_json(), indent=1, ensure_ascii=False, allow_nan=False) + "\n")


def describe(estimate: Estimate) -> str:
    """An estimate for people: `412 ± 9 token/s, 95 %, 3 runs`, rounded to what the interval supports."""
    prefix, scale = next((name, size) for name, size in PREFIXES if abs(estimate.value) >= size or size == 1)
    value, low, high = (number / scale for number in (estimate.value, estimate.low, estimate.high))
    half = high / 2 - low / 2  # each halved first: the difference of two large numbers may be beyond any
    places = _decimals(half or value)
    # A skewed interval is shown by its two ends: ± would place the value in its middle, where it is not.
    if abs(high + low - 2 * value) > 0.2 * half:
        number = f"{value:,.{places}f} ({low:,.{places}f} to {high:,.{places}f})"
    else:
        number = f"{value:,.{places}f} ± {half:,.{places}f}"
    unit = "" if estimate.unit == "1" else f" {prefix}{estimate.unit}"  # a ratio has none
    return f"{number}{unit}, {estimate.level * 100:g} %, {estimate.runs} runs"


def _decimals(spread: float) -> int:
    """The decimal places that show the first digit of the spread."""
    return 0 if spread == 0 else max(0, -floor(log10(abs(spread))))
