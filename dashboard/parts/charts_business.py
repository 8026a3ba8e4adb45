"""Figures of customers, machines and people; colours, patterns and frames are those of `charts`."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Literal

import numpy as np
import plotly.graph_objects as go

from dashboard.parts.charts import HEIGHT, filled, framed, money_axis
from dashboard.parts.words import Words
from profiling.results.drawing import as_it_stands
from profiling.results.palette import BLUE, GREY, LOOKS, ORANGE, VERMILLION
from simulator.engine.model import Array

Axis = Literal["money", "share", "number"]
PATTERNS = ("", "/", ".", "x", "-", "|")
# So many names of periods stand side by side on a phone.
MOST_TICKS = 10
# Below this, cents are still looked at.
EVERY_CENT = 1000
# Amounts so far apart cannot both be read on a straight scale.
WIDE = 30
# Below this, plotly's short form of a number would say "500m" for a half.
SMALL = 10


def look(position: int) -> tuple[str, str, str]:
    """Colour, dash and pattern of a series; after six of them the same colour comes with another dash."""
    colour, _ = LOOKS[position % len(LOOKS)]
    turn = position + position // len(LOOKS)
    return colour, LOOKS[turn % len(LOOKS)][1], PATTERNS[turn % len(PATTERNS)]


def scaled(figure: go.Figure, say: Words, kind: Axis, values: Any) -> None:
    """The y axis for amounts of this kind and size."""
    largest = float(np.nanmax(np.abs(values), initial=0.0)) if np.size(values) else 0.0
    if kind == "share":
        figure.update_yaxes(tickformat=".0%", hoverformat=".1%", rangemode="tozero")
    elif kind == "money":
        money_axis(figure, say)
        dollars = "$" if say.currency_symbol == "$" else ""
        if largest < SMALL or figure.layout.yaxis.type == "log":
            figure.update_yaxes(tickformat=f"{dollars}~g", hoverformat=f"{dollars},.3~r")
        elif largest < EVERY_CENT:
            figure.update_yaxes(hoverformat=f"{dollars},.2f")
    else:
        figure.update_yaxes(
            tickformat="~s" if largest >= SMALL else "~g", hoverformat=",.0f" if largest >= 1000 else ",.3~r"
        )


def stacked(
    say: Words, dates: Sequence[date], series: Mapping[str, Any], y_title: str, *, steps: bool = False
) -> go.Figure:
    """Counts by month, one on top of the other; whole things that change at once go in steps."""
    figure = framed(say, say("Month"), y_title, height=HEIGHT + 12 * max(0, len(series) - 3))
    for position, (name, values) in enumerate(series.items()):
        colour, dash, pattern = look(position)
        figure.add_scatter(
            x=dates,
            y=values,
            name=as_it_stands(name),
            mode="lines",
            stackgroup="all",
            line={"color": colour, "dash": dash, "width": 1.5, "shape": "hv" if steps else "linear"},
            fillcolor=colour,
            fillpattern=filled(colour, pattern)["pattern"],
            showlegend=True,
        )
    scaled(figure, say, "number", sum((np.asarray(values) for values in series.values()), start=np.zeros(1)))
    return figure


def curves(
    say: Words,
    x: Sequence[Any],
    series: Mapping[str, Any],
    *,
    x_title: str,
    y_title: str,
    kind: Axis,
    far: bool = False,
) -> go.Figure:
    """Several lines; where a value is none, the line has a gap.

    `far` allows a logarithmic scale, where values above zero are far apart.
    """
    figure = framed(say, x_title, y_title)
    for position, (name, values) in enumerate(series.items()):
        colour, dash, _ = look(position)
        line = {"color": colour, "dash": dash, "width": 2.5}
        figure.add_scatter(x=x, y=values, name=as_it_stands(name), mode="lines", line=line)
    figure.update_layout(showlegend=len(series) > 1)
    values = np.array(list(series.values()), dtype=float)
    if far and np.nanmin(values) > 0 and np.nanmax(values) > WIDE * np.nanmin(values):
        figure.update_yaxes(type="log", title_text=say("{what}, logarithmic", what=y_title), dtick=1)
    else:
        figure.update_yaxes(rangemode="tozero")
    scaled(figure, say, kind, values)
    return figure


def bars(
    say: Words,
    labels: Sequence[str],
    series: Mapping[str, Any],
    *,
    x_title: str,
    y_title: str,
    kind: Axis,
    mode: Literal["relative", "group"] = "relative",
    top: float | None = None,
) -> go.Figure:
    """Bars by period or by group, on top of each other (what is negative below zero) or side by side."""
    figure = framed(say, x_title, y_title, height=HEIGHT + 12 * max(0, len(series) - 3))
    for position, (name, values) in enumerate(series.items()):
        colour, _, pattern = look(position)
        figure.add_bar(x=labels, y=values, name=as_it_stands(name), marker=filled(colour, pattern))
    figure.update_layout(barmode=mode, showlegend=len(series) > 1)
    figure.update_xaxes(type="category", nticks=MOST_TICKS, tickangle=0 if len(labels) <= MOST_TICKS else None)
    scaled(figure, say, kind, list(series.values()))
    if top:
        figure.update_yaxes(range=[0, top])
    return figure


def triangle(say: Words, cohorts: Sequence[str], ends: Sequence[str], shares: Array, text: Any) -> go.Figure:
    """The share of each cohort that is still there at the end of each quarter; who came first is on top."""
    figure = framed(say, say("end of the quarter"), say("joined in the quarter from"), height=460)
    figure.add_heatmap(
        x=ends,
        y=cohorts,
        z=shares,
        text=text,
        hovertemplate="%{text}<extra></extra>",
        hoverongaps=False,
        colorscale="Cividis",
        zmax=1,
        xgap=1,
        ygap=1,
        colorbar={"thickness": 12, "tickformat": ".0%"},
    )
    figure.update_layout(hovermode="closest")
    figure.update_xaxes(type="category", nticks=8)
    figure.update_yaxes(type="category", autorange="reversed", nticks=10)
    return figure


def by_hour(say: Words, there: Array, needed: Array, rented: Array) -> go.Figure:
    """Devices over the hours of a mean day: those that are there, those rented for the hour, and what load needs."""
    figure = framed(say, say("hour of the day"), say("devices"))
    for name, values, colour, dash, fill in (
        (say("there"), there, BLUE, "solid", None),
        (say("of them rented by the hour"), rented, ORANGE, "dot", "tozeroy"),
        (say("needed"), needed, VERMILLION, "dash", None),
    ):
        figure.add_scatter(
            x=np.arange(25),
            y=np.append(values, values[-1]),
            name=name,
            mode="lines",
            line={"color": colour, "dash": dash, "width": 2.5, "shape": "hv"},
            fill=fill,
            fillcolor="rgba(230, 159, 0, 0.2)",
        )
    _day_axis(figure)
    figure.update_yaxes(rangemode="tozero")
    figure.update_yaxes(range=[0, 1.15 * float(there.max())])
    scaled(figure, say, "number", there)
    return figure


def waiting(say: Words, chances: Array) -> go.Figure:
    """The chance that a request has to wait, by hour of the day."""
    figure = framed(say, say("hour of the day"), say("chance of waiting"), height=260)
    figure.add_bar(x=np.arange(24) + 0.5, y=chances, marker=filled(BLUE, ""), name=say("chance of waiting"))
    _day_axis(figure)
    figure.update_yaxes(tickformat=".0%", hoverformat=".2%", range=[0, max(0.05, 1.1 * float(chances.max()))])
    figure.update_layout(bargap=0.1, showlegend=False)
    return figure


def _day_axis(figure: go.Figure) -> None:
    figure.update_xaxes(
        range=[0, 24], tickvals=list(range(0, 25, 3)), ticktext=[f"{hour}:00" for hour in range(0, 25, 3)]
    )


def latency(
    say: Words, milliseconds: Array, rates: Array, saturated: float, here: tuple[float, float] | None
) -> go.Figure:
    """The rate of a device against how long a token may take, the plan's own limit marked."""
    figure = framed(say, say("time that a token may take, ms"), say("tokens per second and device"))
    line = {"color": BLUE, "width": 2.5}
    figure.add_scatter(x=milliseconds, y=rates, mode="lines", line=line, name=say("within the limit"))
    if here:
        figure.add_scatter(
            x=[here[0]],
            y=[here[1]],
            mode="markers",
            name=say("this plan"),
            marker={"symbol": "x", "size": 13, "color": VERMILLION, "line": {"width": 1, "color": "white"}},
        )
    dotted = {"color": GREY, "dash": "dot"}
    figure.add_hline(y=saturated, line=dotted, annotation_text=say("saturated"), annotation_position="top left")
    figure.update_yaxes(range=[0, 1.15 * saturated])
    scaled(figure, say, "number", [saturated])
    return figure
