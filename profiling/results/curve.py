"""Throughput and latency against load, from the measured cases of a record, and the rate that keeps a limit.

Standard library only: the plan reads it.  Between two measured loads everything is taken for straight lines;
beyond them nothing is said.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from profiling.errors import Phrase, RecordError, counted
from profiling.results.record import CaseResult, Estimate, Record
from profiling.results.sentence import Counted

# The coordinate that is the load, and its unit for people.
LOADS = {
    "requests_per_minute": "requests a minute",
    "concurrency": "requests at a time",
    "batch": "sequences at a time",
}
# Coordinates that may differ along a curve: how long was measured, and what was counted.
FREE = ("requests", "clients", "ttft_limit_milliseconds", "tpot_limit_milliseconds")
# Generating in batches has no queue and so no percentile of the wait: there the prefill is the time to first token.
TTFT = ("ttft_seconds_p95", "ttft_seconds")


@dataclass(frozen=True)
class Point:
    """One measured load, and what the server did under it."""

    load: float
    tokens_per_second: Estimate
    tpot_seconds: Estimate
    ttft_seconds: Estimate | None  # the 95th percentile; the mean where nobody waits


@dataclass(frozen=True)
class Curve:
    """The points in ascending order of load, which is counted by the coordinate `over`."""

    over: str
    points: tuple[Point, ...]

    def __post_init__(self) -> None:
        loads = [point.load for point in self.points]
        if not loads:
            raise RecordError("a curve over load needs at least one measured point", todo="measure some loads")
        if any(later <= sooner for sooner, later in pairwise(loads)):
            raise RecordError(
                Phrase("a curve over {over} has its loads {loads} out of order, or twice", over=self.over, loads=loads),
                todo="sort them",
            )


@dataclass(frozen=True)
class Rate:
    """Tokens a second that keep a latency limit, from the pessimistic to the optimistic ends of all intervals."""

    low: float
    value: float
    high: float
    load: float  # at the value
    bound: str  # what ends it: `limit`, or `measured` where every measured load keeps the limit
    why: str


def of(record: Record, over: str, at: Mapping[str, Any] | None = None) -> Curve:
    """Return the curve over one coordinate from the finished cases that match `at`.

    Raises RecordError where there is none, and where the cases differ in more than their load.
    """
    if over not in LOADS:
        raise RecordError(
            Phrase("record {record}: {typed!r} is no load", record=record.id, typed=over),
            todo=Phrase("it is one of {words}", words=", ".join(LOADS)),
        )
    loaded = [case for case in record.cases if case.ok and over in case.point and case.matches(at or {})]
    cases = [case for case in loaded if "tokens_per_second" in case.metrics]
    if unseen := [case for case in cases if not _seen(case)]:
        raise RecordError(
            Phrase(
                "record {record}: nobody saw tokens come at {case}, so that no limit on their time can be kept",
                **{"record": record.id, "case": unseen[0].where},
            ),
            todo="have the server stream each token, and measure again",
        )
    if not cases:
        raise RecordError(
            Phrase("record {record}: no finished case has a throughput over {over}", record=record.id, over=over),
            todo="measure some loads",
        )
    _check_alike(cases, over, record.id)
    return Curve(over, tuple(sorted((_point(case, over) for case in cases), key=lambda point: point.load)))


def _seen(case: CaseResult) -> bool:
    """Return whether the time per token was observed; older records say 0 where an answer came in one piece."""
    return "tpot_seconds" in case.metrics and case.metrics["tpot_seconds"].value > 0


def _check_alike(cases: Sequence[CaseResult], over: str, record: str) -> None:
    """Raise RecordError where another coordinate than the load changes along the curve."""
    others = [{k: v for k, v in {"kind": case.kind, **case.point}.items() if k not in (over, *FREE)} for case in cases]
    names = dict.fromkeys(name for other in others for name in other)
    for name in names:
        values = dict.fromkeys(str(other.get(name, "none")) for other in others)
        if len(values) > 1:
            raise RecordError(
                Phrase(
                    "record {record}: cases over {over} have {field} {words}",
                    record=record,
                    over=over,
                    field=name,
                    words=", ".join(values),
                ),
                todo="choose one of them",
            )


def _point(case: CaseResult, over: str) -> Point:
    ttft = next((case.metrics[name] for name in TTFT if name in case.metrics), None)
    return Point(float(case.point[over]), case.metrics["tokens_per_second"], case.metrics["tpot_seconds"], ttft)


def rate_within(curve: Curve, tpot_limit: float, ttft_limit: float | None = None) -> Rate:
    """Return the largest throughput up to the first load that breaks a limit, both in seconds.

    `low` takes the upper ends of all latencies and the lower ends of all rates, `high` the reverse; `low` is 0
    where, so seen, no measured load keeps the limit.  Raises RecordError where not even the lowest measured
    load does, or a limit is set on what was not measured.
    """
    if ttft_limit is not None and any(point.ttft_seconds is None for point in curve.points):
        raise RecordError(
            Phrase("the time to first token was not measured at every load over {over}", over=curve.over),
            todo="drop its limit",
        )
    limits = (tpot_limit, ttft_limit)
    value, load, within = _largest(curve, limits, "value", "value")
    if load is None:
        raise _out_of_reach(curve, tpot_limit, ttft_limit)
    low = _largest(curve, limits, "high", "low")[0]
    high = _largest(curve, limits, "low", "high")[0]
    if within:
        most = counted(curve.points[-1].load, LOADS[curve.over])
        why = f"the limit is kept up to {most}, the highest load measured; more may be possible"
        return Rate(low, value, high, load, "measured", why)
    why = f"beyond {counted(load, LOADS[curve.over])} the limit is broken, or throughput does not rise"
    return Rate(low, value, high, load, "limit", why)


def _largest(
    curve: Curve, limits: tuple[float, float | None], latency: str, rate: str
) -> tuple[float, float | None, bool]:
    """Return the largest rate within the limits, its load, and whether every measured load keeps them.

    `latency` and `rate` name the end of each interval that is taken.
    """
    corners = [_corner(point, latency, rate) for point in curve.points]
    if not _keeps(corners[0], limits):
        return 0.0, None, False
    kept = [corners[0]]
    for sooner, later in pairwise(corners):
        share = _share_kept(sooner, later, limits)
        kept.append(tuple(a + share * (b - a) for a, b in zip(sooner, later, strict=True)))
        if share < 1:
            break
    best = max(kept, key=lambda corner: corner[1])
    return best[1], best[0], len(kept) == len(corners) and _keeps(corners[-1], limits)


def _corner(point: Point, latency: str, rate: str) -> tuple[float, ...]:
    """Return load, rate, time per token and time to first token, at the chosen ends of their intervals."""
    ttft = getattr(point.ttft_seconds, latency) if point.ttft_seconds is not None else 0.0
    return point.load, getattr(point.tokens_per_second, rate), getattr(point.tpot_seconds, latency), ttft


def _keeps(corner: Sequence[float], limits: tuple[float, float | None]) -> bool:
    return all(limit is None or latency <= limit for latency, limit in zip(corner[2:], limits, strict=True))


def _share_kept(sooner: Sequence[float], later: Sequence[float], limits: tuple[float, float | None]) -> float:
    """Return the share of the way from one load to the next up to which the limits are kept."""
    crossings = [
        (limit - before) / (after - before)
        for before, after, limit in zip(sooner[2:], later[2:], limits, strict=True)
        if limit is not None and after > limit
    ]
    return min(crossings, default=1.0)


def _out_of_reach(curve: Curve, tpot_limit: float, ttft_limit: float | None) -> RecordError:
    """Return the error where even the lowest measured load breaks a limit."""
    first = curve.points[0]
    values: dict[str, Any] = {
        "load": Counted(first.load, LOADS[curve.over]),
        "found": first.tpot_seconds.value,
        "limit": tpot_limit,
    }
    text = (
        "at {load}, the lowest load measured, an answer takes {found:.3g} s per token, and the limit is {limit:.3g} s"
    )
    if ttft_limit is not None and first.ttft_seconds is not None:
        values |= {"first": first.ttft_seconds.value, "most": ttft_limit}
        text = (
            "at {load}, the lowest load measured, an answer takes {found:.3g} s per token and {first:.3g} s to the "
            "first, and the limit is {limit:.3g} s and {most:.3g} s"
        )
    return RecordError(Phrase(text, **values), todo="raise the limit, or measure lower loads")
