"""Figures of results: cash with its band, the chance of running out, evidence, sensitivity, price maps, what-ifs."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import plotly.graph_objects as go

from dashboard.parts.charts import EVIDENCE_LOOKS, Kind, across, filled, framed, here, line, money_axis, scaled, shades
from dashboard.parts.frame.axes import short
from dashboard.parts.words import Words
from profiling.results.drawn.drawing import as_it_stands
from profiling.results.drawn.palette import BLUE, GREY, VERMILLION

BAND = "rgba(86, 180, 233, 0.30)"
# Narrower parts of the evidence bar have no room for their name.
NAMED_FROM = 0.15
# A longer name of a bar is broken, and its axis has this many labels, so that a phone has room for the bars.
LONGEST_ROW, FEW_TICKS = 24, 3


def band(say: Words, dates: Sequence[date], series: Any, y_title: str, floor: float) -> go.Figure:
    """Return the base case, the median trial, the 90% interval of the trials, and the cash floor."""
    figure = framed(say("Month"), y_title)
    edge = {"mode": "lines", "line": {"width": 0}}
    figure.add_scatter(x=dates, y=series.p95, name=say("P95"), showlegend=False, **edge)
    lower = {"name": say("90% interval"), "hovertemplate": f"{say('P5')} : %{{y}}<extra></extra>"}
    figure.add_scatter(x=dates, y=series.p05, fill="tonexty", fillcolor=BAND, **lower, **edge)
    line(figure, dates, series.p50, say("median trial"), VERMILLION, dash="dash", width=2)
    line(figure, dates, series.base, say("base case"), BLUE, width=3)
    across(figure, floor, say("cash floor"), below=series.base[-1] >= floor)  # where cash does not end
    money_axis(figure, say)
    return figure


def chance(say: Words, dates: Sequence[date], shares: Sequence[float]) -> go.Figure:
    """Return a cumulative probability by month."""
    figure = framed(say("Month"), say("share of trials"), height=260)
    look: dict[str, Any] = {"shape": "hv", "fill": "tozeroy", "fillcolor": "rgba(213, 94, 0, 0.15)"}
    line(figure, dates, shares, say("out of cash by this month"), VERMILLION, **look)
    figure.update_yaxes(tickformat=".0%", rangemode="tozero", range=[0, max(0.1, 1.1 * max(shares))])
    return figure


def evidence(say: Words, shares: Mapping[str, Mapping[str, float]]) -> go.Figure:
    """Return a bar for each title, divided by kind of evidence, from the strongest to the weakest."""
    figure = framed("", "", height=70 + 50 * len(shares))
    for name, look in EVIDENCE_LOOKS.items():
        parts = [by_kind[name] for by_kind in shares.values()]
        figure.add_bar(
            x=parts,
            y=list(shares),
            orientation="h",
            marker=filled(*look),
            name=say(name),
            text=[f"{say(name)} {say.share(share)}" if share >= NAMED_FROM else "" for share in parts],
            insidetextanchor="middle",
            textangle=0,
            hovertemplate=[f"{say.valued(say(name), say.share(share))}<extra></extra>" for share in parts],
        )
    figure.update_layout(barmode="stack", hovermode="closest", bargap=0.15, margin={"t": 8})
    figure.update_xaxes(tickformat=".0%", range=[0, 1])
    figure.update_yaxes(autorange="reversed")
    return figure


def tornado(
    say: Words, low: Mapping[str, float], high: Mapping[str, float], base: float, *, x_title: str, unit: str
) -> go.Figure:
    """Return one bar an assumption, from the outcome in a unit at its low end to the outcome at its high end."""
    figure = framed(x_title, "", height=90 + 34 * len(low))
    for name, ends, colour, pattern in (
        (say("at its low end"), low, VERMILLION, "/"),
        (say("at its high end"), high, BLUE, ""),
    ):
        figure.add_bar(
            x=[end - base for end in ends.values()],
            y=["<br>".join(map(as_it_stands, textwrap.wrap(name, LONGEST_ROW))) for name in ends],
            base=base,
            orientation="h",
            name=name,
            marker=filled(colour, pattern),
            customdata=[say.quantity(end, unit) for end in ends.values()],
            hovertemplate="%{customdata}",
        )
    figure.add_vline(x=base, line={"color": GREY, "dash": "dot"})
    figure.update_layout(barmode="overlay", hovermode="y unified")
    figure.update_yaxes(autorange="reversed")
    along(figure, say, unit)
    return figure


def along(figure: go.Figure, say: Words, unit: str) -> None:
    """Format the x axis for values in a unit, with few enough labels that they stand upright on a phone."""
    figure.update_xaxes(nticks=FEW_TICKS, tickangle=0)
    if unit == say.currency:
        money_axis(figure, say, axis="x")
    elif unit == "share":
        figure.update_xaxes(tickformat=".0%")


def heatmap(
    say: Words, titles: tuple[str, str], axes: tuple[Any, Any], z: Any, *, text: Any, tickformat: str, point: Any
) -> go.Figure:
    """Return an outcome over two assumptions, with the scenario's own point marked; x comes before y."""
    figure = framed(*titles, height=420)
    money = tickformat == "~s"
    shades(figure, *axes, z, text, tickformat=f"${tickformat}" if money else tickformat)
    if money:
        figure.update_traces(colorbar_labelalias=short(say, [z], money=True))
    here(figure, say, point, colour="white", edge="black")
    return figure


def apart(
    say: Words, dates: Sequence[date], one: tuple[str, Any], other: tuple[str, Any], *, y_title: str, kind: Kind
) -> go.Figure:
    """Return two named courses of one quantity, with the area between them shaded."""
    figure = framed(say("Month"), y_title)
    (name, values), (other_name, other_values) = one, other
    line(figure, dates, other_values, other_name, VERMILLION, dash="dash")
    line(figure, dates, values, name, BLUE, width=3, fill="tonexty", fillcolor="rgba(86, 180, 233, 0.25)")
    scaled(figure, say, kind, [*values, *other_values])
    return figure
