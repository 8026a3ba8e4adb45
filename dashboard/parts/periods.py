"""Periods: months grouped into quarters and years, counted from the first month of the projection."""

from collections.abc import Sequence

import numpy as np

from dashboard.parts.words import Words
from simulator.answers.statements import LENGTHS, Period
from simulator.engine.dates import QUARTER, YEAR
from simulator.engine.model import Array

LABELS: dict[Period, str] = {"year": "Year", "quarter": "Quarter"}


def starts(months: int, period: Period) -> Sequence[int]:
    """Return the first month of each period; the last period may be short."""
    return range(0, months, LENGTHS[period])


def ends(months: int, period: Period) -> list[int]:
    """Return the last month of each period."""
    return [min(start + LENGTHS[period], months) - 1 for start in starts(months, period)]


def labels(months: int, period: Period, say: Words) -> list[str]:
    """Return the name of each period: 2027 or Q1 2027 where it follows the calendar, else the month it ends in."""
    return labels_of(starts(months, period), period, say)


def labels_of(begins: Sequence[int], period: Period, say: Words) -> list[str]:
    """Return the name of each period that begins in one of these months; the first may be short."""
    names = []
    ends_before = [*begins[1:], begins[-1] + LENGTHS[period]]
    for start, next_start in zip(begins, ends_before, strict=True):
        year, month = divmod(say.start.month - 1 + start, YEAR)
        end, is_whole = say.month_number(next_start - 1), next_start - start == LENGTHS[period]
        if period == "year":
            names.append(say("year to {end}", end=end) if month or not is_whole else str(say.start.year + year))
        elif month % QUARTER or not is_whole:
            names.append(say("quarter to {end}", end=end))
        else:
            names.append(say("Q{number} {year}", number=str(month // QUARTER + 1), year=str(say.start.year + year)))
    return names


def summed(values: Array, period: Period) -> Array:
    """Sum a flow by period; months are the first axis."""
    return np.asarray(np.add.reduceat(values, starts(len(values), period), axis=0))


def axis(say: Words, period: Period) -> str:
    """Return the title of an axis of periods."""
    return say(LABELS[period])
