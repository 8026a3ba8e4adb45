"""Attaching a measurement: the record is kept beside the scenario, and a pool or program refers to it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from profiling.errors import RecordError
from profiling.files import write_atomic
from profiling.results import record as records
from simulator.errors import PlanError
from simulator.scenario import curves
from simulator.scenario.measured import MEASUREMENTS
from simulator.scenario.reading import load
from simulator.scenario.scenario import Scenario
from simulator.scenario.values import BadValue, read_number

# Which assumption takes which metric of a record; the first is the rate that chooses the operating point.
SERVING = {"tokens_per_second": "tokens_per_second"}
TRAINING = {
    "training_tokens_per_second": "training_tokens_per_second",
    "step_to_run_factor": "step_to_run_factor",
}

# A record from a stranger must not choose where it is written.
FILE_NAME = re.compile(r"[\w-][\w.-]{0,120}")


def references(record_path: Path, metrics: Mapping[str, str], at: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """For each assumption of `metrics`, the reference to the record's metric at one point.

    Without `at`, the point is the one with the highest rate. Raises PlanError.
    """
    try:
        record = records.load(record_path)
        rate = next(iter(metrics.values()))
        if at:
            record.estimate(rate, at)
            point = next(case for case in record.cases if case.ok and rate in case.metrics and case.matches(at))
        else:
            point = record.best(rate)
    except RecordError as error:
        raise PlanError(str(error)) from None
    place = {"kind": point.kind, **point.point}
    return {
        name: {
            "value": {"measured": f"{MEASUREMENTS}/{record.id}.json", "metric": metric, "at": dict(place)},
            "source": f"{record.label}, {record.preset}",
            "as_of": record.created[:10],
        }
        for name, metric in metrics.items()
        if metric in point.metrics
    }


def curve_reference(record_path: Path, at: Mapping[str, str], within: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """For a pool: the reference to its rate on the record's curve within a limit, and no second limit.

    `within` says what changes along the curve, and the limits in seconds. Raises PlanError.
    """
    try:
        record = records.load(record_path)
        limits = {name: text if name == "over" else read_number(text) for name, text in within.items()}
        curves.measured(record, "tokens_per_second", at, limits)
    except (BadValue, RecordError) as error:
        raise PlanError(" ".join(map(str, error.args))) from None
    where = {"at": dict(at)} if at else {}
    named = {"measured": f"{MEASUREMENTS}/{record.id}.json", "metric": "tokens_per_second", **where, "within": limits}
    origin = {"source": f"{record.label}, {record.preset}", "as_of": record.created[:10]}
    return {"token_latency_limit": {"value": 0}, "tokens_per_second": {"value": named, **origin}}


def metrics_for(kind: str) -> Mapping[str, str]:
    """Which assumption of a pool or a program takes which metric of a record."""
    return SERVING if kind == "pool" else TRAINING


def measurable(scenario: Scenario) -> list[str]:
    """The paths of every assumption of a pool or a program that a record could give."""
    places = [(kind, member) for kind in ("pool", "program") for member in scenario.entities.get(kind, ())]
    named = [f"{kind}s.{member}.{name}" for kind, member in places for name in metrics_for(kind)]
    return [path for path in named if path in scenario.assumptions]


def keep_record(record_path: Path, folder: Path) -> None:
    """Copy a record to where a scenario in `folder` can name it; raises PlanError where another has its name."""
    try:
        record = records.load(record_path)
        if not FILE_NAME.fullmatch(record.id):
            raise PlanError(f"{record_path}: its id {record.id[:80]!r} cannot name a file; take an unedited copy")
        kept, text = folder / MEASUREMENTS / f"{record.id}.json", record_path.read_text(encoding="utf-8")
        if not kept.exists():
            kept.parent.mkdir(parents=True, exist_ok=True)
            write_atomic(kept, text)
        elif kept.read_text(encoding="utf-8") != text:
            raise PlanError(f"{kept} is another record of the same name: take the unedited one, or remove it")
    except RecordError as error:
        raise PlanError(str(error)) from None
    except OSError as error:
        raise PlanError(f"the record could not be copied into {folder / MEASUREMENTS}: {error.strerror}") from None


def attach(
    record_path: Path,
    scenario_path: Path,
    target: str,
    at: Mapping[str, str] | None = None,
    within: Mapping[str, str] | None = None,
) -> str:
    """Write references to a record into the pool or program `target` of a scenario file, comments kept.

    `within` reads a pool's rate off the record's curve, where the waits are no longer than it says.
    Returns the sentence that says what changed; raises BreakevenError.
    """
    scenario = load(scenario_path)
    kind, member = scenario.find_member(target, ("pool",) if within else ("pool", "program"))
    if within:
        found = curve_reference(record_path, at or {}, within)
        if not scenario.assumption_of("token_latency_limit", member).central:
            del found["token_latency_limit"]  # nothing is to be lifted
    else:
        found = references(record_path, metrics_for(kind), at or {})
    keep_record(record_path, scenario.folder)
    changed = scenario
    for name, reference in found.items():
        changed = changed.with_value(f"{kind}s.{member}.{name}", reference)
    said = _sentence(scenario, changed, kind, member, found)
    changed.save(scenario_path)
    return f"{scenario_path}: {said}"


def _sentence(before: Scenario, after: Scenario, kind: str, member: str, found: Mapping[str, Any]) -> str:
    """What now rests on what: the record, its point and its device, and the values before and after."""
    used = next(reference for reference in found.values() if "source" in reference)
    place = {**used["value"].get("at", {}), **used["value"].get("within", {})}
    point = ", ".join(f"{name} {value}" for name, value in place.items())
    changes = ", ".join(
        f"{name} {before.assumption_of(name, member).central:,.4g} → {after.assumption_of(name, member).central:,.4g}"
        for name in found
    )
    planned = before.about[f"{kind}s.{member}"].get("device")
    device = f"; the scenario plans to run it on {planned}" if planned else ""
    rests = f"{kind}s.{member} now rests on {used['value']['measured']} ({point}), measured on {used['source']}"
    return f"{rests}{device}: {changes}"
