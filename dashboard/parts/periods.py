"""Periods: months gathered into quarters and years of the plan, counted from its first month."""

from collections.abc import Sequence

import numpy as np
import streamlit as st

from dashboard.parts.words import Words
from simulator.answers.statements import LENGTHS, Period
from simulator.engine.model import Array

LABELS: dict[Period, str] = {"quarter": "Quarter", "year": "Year"}


def chosen(say: Words, key: str) -> Period:
    """A quarter or a year, as the reader likes."""
    return st.segmented_control(
        say("By"),
        list(LABELS),
        default="year",
        required=True,
        format_func=lambda period: say(LABELS[period]),
        key=key,
        persist_state="session",
    )


def starts(months: int, period: Period) -> Sequence[int]:
    """The first month of each period; a last period may be short."""
    return range(0, months, LENGTHS[period])


def ends(months: int, period: Period) -> list[int]:
    """The last month of each period."""
    return [min(start + LENGTHS[period], months) - 1 for start in starts(months, period)]


def labels(months: int, period: Period, say: Words) -> list[str]:
    """Each period by its first month."""
    return [say.month_number(start) for start in starts(months, period)]


def summed(values: Array, period: Period) -> Array:
    """What flows, by period; months are the first axis."""
    return np.asarray(np.add.reduceat(values, starts(len(values), period), axis=0))


def axis(say: Words, period: Period) -> str:
    """What the periods along an axis are."""
    return say("year, by its first month") if period == "year" else say("quarter, by its first month")
