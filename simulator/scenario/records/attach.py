"""Attaching a record: it is copied beside the scenario, and a pool, program or feature refers to it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from profiling.errors import Phrase, RecordError
from profiling.files import holds, write_atomic
from profiling.results import record as records
from profiling.results.record import CaseResult, Record
from simulator.errors import PlanError
from simulator.scenario.checks.suited import doubts
from simulator.scenario.reading import load
from simulator.scenario.records import curves
from simulator.scenario.records.measured import MEASUREMENTS
from simulator.scenario.scenario import Scenario
from simulator.scenario.values import read_number

# For each kind of member: assumption → metric of a record. The first metric that a record has chooses the case.
METRICS: Mapping[str, Mapping[str, str]] = {
    "pool": {"tokens_per_second": "tokens_per_second"},
    "program": {
        "training_tokens_per_second": "training_tokens_per_second",
        "step_to_run_factor": "step_to_run_factor",
        "seconds_per_run": "course_seconds",
        "examples_per_run": "labels",
    },
    "feature": {"right_share": "held_out_accuracy", "input_tokens_per_request": "request_tokens"},
}
# What a scenario cannot know without a record: anybody can try a feature, and count the tokens of its prompt.
ONLY_MEASURED = ("tokens_per_second", "training_tokens_per_second", "step_to_run_factor")
# A rate of reading counts the tokens of a prompt in full.
READS_ALONE = {"input_weight": {"value": 1, "note": "The measured rate counts tokens that are read."}}

# A record from a stranger must not choose where it is written.
FILE_NAME = re.compile(r"[\w-][\w.-]{0,120}")


@dataclass(frozen=True)
class Attached:
    """A sentence that says what changed, and one for each doubt whether the record suits its pool or program."""

    sentence: str
    doubts: tuple[str, ...]


def references(record_path: Path, metrics: Mapping[str, str], at: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """Return, for each assumption of `metrics`, a reference to the record's metric in one case.

    `at` chooses the case; without it, the case with the highest rate, or the highest share of right answers, is taken.
    Raises PlanError.
    """
    try:
        record = records.load(record_path)
        rate = leading(record, metrics, at)
        if at:
            record.estimate(rate, at)
            point = next(case for case in record.cases if case.ok and rate in case.metrics and case.matches(at))
        else:
            point = record.best(rate)
    except RecordError as error:
        raise PlanError(error.told, error.todo) from None
    place = {"kind": point.kind, **point.point}
    found: dict[str, dict[str, Any]] = {
        name: {
            "value": {"measured": f"{MEASUREMENTS}/{record.id}.json", "metric": metric, "at": dict(place)},
            "source": f"{record.label}, {record.preset}",
            "as_of": record.created[:10],
        }
        for name, metric in metrics.items()
        if metric in point.metrics
    }
    return found | READS_ALONE if rate == "tokens_per_second" and point.kind == "prompt" else found


def leading(record: Record, metrics: Mapping[str, str], at: Mapping[str, str]) -> str:
    """Return the first of these metrics that a finished case at this place has; the first of all where none has any."""
    there = [case for case in record.cases if case.ok and case.matches(at)]
    known = (metric for metric in metrics.values() if any(metric in case.metrics for case in there))
    return next(known, next(iter(metrics.values())))


def curve_reference(record_path: Path, at: Mapping[str, str], within: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """Return, for a pool, the reference to its rate on the record's curve, and a `token_latency_limit` of 0.

    `within` names what changes along the curve (`over`), and the latency limits in seconds. The rate already keeps
    these, so the pool's own limit is removed. Raises BreakevenError.
    """
    try:
        record = records.load(record_path)
        limits = {name: text if name == "over" else read_number(text) for name, text in within.items()}
        curves.measured(record, "tokens_per_second", at, limits)
    except RecordError as error:
        raise PlanError(error.told, error.todo) from None
    where = {"at": dict(at)} if at else {}
    named = {"measured": f"{MEASUREMENTS}/{record.id}.json", "metric": "tokens_per_second", **where, "within": limits}
    origin = {"source": f"{record.label}, {record.preset}", "as_of": record.created[:10]}
    return {"token_latency_limit": {"value": 0}, "tokens_per_second": {"value": named, **origin}}


def metrics_for(scenario: Scenario, kind: str, member: str) -> Mapping[str, str]:
    """Return, for a pool, program or feature, which assumption takes which metric of a record.

    A feature that counts what it reads among all its tokens, by a record, goes on to do so: else it would count twice.
    """
    if kind != "feature":
        return METRICS[kind]
    counted = scenario.assumption_of("tokens_per_request", member).literal
    if not isinstance(counted, Mapping) or counted.get("metric") != "request_tokens":
        return METRICS[kind]
    return {
        "tokens_per_request" if metric == "request_tokens" else name: metric for name, metric in METRICS[kind].items()
    }


def measurable(scenario: Scenario) -> list[str]:
    """Return the paths of all assumptions that only a record could give."""
    paths = [
        f"{kind}s.{member}.{name}"
        for kind, metrics in METRICS.items()
        for member in scenario.entities.get(kind, ())
        for name in metrics
        if name in ONLY_MEASURED
    ]
    return [path for path in paths if path in scenario.assumptions]


def keep_record(record_path: Path, folder: Path) -> None:
    """Copy a record to where a scenario in `folder` can refer to it; raises PlanError where another has its name."""
    try:
        record = records.load(record_path)
        if not FILE_NAME.fullmatch(record.id):
            what = Phrase("the record's id {id!r} cannot be a file name", id=record.id[:80])
            raise PlanError(what, "take an unedited copy", where=str(record_path))
        kept, text = folder / MEASUREMENTS / f"{record.id}.json", record_path.read_text(encoding="utf-8")
        if not kept.exists():
            kept.parent.mkdir(parents=True, exist_ok=True)
            write_atomic(kept, text)
        elif not holds(kept, text):
            raise PlanError("another record of the same name is here", "remove one of the two", where=str(kept))
    except RecordError as error:
        raise PlanError(error.what, error.todo, where=error.where) from None
    except OSError as error:
        what, where = (
            Phrase("the record could not be copied here ({reason})", reason=error.strerror),
            str(folder / MEASUREMENTS),
        )
        raise PlanError(what, "check that you may write there", where=where) from None


def attach(
    record_path: Path,
    scenario_path: Path,
    target: str,
    at: Mapping[str, str] | None = None,
    within: Mapping[str, str] | None = None,
) -> Attached:
    """Write references to a record into the pool, program or feature `target` of a scenario file; comments stay.

    `within` reads a pool's rate from the record's curve at these latency limits.
    Returns what changed, and where the record seems to be of something else; raises BreakevenError.
    """
    scenario = load(scenario_path)
    kind, member = scenario.find_member(target, ("pool",) if within else tuple(METRICS))
    if within:
        found = curve_reference(record_path, at or {}, within)
        if not scenario.assumption_of("token_latency_limit", member).central:
            del found["token_latency_limit"]  # the pool has no limit to remove
    else:
        found = references(record_path, metrics_for(scenario, kind, member), at or {})
    keep_record(record_path, scenario.folder)
    record = records.load(record_path)
    found_doubts = doubts(scenario, kind, member, record, case_of(record, found))
    changed = scenario
    for name, reference in found.items():
        changed = changed.with_value(f"{kind}s.{member}.{name}", reference)
    changed.save(scenario_path, scenario.text)
    sentence = f"{scenario_path}: {_sentence(scenario, changed, kind, member, found)}"
    return Attached(sentence, tuple(map(str, found_doubts)))


def case_of(record: Record, found: Mapping[str, Any]) -> CaseResult:
    """Return the case that references to a record read, of a curve its first."""
    used = next(reference["value"] for reference in found.values() if "source" in reference)
    return next(
        case for case in record.cases if case.ok and used["metric"] in case.metrics and case.matches(used.get("at", {}))
    )


def _sentence(before: Scenario, after: Scenario, kind: str, member: str, found: Mapping[str, Any]) -> str:
    """Return a sentence with the record, its case, its device, and the values before and after."""
    used = next(reference for reference in found.values() if "source" in reference)
    place = {**used["value"].get("at", {}), **used["value"].get("within", {})}
    point = ", ".join(f"{name} {value}" for name, value in place.items())
    changes = ", ".join(
        f"{name} {before.assumption_of(name, member).central:,.4g} → {after.assumption_of(name, member).central:,.4g}"
        for name in found
    )
    planned = before.about[f"{kind}s.{member}"].get("device")
    device = f" (planned device: {planned})" if planned else ""
    rests = f"{kind}s.{member}{device} now uses {used['value']['measured']} ({point}), measured on {used['source']}"
    return f"{rests}: {changes}"
