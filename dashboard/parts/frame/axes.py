"""Axes in the reader's way: months, currency, and the short form of large numbers.

plotly writes numbers and dates in English. Its locale has a place for a currency and for the names of months; it
knows thousands and millions only in English, so each tick that an axis may have gets its text from `Words`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from datetime import date
from functools import lru_cache
from typing import Any

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from dashboard.parts.words import UNREADABLE, Words
from profiling.results.drawn.drawing import CONFIG

SESSION = "words"
# A month on an axis and beside the pointer, as d3 writes it; by language, where it is not the English way.
MONTHS = {"en": "%b %Y", "zh": "%Y年%-m月"}
DATES = {
    "zh": {
        "year": "%Y年",
        "month": MONTHS["zh"],
        "months": [f"{month}月" for month in range(1, 13)],
        "shortMonths": [f"{month}月" for month in range(1, 13)],
    }
}
# plotly steps by 1, 2 or 5 times a power of ten, and no axis has more ticks than this on one side of zero.
STEPS, MOST_TICKS = (1, 2, 5), 24
# Smaller values are written out in every language.
SHORTENED = 1000
# d3's abbreviations, as in 1.5M.
PREFIXES = ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"))
MINUS = "\N{MINUS SIGN}"


def config() -> dict[str, Any]:
    """Return plotly's configuration with the months and the currency of the session's language."""
    say = st.session_state.get(SESSION) or Words()
    name = f"{say.language}-{say.currency}"
    numbers = {"decimal": ".", "thousands": ",", "grouping": [3], "currency": [say.currency_prefix, ""]}
    texts = {"dictionary": {}, "format": {**numbers, **DATES.get(say.language, {})}}
    return {**CONFIG, "locale": name, "locales": {name: texts}}


def by_month(figure: go.Figure) -> None:
    """Write months beside the pointer where the x axis has them."""
    firsts = [one.x[0] for one in figure.data if one.x is not None and len(one.x)]
    if firsts and isinstance(firsts[0], date | np.datetime64):
        say = st.session_state.get(SESSION) or Words()
        figure.update_xaxes(hoverformat=MONTHS.get(say.language, MONTHS["en"]))


def short(say: Words, values: Iterable[Any], *, money: bool) -> dict[str, str]:
    """Return d3's text of each tick that an axis of such values may have → the reader's."""
    found = [np.asarray(one, dtype=float) for one in values if np.size(one)]
    sizes = [float(np.nanmax(np.abs(one), initial=0.0)) for one in found]
    # A tick may belong to one of the values, or to all of them stacked.
    first, last = _power(max(sizes, default=0.0)) - 1, _power(sum(sizes))
    currency = say.currency if money else ""
    known = _texts(say.language, currency, first, last)
    span = max(sizes, default=0.0) - min((float(np.nanmin(np.abs(one), initial=np.inf)) for one in found), default=0.0)
    finer = _power(span) - 1
    # An axis that begins far from zero has finer steps.
    return known if finer >= first else known | _between(say.language, currency, finer, max(sizes), span)


def _power(size: float) -> int:
    """Return the power of ten of a size, within the range of numbers that people read."""
    return math.floor(math.log10(min(max(size, 1.0), UNREADABLE)))


def _between(language: str, currency: str, first: int, most: float, span: float) -> dict[str, str]:
    """Return the texts of the ticks of an axis that goes up to `most` and begins about `span` below it."""
    steps = [one * 10.0**power for power in (first, first + 1) for one in STEPS]
    places = ((step, math.ceil(most / step) + 1) for step in steps if step * MOST_TICKS > span)
    ticks = {round(step * (last - back)) for step, last in places for back in range(MOST_TICKS + 2) if last > back}
    return _named(language, currency, ticks)


@lru_cache(maxsize=256)
def _texts(language: str, currency: str, first: int, last: int) -> dict[str, str]:
    """Return the texts of all ticks in steps between two powers of ten."""
    steps = [one * 10.0**power for power in range(first, last + 1) for one in STEPS]
    return _named(language, currency, {round(step * count) for step in steps for count in range(1, MOST_TICKS)})


def _named(language: str, currency: str, ticks: Iterable[int]) -> dict[str, str]:
    say = Words(language, currency)
    write, sign = (say.short_money, say.currency_prefix) if currency else (say.short, "")
    above = {f"{sign}{_d3(tick)}": write(tick) for tick in ticks if tick >= SHORTENED}
    return above | {f"{MINUS}{text}": f"{MINUS}{own}" for text, own in above.items()}


def of_axis(figure: go.Figure, axis: str) -> Iterator[Any]:
    """Yield the values that lie along one axis of a figure."""
    for one in figure.data:
        values = getattr(one, axis)
        if values is not None and np.size(values):
            yield np.asarray(values, dtype=float) + float(getattr(one, "base", None) or 0.0)


def _d3(value: float) -> str:
    """Return what d3's format `~s` writes."""
    for size, prefix in PREFIXES:
        if value >= size:
            return f"{value / size:.6g}{prefix}"
    return f"{value:.6g}"
