"""Windows on the months of a line, and what reduces them to one number: the language of key figures.

A parameter of a key figure reads several months of a line by its prefix, the earliest month first. The window ends with
the month in question, or a whole window before it:

    quarter_x, half_year_x, year_x     the last 3, 6 or 12 months, or as many as there are
    prior_quarter_x, prior_year_x      the 3 or 12 months before those; empty unless all of them exist
    year_ago_x                         the value 12 months earlier, 0 if there is none
    since_year_x                       the months from 12 months earlier, or from the first one, to now
    ever_x                             every month so far

With numbers a window has shape (months,), and `ever_month` holds the numbers of the months. A figure that has no value
raises Undefined with the reason; in a workbook it is #N/A. Over trials a window has shape (months, trials), a figure
(trials,), and what has no value is NaN.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from simulator.engine.formula import Operation, Reason, Symbol, symbol
from simulator.errors import Undefined


@dataclass(frozen=True)
class Window:
    """Some months before and with a given one: `length` of them (None: all so far), `back` months ago.

    `whole` windows are empty unless all their months exist; a window that is a `point` is its only value.
    """

    length: int | None
    back: int = 0
    whole: bool = False
    point: bool = False

    def months(self, month: int) -> range:
        """Return the months of the window that belongs to a month."""
        stop = month + 1 - self.back
        first = 0 if self.length is None else stop - self.length
        if first < 0:
            return range(0) if self.whole else range(max(stop, 0))
        return range(first, stop)


WINDOWS: Mapping[str, Window] = {
    "quarter": Window(3),
    "half_year": Window(6),
    "year": Window(12),
    "prior_quarter": Window(3, 3, whole=True),
    "prior_year": Window(12, 12, whole=True),
    "year_ago": Window(1, 12, whole=True, point=True),
    "since_year": Window(13),
    "ever": Window(None),
}


def total(window: Any) -> Any:
    """Return the sum over the months of a window, 0 over none."""
    return _operation("total", window) if _is_symbol(window) else np.sum(window, axis=0)


def mean(window: Any) -> Any:
    """Return the mean over the months of a window."""
    return _operation("mean", window) if _is_symbol(window) else np.mean(window, axis=0)


def least(window: Any) -> Any:
    """Return the least value in the months of a window."""
    return _operation("least", window) if _is_symbol(window) else np.min(window, axis=0)


def first(window: Any) -> Any:
    """Return the value in the first month of a window."""
    return _operation("first", window) if _is_symbol(window) else window[0]


def first_month(months: Any, holds: Any, why: str) -> Any:
    """Return the first of the months in which a condition holds; without any, the figure is undefined."""
    if _is_symbol(months, holds):
        return _operation("first_month", months, holds, why)
    return given(np.any(holds, axis=0), np.ravel(months)[np.argmax(holds, axis=0)], why)


def last_month(months: Any, holds: Any) -> Any:
    """Return the last of the months in which a condition holds, -1 if there is none."""
    if _is_symbol(months, holds):
        return _operation("last_month", months, holds)
    return np.max(np.where(holds, months, -1), axis=0)


def over(amount: Any, base: Any, why: str) -> Any:
    """Return the amount divided by a base; unless the base is positive, the figure is undefined."""
    if _is_symbol(amount, base):
        return _operation("over", amount, base, why)
    return given(base > 0, amount / np.where(base > 0, base, np.nan), why)


def given(holds: Any, value: Any, why: str) -> Any:
    """Return the value where a condition holds; elsewhere the figure is undefined."""
    if _is_symbol(holds, value):
        return _operation("given", holds, value, why)
    if np.ndim(holds):
        return np.where(holds, value, np.nan)
    if not holds:
        raise Undefined(why)
    return value


def _is_symbol(*values: Any) -> bool:
    return any(isinstance(value, Symbol) for value in values)


def _operation(name: str, *operands: Any) -> Symbol:
    return Operation(name, tuple(Reason(one) if isinstance(one, str) else symbol(one) for one in operands))
