"""Curves of throughput against the wait, as a record's cases over load or batch give them."""

from __future__ import annotations

from dashboard.parts.words import Words
from profiling.errors import RecordError
from profiling.results import curve
from profiling.results.curve import LOADS, Curve
from profiling.results.figures import Figure, Point, Sentence
from profiling.results.record import Record

MILLISECONDS = 1000.0
# A curve needs two points, or there is nothing between which to read.
FEWEST_POINTS = 2


def curves_of(record: Record) -> dict[tuple[str, str], Curve]:
    """(Kind of case, what its load is counted by) → the curve, where the record has one of more than a point."""
    found = {}
    for kind in dict.fromkeys(case.kind for case in record.cases):
        for over in LOADS:
            try:
                one = curve.of(record, over, {"kind": kind})
            except RecordError:
                continue
            if len(one.points) >= FEWEST_POINTS:
                found[kind, over] = one
    return found


def figure(kind: str, measured: Curve, say: Words) -> Figure:
    """A curve as points to draw, each with its load."""
    unit = say(LOADS[measured.over])
    points = tuple(
        Point(
            point.tpot_seconds.value * MILLISECONDS,
            point.tokens_per_second.value,
            point.tokens_per_second.low,
            point.tokens_per_second.high,
            f"{point.load:g} {unit}: {point.tokens_per_second}, {point.tpot_seconds}",
        )
        for point in measured.points
    )
    best = max(measured.points, key=lambda point: point.tokens_per_second.value)
    said = Sentence(
        "The highest rate is {rate}, at {load} {unit}, where a token takes {wait}.",
        {
            "rate": str(best.tokens_per_second),
            "load": f"{best.load:g}",
            "unit": unit,
            "wait": str(best.tpot_seconds),
        },
    )
    title = "Throughput against the wait"
    return Figure(f"load-{measured.over}", title, "time that a token takes, ms", "a second", {kind: points}, said)
