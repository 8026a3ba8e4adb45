"""Figures of devices: load by hour, waiting, throughput against latency, and the share of the ceiling reached."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from dashboard.parts.charts import filled, framed, here, line, scaled
from dashboard.parts.words import Words
from profiling.results.curve import LOADS, Curve
from profiling.results.drawn.drawing import as_it_stands
from profiling.results.drawn.palette import BLUE, GREY, ORANGE, VERMILLION
from profiling.results.record import Estimate
from simulator.engine.model import Array

MILLISECONDS = 1000.0


def by_hour(say: Words, devices: Array, needed: Array, rented: Array) -> go.Figure:
    """Return devices over the hours of a mean day: present, rented by the hour, and needed for the load."""
    figure = framed(say("hour of the day"), say("devices"))
    for name, values, colour, dash, fill in (
        (say("available"), devices, BLUE, "solid", None),
        (say("of which rented by the hour"), rented, ORANGE, "dot", "tozeroy"),
        (say("needed"), needed, VERMILLION, "dash", None),
    ):
        look: dict[str, Any] = {"dash": dash, "shape": "hv", "fill": fill, "fillcolor": "rgba(230, 159, 0, 0.2)"}
        line(figure, np.arange(25), np.append(values, values[-1]), name, colour, **look)
    _day_axis(figure)
    figure.update_yaxes(rangemode="tozero", range=[0, 1.15 * float(devices.max())])
    scaled(figure, say, "number", devices)
    return figure


def waiting(say: Words, chances: Array) -> go.Figure:
    """Return the chance that a request has to wait, by hour of the day."""
    figure = framed(say("hour of the day"), say("chance of waiting"), height=260)
    figure.add_bar(x=np.arange(24) + 0.5, y=chances, marker=filled(BLUE, ""), name=say("chance of waiting"))
    _day_axis(figure)
    figure.update_yaxes(tickformat=".0%", hoverformat=".2%", range=[0, max(0.05, 1.1 * float(chances.max()))])
    figure.update_layout(bargap=0.1, showlegend=False)
    return figure


def _day_axis(figure: go.Figure) -> None:
    hours = list(range(0, 25, 3))
    figure.update_xaxes(range=[0, 24], tickvals=hours, ticktext=[f"{hour}:00" for hour in hours])


def latency(
    say: Words, milliseconds: Array, rates: Array, saturated: float, point: tuple[float, float] | None
) -> go.Figure:
    """Return the modelled rate of a device over the latency limit, with the scenario's own limit marked."""
    figure = framed(say("latency limit per token, ms"), say("tokens per second and device"))
    line(figure, milliseconds, rates, say("within the limit"), BLUE)
    if point:
        here(figure, say, point)
    dotted = {"color": GREY, "dash": "dot"}
    figure.add_hline(y=saturated, line=dotted, annotation_text=say("saturated"), annotation_position="top left")
    figure.update_yaxes(range=[0, 1.15 * saturated])
    scaled(figure, say, "number", [saturated])
    return figure


def measured_latency(say: Words, curve: Curve, point: tuple[float, float]) -> go.Figure:
    """Return the measured points of a curve with their loads, joined, and the scenario's own point."""
    figure = framed(say("latency per token, ms"), say("tokens per second and device"))
    rates = [one.tokens_per_second for one in curve.points]
    figure.add_scatter(
        x=[one.tpot_seconds.value * MILLISECONDS for one in curve.points],
        y=[rate.value for rate in rates],
        error_y=ends(rates),
        mode="lines+markers+text",
        text=[f"{one.load:g}" for one in curve.points],
        textposition="top left",
        line={"color": BLUE, "width": 2.5},
        name=say(LOADS[curve.over]),
    )
    here(figure, say, point)
    figure.update_layout(hovermode="closest")
    figure.update_yaxes(rangemode="tozero")
    figure.update_xaxes(rangemode="tozero")
    return figure


def ends(found: Sequence[Estimate]) -> dict[str, list[float]]:
    """Return error bars from the ends of each interval."""
    above, below = ([one.high - one.value for one in found], [one.value - one.low for one in found])
    return {"array": above, "arrayminus": below}


def against_ceiling(say: Words, names: Sequence[str], shares: Sequence[Estimate]) -> go.Figure:
    """Return the share of the measured ceiling that each case reached, with its interval."""
    figure = framed(say("share of the measured ceiling"), "", height=110 + 40 * len(names))
    figure.add_bar(
        x=[share.value for share in shares],
        y=[_two_lines(as_it_stands(name)) for name in names],
        orientation="h",
        marker={"color": BLUE},
        name=say("measured"),
        error_x={"type": "data", "color": GREY, **ends(shares)},
    )
    figure.add_vline(x=1, line={"color": VERMILLION, "dash": "dash"}, annotation_text=say("measured ceiling"))
    figure.update_xaxes(tickformat=".0%", rangemode="tozero", nticks=5, tickangle=0)
    figure.update_yaxes(autorange="reversed")
    figure.update_layout(hovermode="closest", showlegend=False)
    return figure


def _two_lines(name: str) -> str:
    """Break a label in two, so that a narrow screen has room for the bars."""
    parts = name.split(", ")
    middle = (len(parts) + 1) // 2
    return ", ".join(parts[:middle]) + "<br>" + ", ".join(parts[middle:])
