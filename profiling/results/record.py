"""The measurement record: one JSON file for each profile run, and the only bridge from the hardware to a scenario.

Standard library only, so that a record can be read where nothing was ever measured. Units stand in the names of fields:
rates are per second, memory is in bytes, energy in joules, time in seconds. Fields that this version does not know are
kept, and written back. `RECORD` is the format itself; `results.schema` publishes it as a JSON schema.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import floor, log10
from pathlib import Path
from typing import Any

from profiling import methods
from profiling.checks import (
    FLAG,
    LONGEST_NAME,
    NUMBER,
    OBJECT,
    POINT,
    check,
    fields,
    integer,
    items,
    mapping,
    number,
    one_of,
    optional,
    read_json,
    said,
)
from profiling.errors import Phrase, RecordError, brief
from profiling.files import write_atomic
from profiling.results.sentence import Counted, Sentence

FORMAT = "breakeven-measurement"
# That of the first release; version 1 existed only before it. Once there is a version 3, `_current` migrates records.
VERSION = 2

# A run with every raw sample takes some 100 kB. A file 100 times as large is no record, and reading the worst of that
# size takes half a gigabyte.
LARGEST_RECORD_BYTES = 10_000_000
# The operating point of a case in messages, in bytes.
LONGEST_PLACE = 300

STATUSES = ("ok", "too_noisy", "no_steady_state", "out_of_memory", "unsupported", "failed", "cancelled")
# Why a case has no further repeats: its interval is narrow enough, its time is up, or their number was given.
SURE, LATE, COUNTED = STOPS = ("sure enough", "time is up", "repeats asked")
# Rates beyond a million are written with these prefixes; smaller numbers as they are.
PREFIXES = (("T", 1e12), ("G", 1e9), ("M", 1e6), ("", 1.0))

# Reports print these texts, the longest of which is a reason.
TEXT = {"type": "string", "minLength": 1, "maxLength": 10_000}
TEXTS = items({"type": "string"})
COUNT = integer(1)
# Far beyond what any device does in a second, or takes for a step; smaller numbers are read as 0. Ratios stay finite.
LEAST, MOST = 1e-30, 1e30
MEASURED = number(-MOST, MOST)

ESTIMATE = fields(
    {
        **dict.fromkeys(("value", "low", "high"), MEASURED),
        # An interval of no or of all confidence has no width to draw from.
        "level": said(number(0.01, 0.9999), "confidence of low to high"),
        "unit": TEXT,
        "runs": said(COUNT, "separate processes"),
    }
)
ENERGY = fields({"joules": NUMBER, "source": TEXT}, {"seconds": optional(NUMBER), "warnings": optional(TEXTS)})
# What one step of a phase needs, by formula.
WORK = fields({"flops": MEASURED, "bytes": MEASURED})
STORED = fields({}, {"trained": TEXTS, "frozen": TEXTS}, closed=True)
OPERATOR = fields({"name": TEXT, "calls": integer(0), "share": NUMBER, "seconds": NUMBER})
# Coordinates that count something, by which curves are drawn and work is computed; others may be words.
COUNTS = ("batch", "tokens", "prompt_tokens", "new_tokens", "steps", "requests", "concurrency", "requests_per_minute")
CASE = fields(
    {
        "kind": said(TEXT, "what was done, such as train; a newer version may know more kinds"),
        "point": {**POINT, "properties": {**dict.fromkeys(COUNTS, COUNT), "examples": integer(0)}},
        "status": said(one_of(*STATUSES), "only cases that are `ok` give numbers to a scenario"),
        "metrics": mapping(ESTIMATE),
        "memory": said(mapping(optional(NUMBER)), "bytes; null: not counted"),
        "samples": OBJECT,
    },
    {
        "why": said(optional(TEXT), "the reason for any other status"),
        "energy": said(optional(ENERGY), "null: no sensor"),
        "throttled": said(optional(FLAG), "slowed by more than its usual power limit; null: no sensor"),
        "throttle_reasons": optional(TEXTS),
        "hosts": said(TEXTS, "hashes of the hosts that measured the case, where several did"),
        "spread": said(
            fields(
                {"metric": TEXT, "between_hosts": NUMBER},
                {"between_repeats": optional(NUMBER), "within_repeats": optional(NUMBER)},
            ),
            "standard deviations of the case's main metric, as shares of its value, where several hosts measured it",
        ),
        "seconds": said(items(MEASURED), "of a whole course, by repeat"),
        "stopped": said(optional(TEXT), f"why no further repeat was made: {', '.join(STOPS)}"),
        "taken_share": said(optional(NUMBER), "share of a CPU's cores that other processes took; null: not known"),
        "throttle_shares": said(optional(mapping(NUMBER)), "by reason for slower clocks, the share of the time"),
        "busy_share": said(optional(NUMBER), "share of the time in which the device computed; null: not known"),
        "largest_batch": said(optional(NUMBER), "the largest that fits into memory, where this one did not"),
        "knee_batch": said(optional(NUMBER), "the last of the doubled batches that raised the rate by a tenth or more"),
        "knee_rates": said(optional(mapping(NUMBER)), "examples a second of one process, by batch"),
        "knee_ended": said(optional(TEXT), "why no larger batch was tried"),
        "trainable_parameters": optional(NUMBER),
        "stored": said(optional(STORED), "the numbers that weights are kept in"),
        "optimiser": optional(TEXT),
        "labels": said(optional(integer(0)), "labelled examples that were shown, or trained on"),
        "example_tokens": said(optional(items(NUMBER)), "by repeat, tokens of an example, padding left out"),
        "row_examples": said(optional(items(NUMBER)), "by repeat, texts in a row of a batch: more than 1 are packed"),
        "padding_share": said(optional(NUMBER), "share of the positions that are padding"),
        "row_tokens": optional(NUMBER),  # of older records: the first of `example_tokens`
        "samples_each": said(COUNT, "steps or requests that each sample is the mean of; absent: 1"),
        "within_share": said(optional(NUMBER), "share of the variance between steps that lies within runs"),
        "devices": optional(COUNT),
        "notes": optional(TEXTS),
        "omitted": said(optional(mapping(TEXT)), "metrics left out, each with the reason"),
        **dict.fromkeys(("time_to_first_step_seconds", "compile_seconds"), optional(items(optional(NUMBER)))),
        "rates_tried": said(optional(items(mapping(optional(NUMBER)))), "by repeat, the goodput at each rate"),
        "work": optional(fields({}, {"step": WORK, "prefill": WORK, "decode": WORK}, closed=True)),
        "others": said(optional(items(OBJECT)), "other processes on the device after the steps of the case"),
        "operators": said(optional(items(OPERATOR)), "the operators that took most time by themselves"),
    },
)
# Where a model came from, as far as reports name it.
MODEL = fields({}, {"config": OBJECT, **dict.fromkeys(("path", "hub", "url", "name"), TEXT)})
# One of several parts of a workload; `whole` is the hash of all of it.
PART = fields({"number": COUNT, "of": COUNT, "whole": TEXT})
RECORD = fields(
    {
        "format": said({"enum": [FORMAT]}, "tells the file from any other"),
        "version": said(integer(VERSION, VERSION), "version of the format"),
        "id": said(TEXT, "name of the run: when it was started (UTC), its workload, four random digits"),
        "created": said(TEXT, "when the run was started, ISO 8601, UTC"),
        "preset": said(TEXT, "name of the preset or workload"),
        "workload": said(
            fields(
                {},
                {
                    "model": optional(MODEL),
                    **dict.fromkeys(("parameters", "epoch_examples"), optional(NUMBER)),
                    **dict.fromkeys(("hash", "precision", "engine"), optional(TEXT)),
                },
            ),
            "all that decides the measurement, and its hash",
        ),
        "device": said(
            fields(
                {"kind": TEXT, "name": TEXT},
                {
                    **{"count": optional(COUNT), "cores": optional(COUNT), "memory_capacity_bytes": optional(NUMBER)},
                    "sensor_note": said(optional(TEXT), "what the figures of the driver are of, or why it gives none"),
                    "not_reported": said(optional(mapping(TEXT)), "what the driver does not give, with its reason"),
                },
            ),
            "the device that was measured",
        ),
        "software": said(OBJECT, "versions by name"),
        "ceiling": said(mapping(ESTIMATE), "limits of the device, measured in the same run"),
        "cases": said(items(CASE), "operating points, each with its metrics and their intervals"),
    },
    {
        "others": said(optional(items(OBJECT)), "other processes on the device; null: not known"),
        "host": said(TEXT, "a hash that tells the host from others; on Linux, new with each start of the computer"),
        "part": said(PART, "the part of a whole workload that the record has"),
        "hosts": said(
            items(fields({"host": TEXT, "records": TEXTS, "cases": integer(0)}, {"changed": TEXTS})),
            "of a merged record: the hosts of its parts",
        ),
        "parts": said(
            fields({"of": COUNT, "missing": items(COUNT)}),
            "of a merged record: how many parts there are, and which lack",
        ),
        "resumed": said(
            optional(items(fields({}, {"changed": optional(TEXTS), "kept": optional(items(NUMBER))}))),
            "each time that the run was resumed after a stop",
        ),
    },
)


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
    def of(cls, plain: Mapping[str, Any], where: str) -> Estimate:
        """Return the estimate in checked JSON; raise RecordError where its bounds are out of order."""
        told = (float(plain[name]) for name in ("value", "low", "high", "level"))
        value, low, high, level = (one if abs(one) >= LEAST else 0.0 for one in told)
        if not low <= value <= high:
            what = Phrase("the value {value:g} is outside of its own interval {low:g} to {high:g}", **plain)
            raise RecordError(what, where=where, todo="take an unedited copy")
        return cls(value, low, high, level, plain["unit"], plain["runs"])

    def to_json(self) -> dict[str, Any]:
        """Return the estimate as plain JSON."""
        return dict(vars(self))

    def __str__(self) -> str:
        return str(described(self))


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
    def of(cls, plain: Mapping[str, Any], where: str) -> CaseResult:
        """Return the case in checked JSON; raise RecordError where an estimate contradicts itself."""
        known, extra = _parted(plain, cls)
        known |= {"point": methods.current(known["point"]), "metrics": _estimates(plain["metrics"], where)}
        return cls(**known, extra=extra)

    def to_json(self) -> dict[str, Any]:
        """Return the case as plain JSON, unknown fields included."""
        plain = {**vars(self), **self.extra, "metrics": {name: one.to_json() for name, one in self.metrics.items()}}
        del plain["extra"]
        return plain

    @property
    def ok(self) -> bool:
        """Whether the case may be read into a scenario."""
        return self.status == "ok"

    @property
    def where(self) -> str:
        """The operating point for people: `train, method lora, batch 4, tokens 128`."""
        return operating_point(self.kind, self.point)

    def matches(self, at: Mapping[str, Any]) -> bool:
        """Return whether the point agrees with every coordinate in `at`, `kind` included; texts equal numbers."""
        here = {"kind": self.kind, **self.point}
        return all(name in here and str(here[name]) == str(value) for name, value in methods.current(at).items())


def operating_point(kind: str, point: Mapping[str, Any]) -> str:
    """Return a case in words: its kind, and each of its coordinates."""
    return ", ".join([kind, *(f"{name} {value}" for name, value in point.items())])


def _estimates(plain: Mapping[str, Any], where: str) -> dict[str, Estimate]:
    return {name: Estimate.of(value, f"{where}: {name}") for name, value in plain.items()}


def _parted(data: Mapping[str, Any], kind: type) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the fields that a dataclass knows, null where they are absent, and all others."""
    names = [name for name in kind.__dataclass_fields__ if name != "extra"]  # type: ignore[attr-defined]
    return {name: data.get(name) for name in names}, {name: data[name] for name in data if name not in names}


@dataclass(frozen=True)
class Record:
    """One profile run: the workload, the device, the ceiling measured beside it, and the cases."""

    id: str
    created: str  # ISO 8601, UTC
    preset: str
    workload: Mapping[str, Any]
    device: Mapping[str, Any]
    software: Mapping[str, Any]
    ceiling: Mapping[str, Estimate]
    others: tuple[Mapping[str, Any], ...] | None  # other processes on the device; None: not known
    cases: tuple[CaseResult, ...]
    extra: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def parse(cls, data: object, where: str) -> Record:
        """Return the record in plain JSON; raise RecordError for what does not fit, with its place."""
        plain = check(_current(data, where), RECORD, where, RecordError)
        known, extra = _parted({name: plain[name] for name in plain if name not in ("format", "version")}, cls)
        known |= {
            "ceiling": _estimates(plain["ceiling"], f"{where}: ceiling"),
            "others": None if known["others"] is None else tuple(known["others"]),
            "cases": tuple(CaseResult.of(one, f"{where}: cases[{place}]") for place, one in enumerate(plain["cases"])),
        }
        return cls(**known, extra=extra)

    def to_json(self) -> dict[str, Any]:
        """Return the record as plain JSON, unknown fields included."""
        plain = {"format": FORMAT, "version": VERSION, **vars(self), **self.extra}
        plain["ceiling"] = {name: estimate.to_json() for name, estimate in self.ceiling.items()}
        plain["cases"] = [case.to_json() for case in self.cases]
        del plain["extra"]
        return plain

    @property
    def on_cpu(self) -> bool:
        """Whether the run had no accelerator, which every page must say beside its numbers."""
        return str(self.device["kind"]) == "cpu"

    @property
    def label(self) -> str:
        """The device for people: `CPU · 2 cores · Intel(R) Xeon(R)`, or the name of the accelerator."""
        name = str(self.device["name"])
        if self.on_cpu:
            cores = self.device.get("cores")
            return " · ".join(["CPU", *([f"{cores} core{'s' * (cores > 1)}"] if cores else []), name])
        count = self.device.get("count") or 1
        return name if count == 1 else f"{count} × {name}"

    def estimate(self, metric: str, at: Mapping[str, Any] | None = None) -> Estimate:
        """Return the metric at the one finished case that matches `at`; raise RecordError where none or several do."""
        found = [case for case in self._measured(metric) if case.matches(at or {})]
        if len(found) == 1:
            return found[0].metrics[metric]
        place = brief(" at " + ", ".join(f"{name}={value}" for name, value in at.items()), LONGEST_PLACE) if at else ""
        if found:
            values = {"count": len(found), "metric": f"{brief(metric, LONGEST_NAME)}{place}", "points": _points(found)}
            what = Phrase("{count} cases measured {metric}: {points}", **values)
            raise RecordError(what, where=f"record {self.id}", todo="name one point")
        raise self._nothing(metric, place)

    def best(self, metric: str) -> CaseResult:
        """Return the finished case with the largest value of the metric; raise RecordError where there is none."""
        if found := self._measured(metric):
            return max(found, key=lambda case: case.metrics[metric].value)
        raise self._nothing(metric)

    def _measured(self, metric: str) -> list[CaseResult]:
        return [case for case in self.cases if case.ok and metric in case.metrics]

    def _nothing(self, metric: str, place: str = "") -> RecordError:
        """Return the error that no case measured a metric, with what the record has instead."""
        if measured := self._measured(metric):
            offered = Phrase("it was measured at: {points}", points=_points(measured))
        elif known := {brief(name, LONGEST_NAME) for case in self.cases if case.ok for name in case.metrics}:
            offered = Phrase("the record has: {words}", words=", ".join(sorted(known)))
        else:
            ended = [f"{one.where} is {one.status.replace('_', ' ')}: {one.why}" for one in self.cases if not one.ok]
            offered = Phrase("{why}", why=brief([*ended, Phrase("the record has no figures")][0], LONGEST_PLACE))
        what = Phrase("no finished case measured {metric}", metric=f"{brief(metric, LONGEST_NAME)}{place}")
        return RecordError(what, where=f"record {self.id}", todo=offered)


def _points(cases: Sequence[CaseResult]) -> str:
    """Return the operating points of cases for a message."""
    return "; ".join(brief(case.where, LONGEST_PLACE) for case in cases)


def _current(data: object, where: str) -> dict[str, Any]:
    """Return a record's JSON in the current version; raise RecordError for another kind of file or version."""
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        what = Phrase('not a measurement record (no "format": "{format}")', format=FORMAT)
        raise RecordError(what, where=where, todo="choose another file")
    version = check(data.get("version"), integer(1), where, RecordError, "version")
    if version != VERSION:
        todo = "update Breakeven" if version > VERSION else "measure again, or use the Breakeven that wrote the record"
        what = Phrase("'version' is {version}, and this Breakeven reads {known}", version=version, known=VERSION)
        raise RecordError(what, where=where, todo=todo)
    return data


def load(path: Path | str) -> Record:
    """Return the record in a file; raise RecordError where it cannot be read."""
    return Record.parse(read_json(Path(path), LARGEST_RECORD_BYTES, RecordError), str(path))


def write(path: Path, record: Record) -> None:
    """Write the record whole or not at all."""
    write_atomic(path, json.dumps(record.to_json(), indent=1, ensure_ascii=False, allow_nan=False) + "\n")


def described(estimate: Estimate) -> Sentence:
    """Return an estimate for people: `412 ± 9 token/s, 95 %, 3 runs`, rounded to what the interval supports."""
    prefix, scale = next((name, size) for name, size in PREFIXES if abs(estimate.value) >= size or size == 1)
    value, low, high = (number / scale for number in (estimate.value, estimate.low, estimate.high))
    half = high / 2 - low / 2  # halved first: the difference of two large numbers may overflow
    places = max(0, -floor(log10(abs(half or value) or 1)))  # the first digit of the spread is shown
    numbers = {"value": value, "low": low, "high": high, "half": half}
    facts: dict[str, str | Counted | Sentence] = {name: f"{one:,.{places}f}" for name, one in numbers.items()}
    unit = "" if estimate.unit == "1" else f" {prefix}{estimate.unit}"  # a ratio has none
    facts |= {"unit": unit, "level": f"{estimate.level * 100:g}", "runs": Counted(estimate.runs, "runs")}
    # A skewed interval is shown by its two ends: ± would place the value in its middle, where it is not.
    if abs(high + low - 2 * value) > 0.2 * half:
        return Sentence("{value} ({low} to {high}){unit}, {level} %, {runs}", facts)
    return Sentence("{value} ± {half}{unit}, {level} %, {runs}", facts)
