"""Figures of money and models: parts of a whole over months, what an exit pays, several courses side by side."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from itertools import count
from typing import Any

import plotly.graph_objects as go

from dashboard.parts.charts import filled, framed, money_axis
from dashboard.parts.words import Words
from profiling.results.palette import BLUE, GREY, LOOKS, VERMILLION

COLOURS = tuple(colour for colour, _ in LOOKS)
DASHES = ("solid", "dash", "dot", "dashdot", "longdash")
PATTERNS = ("", "/", ".", "x", "-", "\\", "+", "|")
# A legend of long titles would leave a phone no room for the figure.
LONGEST_NAME = 28
BILLION = 1e9

Curves = Mapping[str, Sequence[float]]
Course = tuple[Sequence[date], Sequence[float]]


def short(name: str) -> str:
    """A name that fits a legend, and that plotly shows as it stands, whoever wrote it."""
    fitting = name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1].rstrip()}…"
    return fitting.replace("&", "&amp;").replace("<", "&lt;")


def looks() -> Iterator[tuple[str, str]]:
    """Colours and dashes that go together, no pair of them twice within thirty."""
    return ((COLOURS[place % len(COLOURS)], DASHES[place % len(DASHES)]) for place in count())


def axis_of(figure: go.Figure, say: Words, kind: str) -> None:
    """The vertical axis for money, shares or counts."""
    if kind == "money":
        money_axis(figure, say)
    elif kind == "share":
        figure.update_yaxes(tickformat=".0%", hoverformat=".1%")
    else:
        figure.update_yaxes(rangemode="tozero", tickformat="~s", hoverformat=",.0f")


def several(say: Words, curves: Mapping[str, Course], y_title: str, *, kind: str = "money") -> go.Figure:
    """Several courses, each with its own months; `kind` is money, share or number."""
    figure = framed(say, say("Month"), y_title, height=340 + 14 * max(0, len(curves) - 4))
    for (name, (dates, values)), (colour, dash) in zip(curves.items(), looks(), strict=False):
        style = {"color": colour, "dash": dash, "width": 2.5}
        figure.add_scatter(x=dates, y=values, name=short(name), mode="lines", line=style)
    axis_of(figure, say, kind)
    return figure


def same_months(dates: Sequence[date], curves: Curves) -> dict[str, Course]:
    """Courses that all go through the same months."""
    return {name: (dates, values) for name, values in curves.items()}


def marked(say: Words, dates: Sequence[date], cash: Sequence[float], marks: Mapping[str, Sequence[int]]) -> go.Figure:
    """Cash by month with a sign for each kind of funding in the months in which it came."""
    figure = framed(say, say("Month"), say("cash, {currency}", currency=say.currency))
    figure.add_scatter(x=dates, y=cash, name=say("base plan"), mode="lines", line={"color": BLUE, "width": 3})
    for (name, months), (colour, _), symbol in zip(
        marks.items(), LOOKS[1:], ("triangle-up", "diamond", "square"), strict=False
    ):
        figure.add_scatter(
            x=[dates[month] for month in months],
            y=[cash[month] for month in months],
            name=name,
            mode="markers",
            marker={"symbol": symbol, "size": 13, "color": colour, "line": {"color": "white", "width": 1}},
        )
    money_axis(figure, say)
    return figure


def parts_by_month(say: Words, dates: Sequence[date], parts: Curves, y_title: str) -> go.Figure:
    """What an amount of money is made of, month by month."""
    figure = framed(say, say("Month"), y_title, height=380)
    for (name, values), colour, pattern in zip(parts.items(), COLOURS, PATTERNS, strict=False):
        figure.add_bar(x=dates, y=values, name=short(name), marker=filled(colour, pattern))
    figure.update_layout(barmode="relative", bargap=0.15)
    money_axis(figure, say)
    return figure


def _piled(figure: go.Figure, x: Sequence[Any], parts: Curves, *, steps: bool = False) -> None:
    """Areas on top of one another, each with a pattern beside its colour."""
    for place, (name, values) in enumerate(parts.items()):
        colour = COLOURS[place % len(COLOURS)]
        figure.add_scatter(
            x=x,
            y=values,
            name=short(name),
            mode="lines",
            stackgroup="parts",
            line={"color": colour, "width": 1, "shape": "hv" if steps else "linear"},
            fillcolor=colour,
            fillpattern={
                "shape": PATTERNS[place % len(PATTERNS)],
                "fillmode": "replace",
                "bgcolor": colour,
                "fgcolor": "rgba(255, 255, 255, 0.45)",
                "size": 8,
                "solidity": 0.2,
            },
        )


def ownership(say: Words, dates: Sequence[date], parts: Curves) -> go.Figure:
    """Who owns which part of the company, month by month."""
    figure = framed(say, say("Month"), say("share of all shares"), height=340 + 20 * len(parts))
    _piled(figure, dates, parts, steps=True)
    axis_of(figure, say, "share")
    figure.update_yaxes(range=[0, 1])
    return figure


def payouts(say: Words, values: Sequence[float], parts: Curves, here: float) -> go.Figure:
    """What each holder is paid, over what the company is sold for, with the price that was asked about."""
    title = say("sale price, {currency}", currency=say.currency)
    figure = framed(say, title, say("paid out, {currency}", currency=say.currency), height=400)
    _piled(figure, values, parts)
    line = {"color": GREY, "dash": "dash", "width": 2}
    figure.add_vline(x=here, line=line, annotation_text=say("this price"), annotation_position="top left")
    money_axis(figure, say)
    money_axis(figure, say, "x")
    if max(values) >= BILLION:
        # The short form of a number writes G, which nobody says of money.
        sign = {"tickprefix": "$"} if say.currency_symbol == "$" else {}
        figure.update_xaxes(tickformat="", exponentformat="B", **sign)
        figure.update_yaxes(tickformat="", exponentformat="B", **sign)
    return figure


def apart(  # noqa: PLR0917
    say: Words, dates: Sequence[date], one: tuple[str, Any], other: tuple[str, Any], y_title: str, kind: str
) -> go.Figure:
    """Two courses of the same thing and the room between them; `kind` is money, share or number."""
    figure = framed(say, say("Month"), y_title)
    (name, values), (other_name, other_values) = one, other
    style = {"color": VERMILLION, "dash": "dash", "width": 2.5}
    figure.add_scatter(x=dates, y=other_values, name=other_name, mode="lines", line=style)
    figure.add_scatter(
        x=dates,
        y=values,
        name=name,
        mode="lines",
        line={"color": BLUE, "width": 3},
        fill="tonexty",
        fillcolor="rgba(86, 180, 233, 0.25)",
    )
    axis_of(figure, say, kind)
    return figure
