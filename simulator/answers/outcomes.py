"""Outcomes: what each trial comes to, and what the trials together say, each figure with its standard error.

Trials that run out of cash go on to the last month with negative cash, as if somebody paid, so that every trial has a
margin.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulator.engine.dates import YEAR
from simulator.engine.model import Array
from simulator.engine.units import Constant
from simulator.errors import Undefined

# Whether something is true in each trial.
Flags = NDArray[np.bool_]
# The lines that outcomes are read from.
LINES = ("cash", "revenue", "gross_profit", "operating_income")


class Estimate(NamedTuple):
    """A figure estimated from trials, with its standard error."""

    value: float
    error: float


# Sums of fees are rounded by less than this, so an amount of cash that close below the floor is at the floor.
HALF_CENT = Constant(0.005, "money", "half a cent")


@dataclass(frozen=True)
class Outcomes:
    """What each trial comes to; arrays of shape (trials,).

    `broke` is the first month below the cash floor, infinite if there is none. Revenue, gross profit and operating
    income are sums over the last twelve months.
    """

    broke: Array
    end_cash: Array
    revenue: Array
    gross_profit: Array
    operating_income: Array

    @classmethod
    def of(cls, lines: Mapping[str, Array], floor: float) -> Outcomes:
        """Return the outcomes of these lines, each of shape (months, trials)."""
        broke = first_month_below(lines["cash"], floor)
        last = {name: lines[name][-YEAR:].sum(axis=0) for name in LINES}
        end = np.asarray(lines["cash"][-1])
        broke = np.where(np.isnan(broke), np.inf, broke)
        return cls(broke, end, last["revenue"], last["gross_profit"], last["operating_income"])

    def plus(self, *more: Outcomes) -> Outcomes:
        """Return these trials followed by others."""
        return Outcomes(*(np.concatenate([getattr(one, name) for one in (self, *more)]) for name in vars(self)))

    @property
    def trials(self) -> int:
        """The number of trials."""
        return len(self.broke)

    def ruin_by_month(self, months: int) -> Array:
        """Return the share of trials out of cash in or before each month, of shape (months,); NaN without trials."""
        if not self.trials:
            return np.full(months, np.nan)
        return np.asarray(np.searchsorted(np.sort(self.broke), np.arange(months), side="right") / self.trials)

    def ruin(self, before: float = np.inf) -> Estimate:
        """Return the chance of running out of cash before a month, by default within the projection."""
        return share_of(self.broke < before)

    def profit(self) -> Estimate:
        """Return the chance that operating income of the last twelve months is above zero."""
        return share_of(self.operating_income > 0)

    def margins(self, name: str) -> Array:
        """Return gross_profit or operating_income over revenue in each trial; minus infinity without revenue."""
        earning = self.revenue > 0
        return np.where(earning, getattr(self, name) / np.where(earning, self.revenue, 1), -np.inf)

    def margin(self, name: str, quantile: float) -> Estimate:
        """Return a quantile of that margin over the trials; raise Undefined if such a trial has no revenue."""
        found = quantile_of(self.margins(name), quantile)
        if not math.isfinite(found.value):
            raise Undefined("There is no revenue in the last year.")
        return found


def share_of(trials: Flags) -> Estimate:
    """Return the share of trials in which something is true; raise Undefined without trials.

    The standard error is the deviation of the Jeffreys posterior of a binomial, which is above zero even where none or
    all of the trials are counted (Brown, Cai and DasGupta, 2001).
    """
    if not len(trials):
        raise Undefined("No trials were run.")
    count, hits = len(trials), float(np.count_nonzero(trials))
    mean = (hits + 0.5) / (count + 1)
    return Estimate(hits / count, math.sqrt(mean * (1 - mean) / (count + 2)))


def quantile_of(values: Array, quantile: float) -> Estimate:
    """Return a quantile of the trials; raise Undefined without trials.

    The number of trials below it is binomial, so a quarter of the distance between the order statistics two deviations
    away is its standard error, for any distribution.
    """
    if not len(values):
        raise Undefined("No trials were run.")
    ordered, last = np.sort(values), len(values) - 1
    spread = math.sqrt(len(values) * quantile * (1 - quantile))
    low, high = (min(max(round(quantile * last + step), 0), last) for step in (-2 * spread, 2 * spread))
    place = quantile * last
    below, above = ordered[math.floor(place)], ordered[math.ceil(place)]
    value = below if below == above else below + (above - below) * (place - math.floor(place))
    wide = ordered[high] - ordered[low] if math.isfinite(ordered[low]) else 0.0
    return Estimate(float(value), float(wide) / 4)


def is_below(cash: Any, floor: Any) -> Any:
    """Return where cash has fallen below the floor by half a cent or more, for numbers and for formulas."""
    return cash < floor - HALF_CENT


def broke_in(cash: Array, floor: float) -> int | None:
    """Return the first month in which cash, of shape (months,), is below the floor; None if there is none."""
    below = is_below(cash, floor)
    return int(below.argmax()) if below.any() else None


def first_month_below(cash: Array, floor: float) -> Array:
    """Return the first month below `floor` for each column of `cash` (months, columns); NaN if there is none."""
    below = is_below(cash, floor)
    return np.where(below.any(axis=0), below.argmax(axis=0).astype(float), np.nan)
