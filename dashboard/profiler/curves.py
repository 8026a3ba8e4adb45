"""Curves of throughput against latency: those of a record, and the one that a pool's rate is read from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from dashboard.desk.desk import Desk
from dashboard.desk.whole import unstopped
from dashboard.parts import charts, charts_devices
from dashboard.parts.charts_devices import MILLISECONDS
from dashboard.parts.explaining.refusals import why
from dashboard.parts.words import Words
from dashboard.profiler.told import estimated
from profiling.errors import RecordError
from profiling.results import curve
from profiling.results.curve import LOADS, Curve
from profiling.results.figures import Figure, Point
from profiling.results.record import Record, described
from profiling.results.sentence import Sentence
from simulator.scenario.assumption import Assumption
from simulator.scenario.scaling import in_place, unwalked
from simulator.scenario.scenario import Scenario

# A rate is interpolated between points, so a curve needs at least two.
FEWEST_POINTS = 2


def curves_of(record: Record) -> dict[tuple[str, str], Curve]:
    """Return (kind of case, measure of load) → curve, for each curve of at least two points."""
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
    """Return a curve as a figure with the load of each point."""
    unit = LOADS[measured.over]
    points = tuple(
        Point(
            point.tpot_seconds.value * MILLISECONDS,
            point.tokens_per_second.value,
            point.tokens_per_second.low,
            point.tokens_per_second.high,
            say.valued(
                say.counted(point.load, unit),
                say.beside(estimated(point.tokens_per_second, say), estimated(point.tpot_seconds, say)),
            ),
        )
        for point in measured.points
    )
    best = max(measured.points, key=lambda point: point.tokens_per_second.value)
    load = say.counted(best.load, unit)
    said = Sentence(
        "The highest rate is {rate}, at {load}, where a token takes {wait}.",
        {"rate": described(best.tokens_per_second), "load": load, "wait": described(best.tpot_seconds)},
    )
    title = "Throughput against latency"
    return Figure(f"load-{measured.over}", title, "latency per token, ms", "tokens per second", {kind: points}, said)


def throughput(rate: Assumption, say: Words, desk: Desk) -> None:
    """Draw the curve behind a pool's rate, with a field for the latency limit at which the rate is read."""
    assert rate.on_curve is not None
    measured, limit = rate.on_curve
    key = f"limit:{rate.path}:{limit.tpot_seconds:g}"
    st.number_input(
        say("Latency limit per token, ms"),
        min_value=0.1,
        value=limit.tpot_seconds * MILLISECONDS,
        key=key,
        on_change=_limit,
        args=(key, rate.path, desk),
    )
    if rate.path in desk.refused:
        st.error(why(desk.refused[rate.path].problems, desk.scenario, say))
    found = limit.on(measured)
    text = say(
        "At the limit of {limit:number} ms per token a device serves {rate:number} tokens per second, at {load}. "
        "Rates between measured points are interpolated. A limit below every measured latency is refused; above all of "
        "them the highest measured rate stays.",
        limit=limit.tpot_seconds * MILLISECONDS,
        rate=found.value,
        load=say.counted(found.load, LOADS[measured.over]),
    )
    here = (limit.tpot_seconds * MILLISECONDS, found.value)
    charts.show(charts_devices.measured_latency(say, measured, here), text, key="latency-chart")


@unstopped
def _limit(key: str, path: str, desk: Desk) -> None:
    seconds = float(st.session_state[key]) / MILLISECONDS
    desk.change(path, f"{seconds:g}", lambda scenario: limited(scenario, path, seconds))


def limited(scenario: Scenario, path: str, tpot_seconds: float) -> Scenario:
    """Return the scenario with another latency limit on the same curve, source and note kept."""
    rate = scenario.assumptions[path]
    literal: Mapping[str, Any] = unwalked(rate.literal)
    within = literal["within"]
    within = {**within, "tpot_seconds": tpot_seconds} if isinstance(within, Mapping) else tpot_seconds
    origin = {name: text for name in ("source", "as_of", "note") if (text := getattr(rate, name))}
    value = in_place(rate.literal, {**literal, "within": within})
    return scenario.with_value(path, {"value": value, **origin, "evidence": rate.evidence})
