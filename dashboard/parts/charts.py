"""Figures in general forms: curves, stacked areas, bars. The special figures are in the modules beside this one.

Colours are those of Okabe and Ito, which colour-blind readers can tell apart; a dash or a pattern repeats the
distinction. The page's theme paints text and background, so that figures read well in light and dark mode.
"""

from __future__ import annotations

import math
import textwrap
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Literal
from unicodedata import east_asian_width

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from dashboard.parts.frame import axes
from dashboard.parts.plot import plot
from dashboard.parts.words import Words, escape, punctuated
from profiling.results.drawn.drawing import as_it_stands
from profiling.results.drawn.palette import BLUE, GREEN, GREY, LOOKS, ORANGE, VERMILLION

Kind = Literal["money", "share", "number"]

# Evidence from the strongest to the weakest, with its colour and pattern.
EVIDENCE_LOOKS = {
    "measured": (GREEN, ""),
    "calibrated": (BLUE, "/"),
    "published": (ORANGE, "."),
    "assumed": (GREY, "x"),
}
PATTERNS = ("", "/", ".", "x", "-", "|")
HEIGHT = 340
# A legend wraps on a phone; each series beyond the third takes about this many pixels from the plot.
LEGEND_ROW_PIXELS = 20
# A legend of long titles would leave a phone no room for the figure.
LONGEST_NAME = 28
# Letters that fit side by side below the axis of a phone.
TICK_LETTERS = 50
# A longer name of a period is broken, so that the names of five years fit side by side on a phone.
LONGEST_TICK = 10
# Cents matter below this amount.
EVERY_CENT = 1000
# Values that differ by more than this factor are unreadable on a linear scale.
WIDE = 30
# Below this, plotly's short form of a number would print "500m" for a half.
SMALL = 10


def show(figure: go.Figure, sentence: str, key: str) -> None:
    """Draw a figure with a sentence below it that says what it shows; screen readers get the same sentence."""
    axes.by_month(figure)
    plot.draw(figure, punctuated(sentence), axes.config(), key)
    st.markdown(escape(sentence))


def framed(x_title: str, y_title: str, height: int = HEIGHT) -> go.Figure:
    """Return an empty figure with named axes; plotly takes a layout in one piece six times as fast as in three."""
    return go.Figure(
        layout={
            "height": height,
            "margin": {"l": 8, "r": 8, "t": 36, "b": 8},
            "legend": {"orientation": "h", "yanchor": "bottom", "y": 1.0, "xanchor": "left", "x": 0},
            "hovermode": "x unified",
            "dragmode": False,
            "xaxis": {"title": {"text": x_title}, "automargin": True},
            "yaxis": {"title": {"text": y_title}, "automargin": True},
        }
    )


def look(position: int) -> tuple[str, str, str]:
    """Return colour, dash and pattern of a series; from the seventh on a colour comes with another dash."""
    colour, _ = LOOKS[position % len(LOOKS)]
    turn = position + position // len(LOOKS)
    return colour, LOOKS[turn % len(LOOKS)][1], PATTERNS[turn % len(PATTERNS)]


def filled(colour: str, pattern: str) -> dict[str, Any]:
    """Return the style of a bar: a colour, and a pattern of fine light lines as the second cue."""
    lines = {"fgcolor": "rgba(255, 255, 255, 0.45)", "size": 7, "solidity": 0.25}
    return {"color": colour, "pattern": {"shape": pattern, "fillmode": "replace", "bgcolor": colour, **lines}}


def here(
    figure: go.Figure, say: Words, point: tuple[float, float], colour: str = VERMILLION, edge: str = "white"
) -> None:
    """Mark the point at which the scenario stands."""
    marker = {"symbol": "x", "size": 13, "color": colour, "line": {"width": 1.5, "color": edge}}
    look = {"mode": "markers", "marker": marker, "showlegend": True, "hoverinfo": "skip"}
    figure.add_scatter(x=[point[0]], y=[point[1]], name=say("this scenario"), **look)


def line(
    figure: go.Figure, x: Any, y: Any, name: str, colour: str, *, dash: str = "solid", width: float = 2.5, **more: Any
) -> None:
    """Draw a line; `more` goes to plotly's trace, and `shape` to its line."""
    style = {"color": colour, "dash": dash, "width": width, "shape": more.pop("shape", "linear")}
    figure.add_scatter(x=x, y=y, name=name, mode="lines", line=style, **more)


def across(figure: go.Figure, y: float, text: str = "", *, below: bool = False) -> None:
    """Draw a dotted line across the figure at a height; plotly's own `add_hline` takes six times as long."""
    ends = {"xref": "x domain", "x0": 0, "x1": 1, "y0": y, "y1": y}
    figure.add_shape(type="line", line={"color": GREY, "dash": "dot"}, **ends)
    if text:
        place = {"xref": "x domain", "x": 1, "xanchor": "right", "y": y, "yanchor": "top" if below else "bottom"}
        figure.add_annotation(text=text, showarrow=False, **place)


def shades(figure: go.Figure, x: Any, y: Any, z: Any, text: Any, *, tickformat: str, **more: Any) -> None:
    """Draw a heat map whose points show their text; `more` goes to plotly's trace."""
    look = {"hovertemplate": "%{text}<extra></extra>", "colorscale": "Cividis", **more}
    figure.add_heatmap(x=x, y=y, z=z, text=text, colorbar={"thickness": 12, "tickformat": tickformat}, **look)
    figure.update_layout(hovermode="closest")


def legend_name(name: str) -> str:
    """Shorten a name to fit a legend, and escape it, since plotly would read tags in it."""
    fitting = name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1].rstrip()}…"
    return as_it_stands(fitting)


def money_axis(figure: go.Figure, say: Words, axis: str = "y") -> None:
    """Format one axis as money: $1.2M."""
    amounts(figure, say, money=True, axis=axis)


def amounts(figure: go.Figure, say: Words, *, money: bool, axis: str) -> None:
    """Format one axis of large numbers in short: $1.2M, or 1.2M where they are no money."""
    update = figure.update_yaxes if axis == "y" else figure.update_xaxes
    # d3's own "$" stands for the currency of `axes.config`, and puts the minus before it, which a prefix would not.
    labels, sign = axes.short(say, axes.of_axis(figure, axis), money=money), "$" if money else ""
    update(tickformat=f"{sign}~s", hoverformat=f"{sign},.0f", labelalias=labels, zeroline=True)


def scaled(figure: go.Figure, say: Words, kind: Kind, values: Any) -> None:
    """Format the y axis for values of this kind and size."""
    largest = float(np.nanmax(np.abs(values), initial=0.0)) if np.size(values) else 0.0
    if kind == "share":
        figure.update_yaxes(tickformat=".0%", hoverformat=".1%", rangemode="tozero")
    elif kind == "money":
        money_axis(figure, say)
        if largest < SMALL or figure.layout.yaxis.type == "log":
            figure.update_yaxes(tickformat="$~g", hoverformat="$,.3~r")
        elif largest < EVERY_CENT:
            figure.update_yaxes(hoverformat="$,.2f")
    else:
        hover = ",.0f" if largest >= 1000 else ",.3~r"
        labels = axes.short(say, [values], money=False)
        figure.update_yaxes(tickformat="~s" if largest >= SMALL else "~g", hoverformat=hover, labelalias=labels)


def _height(series: Mapping[str, Any]) -> int:
    """Return the height of a figure whose legend may take several rows."""
    return HEIGHT + LEGEND_ROW_PIXELS * max(0, len(series) - 3)


def curves(
    say: Words,
    x: Sequence[Any] | Mapping[str, Sequence[Any]],
    series: Mapping[str, Any],
    y_title: str,
    kind: Kind,
    *,
    x_title: str = "",
    wide: bool = False,
) -> go.Figure:
    """Return a figure of several lines with gaps at NaN. `x` is common to all, by default months, or by series.

    `wide` allows a logarithmic scale if positive values differ by more than `WIDE`.
    """
    figure = framed(x_title or say("Month"), y_title, _height(series))
    for position, (name, values) in enumerate(series.items()):
        colour, dash, _ = look(position)
        line(figure, x[name] if isinstance(x, Mapping) else x, values, legend_name(name), colour, dash=dash)
    figure.update_layout(showlegend=len(series) > 1)
    values = np.concatenate([np.asarray(one, dtype=float) for one in series.values()])
    if wide and np.nanmin(values) > 0 and np.nanmax(values) > WIDE * np.nanmin(values):
        figure.update_yaxes(type="log", title_text=say("{what}, logarithmic", what=y_title), dtick=1)
    else:
        figure.update_yaxes(rangemode="tozero")
    scaled(figure, say, kind, values)
    return figure


def stacked(
    say: Words,
    x: Sequence[Any],
    series: Mapping[str, Any],
    y_title: str,
    kind: Kind = "number",
    *,
    x_title: str = "",
    steps: bool = False,
) -> go.Figure:
    """Return areas on top of one another; `steps` is for whole things, which change at once."""
    figure = framed(x_title or say("Month"), y_title, _height(series))
    for position, (name, values) in enumerate(series.items()):
        colour, dash, pattern = look(position)
        area = {"stackgroup": "all", "fillcolor": colour, "fillpattern": filled(colour, pattern)["pattern"]}
        edge = {"dash": dash, "width": 1.5, "shape": "hv" if steps else "linear"}
        line(figure, x, values, legend_name(name), colour, showlegend=True, **edge, **area)
    scaled(figure, say, kind, sum((np.asarray(values) for values in series.values()), start=np.zeros(1)))
    return figure


def _width(text: str) -> int:
    """Return the width of a text in Latin letters."""
    return sum(2 if east_asian_width(letter) in {"W", "F"} else 1 for letter in text)


def tick(name: str) -> str:
    """Return a name as a tick on lines of few letters; Chinese letters are twice as wide, so a line has one word."""
    lines = name.replace("年", "年 ").split() if "年" in name else textwrap.wrap(name, LONGEST_TICK)
    return "<br>".join(map(as_it_stands, lines))


def bars(
    say: Words,
    x: Sequence[Any],
    series: Mapping[str, Any],
    y_title: str,
    kind: Kind,
    *,
    x_title: str = "",
    mode: Literal["relative", "group"] = "relative",
    top: float | None = None,
) -> go.Figure:
    """Return bars by month, period or group: stacked, with negative values below zero, or side by side."""
    figure = framed(x_title or say("Month"), y_title, _height(series))
    if not isinstance(x[0], date):
        x = [tick(str(name)) for name in x]
    for position, (name, values) in enumerate(series.items()):
        colour, _, pattern = look(position)
        figure.add_bar(x=x, y=values, name=legend_name(name), marker=filled(colour, pattern))
    figure.update_layout(barmode=mode, bargap=0.15, showlegend=len(series) > 1)
    if not isinstance(x[0], date):
        fitting = TICK_LETTERS // max(_width(line) for name in x for line in name.split("<br>"))
        figure.update_xaxes(type="category", tickvals=x[:: math.ceil(len(x) / max(fitting, 1))], tickangle=0)
    scaled(figure, say, kind, list(series.values()))
    if top:
        figure.update_yaxes(range=[0, top])
    return figure
