"""A pool's curve of throughput against latency, point by point, and the limit on it, which can be tried out here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import plotly.graph_objects as go
import streamlit as st

from dashboard.desk.desk import Desk
from dashboard.parts import charts
from dashboard.parts.words import Words, escape
from profiling.results.curve import LOADS, Curve
from profiling.results.palette import BLUE, VERMILLION
from simulator.scenario.assumption import Assumption
from simulator.scenario.scenario import Scenario

MILLISECONDS = 1000.0


def throughput(rate: Assumption, say: Words, desk: Desk) -> None:
    """The curve that a pool's rate was read off, the rate itself, and the wait that it keeps."""
    assert rate.on_curve is not None
    curve, limit = rate.on_curve
    key = f"limit:{rate.path}:{limit.tpot_seconds:g}"
    st.number_input(
        say("Longest time that a token may take, ms"),
        min_value=0.1,
        value=limit.tpot_seconds * MILLISECONDS,
        key=key,
        on_change=_limit,
        args=(key, rate.path, desk),
    )
    if rate.path in desk.refused:
        st.error(escape(desk.refused[rate.path].why))
    found = limit.on(curve)
    text = say(
        "With no token later than {limit:number} ms a device gives {rate:number} tokens per second, at {load:number} "
        "{unit}. The line between the points that were measured is straight; beyond them nothing is promised.",
        limit=limit.tpot_seconds * MILLISECONDS,
        rate=found.value,
        load=found.load,
        unit=say(LOADS[curve.over]),
    )
    here = (limit.tpot_seconds * MILLISECONDS, found.value)
    charts.show(drawn(curve, here, say), text, key="latency-chart")


def drawn(curve: Curve, here: tuple[float, float], say: Words) -> go.Figure:
    """Points with their loads, joined, and the plan's own."""
    figure = charts.framed(say, say("time that a token takes, ms"), say("tokens per second and device"))
    figure.add_scatter(
        x=[point.tpot_seconds.value * MILLISECONDS for point in curve.points],
        y=[point.tokens_per_second.value for point in curve.points],
        error_y={
            "array": [point.tokens_per_second.high - point.tokens_per_second.value for point in curve.points],
            "arrayminus": [point.tokens_per_second.value - point.tokens_per_second.low for point in curve.points],
        },
        mode="lines+markers+text",
        text=[f"{point.load:g}" for point in curve.points],
        textposition="top left",
        line={"color": BLUE, "width": 2.5},
        name=say(LOADS[curve.over]),
    )
    figure.add_scatter(
        x=[here[0]],
        y=[here[1]],
        mode="markers",
        name=say("this plan"),
        marker={"symbol": "x", "size": 13, "color": VERMILLION, "line": {"width": 1, "color": "white"}},
    )
    figure.update_layout(hovermode="closest")
    figure.update_yaxes(rangemode="tozero")
    figure.update_xaxes(rangemode="tozero")
    return figure


def _limit(key: str, path: str, desk: Desk) -> None:
    seconds = float(st.session_state[key]) / MILLISECONDS
    desk.change(path, f"{seconds:g}", lambda scenario: limited(scenario, path, seconds))


def limited(scenario: Scenario, path: str, tpot_seconds: float) -> Scenario:
    """The scenario with another limit on the same curve, which keeps its origin."""
    rate = scenario.assumptions[path]
    literal: Mapping[str, Any] = rate.literal
    within = literal["within"]
    within = {**within, "tpot_seconds": tpot_seconds} if isinstance(within, Mapping) else tpot_seconds
    origin = {name: text for name in ("source", "as_of", "note") if (text := getattr(rate, name))}
    return scenario.with_value(path, {"value": {**literal, "within": within}, **origin, "evidence": rate.evidence})
