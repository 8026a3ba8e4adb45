"""Figures of customers and owners: cohorts, cash with its funding, ownership, and payouts of a sale."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import plotly.graph_objects as go

from dashboard.parts.charts import framed, line, money_axis, shades, stacked
from dashboard.parts.words import Words
from profiling.results.drawn.palette import BLUE, GREY, LOOKS
from simulator.engine.model import Array


def triangle(say: Words, cohorts: Sequence[str], ends: Sequence[str], shares: Array, text: Any) -> go.Figure:
    """Return the share of each cohort that is still a customer at the end of each quarter, oldest cohort on top."""
    figure = framed(say("end of the quarter"), say("joined in the quarter from"), height=460)
    shades(figure, ends, cohorts, shares, text, tickformat=".0%", hoverongaps=False, zmax=1, xgap=1, ygap=1)
    figure.update_xaxes(type="category", nticks=8)
    figure.update_yaxes(type="category", autorange="reversed", nticks=10)
    return figure


def funded(say: Words, dates: Sequence[date], cash: Sequence[float], marks: Mapping[str, Sequence[int]]) -> go.Figure:
    """Return cash by month with a marker in each month in which a kind of funding arrives."""
    figure = framed(say("Month"), say("cash, {currency}", currency=say.currency))
    line(figure, dates, cash, say("base case"), BLUE, width=3)
    for (name, months), (colour, _), symbol in zip(
        marks.items(), LOOKS[1:], ("triangle-up", "diamond", "square"), strict=False
    ):
        marker = {"symbol": symbol, "size": 13, "color": colour, "line": {"color": "white", "width": 1}}
        at, values = [dates[month] for month in months], [cash[month] for month in months]
        figure.add_scatter(x=at, y=values, name=name, mode="markers", marker=marker)
    money_axis(figure, say)
    return figure


def ownership(say: Words, dates: Sequence[date], parts: Mapping[str, Sequence[float]]) -> go.Figure:
    """Return each holder's share of the company by month."""
    figure = stacked(say, dates, parts, say("share of all shares"), "share", steps=True)
    figure.update_yaxes(range=[0, 1])
    return figure


def payouts(say: Words, prices: Sequence[float], parts: Mapping[str, Sequence[float]], price: float) -> go.Figure:
    """Return what each holder is paid over the sale price, with the chosen price marked."""
    x_title = say("sale price, {currency}", currency=say.currency)
    figure = stacked(say, prices, parts, say("paid out, {currency}", currency=say.currency), "money", x_title=x_title)
    mark = {"color": GREY, "dash": "dash", "width": 2}
    figure.add_vline(x=price, line=mark, annotation_text=say("this price"), annotation_position="top left")
    money_axis(figure, say, "x")
    return figure
