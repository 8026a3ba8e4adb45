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

from simulator.answers.draws import SLICE
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


# Slices of 100 trials from which their own spread says how exact a share is. Of 20 slices it is off by a sixth.
FEWEST_SLICES = 20
# Trials with and without something, from which slices tell it: with fewer, most slices have none of them.
FEWEST_OF_EACH = 20
# Slices never claim a smaller part of the error of independent trials: each of them counts whole trials.
MOST_NARROWED = 0.25
# The part of the trials that cash at risk is about.
TAIL = 0.05
# How often a 95 % interval may miss on each side.
MISSED = 0.025
# Sums of fees are rounded by less than this, so an amount of cash that close below the floor is at the floor.
HALF_CENT = Constant(0.005, "money", "half a cent")


@dataclass(frozen=True)
class Outcomes:
    """What each trial comes to; arrays of shape (trials,).

    `broke` is the first month below the cash floor, infinite if there is none; `lowest_cash` is that of all months.
    Revenue, gross profit and operating income are sums over the last twelve months.
    """

    broke: Array
    lowest_cash: Array
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
        lowest = lines["cash"].min(axis=0)
        return cls(broke, lowest, end, last["revenue"], last["gross_profit"], last["operating_income"])

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

    def cash_at_risk(self) -> Estimate:
        """Return P5 of the lowest cash: in 5 % of the trials cash falls below it (value at risk, as cash).

        Raise Undefined with so few trials that none is expected beyond it.
        """
        if 0 < self.trials < fewest_for(TAIL):
            raise Undefined("P5 of cash takes 20 trials or more to tell.")
        return quantile_of(self.lowest_cash, TAIL)

    def cash_missing(self, floor: float) -> Estimate:
        """Return the cash missing at the start so that 95 % of the trials stay at the floor, without interest on it."""
        lowest = self.cash_at_risk()
        return Estimate(max(floor - lowest.value, 0.0), lowest.error)

    def profit(self) -> Estimate:
        """Return the chance that operating income of the last twelve months is above zero."""
        return share_of(self.operating_income > 0)

    def margins(self, name: str) -> Array:
        """Return gross_profit or operating_income over revenue in each trial; minus infinity without revenue."""
        earning = self.revenue > 0
        with np.errstate(over="ignore"):  # a revenue of almost nothing is as good as none
            return np.where(earning, getattr(self, name) / np.where(earning, self.revenue, 1), -np.inf)

    def margin(self, name: str, quantile: float) -> Estimate:
        """Return a quantile of that margin over the trials; raise Undefined if such a trial has no revenue."""
        found = quantile_of(self.margins(name), quantile)
        if not math.isfinite(found.value):
            some = "Too many trials have no revenue in the last year."
            raise Undefined(some if (self.revenue > 0).any() else "There is no revenue in the last year.")
        return found


NO_TRIALS = Outcomes(*(np.empty(0) for _ in range(6)))


def share_of(trials: Flags) -> Estimate:
    """Return the share of trials in which something is true; raise Undefined without trials.

    The standard error is the deviation of the Jeffreys posterior of a binomial, which is above zero even where none or
    all of the trials are counted (Brown, Cai and DasGupta, 2001), times what `narrowing` returns.
    """
    if not len(trials):
        raise Undefined("No trials were run.")
    count, hits = len(trials), float(np.count_nonzero(trials))
    mean = (hits + 0.5) / (count + 1)
    return Estimate(hits / count, narrowing(trials) * math.sqrt(mean * (1 - mean) / (count + 2)))


def narrowing(trials: Flags) -> float:
    """Return the error of a share of trials as a part of that of as many independent trials, as `narrowed` does.

    It is 1 with few trials on either side.
    """
    hits = int(np.count_nonzero(trials))
    return narrowed(trials.astype(float)) if min(hits, len(trials) - hits) >= FEWEST_OF_EACH else 1.0


def narrowed(values: Array) -> float:
    """Return the error of a mean over trials as a part of that of as many independent trials, from 0.25 to 1.

    Trials of a Latin hypercube are spread more evenly than independent ones (Stein, 1987). How much tells the spread of
    the mean between slices of 100 trials. It is 1, which is too wide, below 2,000 trials, or where all are alike.
    `values` are in the order of the trials' numbers.
    """
    slices, variance = len(values) // SLICE, float(values.var()) if len(values) else 0.0
    if slices < FEWEST_SLICES or not variance:
        return 1.0
    between = values[: slices * SLICE].reshape(slices, SLICE).mean(axis=1).var(ddof=1)
    return min(max(math.sqrt(between / (variance / SLICE)), MOST_NARROWED), 1.0)


def mean_of(values: Array) -> Estimate:
    """Return the mean of the trials; raise Undefined with fewer than two.

    Its standard error comes from the spread between slices of 100 trials from 2,000 trials on, else from that between
    trials, which is too wide. `values` are in the order of the trials' numbers.
    """
    if len(values) < 2:
        raise Undefined("No trials were run.")
    slices = len(values) // SLICE
    parts = values[: slices * SLICE].reshape(slices, SLICE).mean(axis=1) if slices >= FEWEST_SLICES else values
    return Estimate(float(values.mean()), float(parts.std(ddof=1)) / math.sqrt(len(parts)))


def quantile_of(values: Array, quantile: float) -> Estimate:
    """Return a quantile of the trials; raise Undefined without trials.

    A quarter of the distance between the order statistics two deviations away is its standard error, for any
    distribution.
    """
    if not len(values):
        raise Undefined("No trials were run.")
    value = _at(np.sort(values), quantile * (len(values) - 1))
    low, high = _around(values, quantile, deviations=2)
    return Estimate(value, (high - low) / 4 if math.isfinite(low) else 0.0)


def fewest_for(quantile: float) -> int:
    """Return the fewest trials of which one is expected beyond a quantile; fewer do not tell it."""
    return math.ceil(1 / min(quantile, 1 - quantile) - 1e-9)


def quantile_interval(values: Array, quantile: float) -> tuple[float | None, float | None]:
    """Return between which order statistics a quantile lies in 95 of 100 cases.

    An end is None where the trials are too few to tell it: all of them may lie on one side of the quantile.
    """
    low, high = _around(values, quantile, deviations=1.96)
    misses = (1 - quantile) ** len(values), quantile ** len(values)
    return None if misses[0] > MISSED else low, None if misses[1] > MISSED else high


def _around(values: Array, quantile: float, deviations: float) -> tuple[float, float]:
    """Return the order statistics `deviations` below and above a quantile, or the outermost ones.

    The number of independent trials below it is binomial; that of trials of a hypercube varies less, by `narrowing`.
    """
    ordered, last = np.sort(values), len(values) - 1
    spread = math.sqrt(len(values) * quantile * (1 - quantile))
    spread *= narrowing(values <= _at(ordered, quantile * last))
    low, high = (
        min(max(round(quantile * last + step), 0), last) for step in (-deviations * spread, deviations * spread)
    )
    return float(ordered[low]), float(ordered[high])


def _at(ordered: Array, place: float) -> float:
    """Return the number at a place of sorted ones, linear between two neighbours."""
    below, above = ordered[math.floor(place)], ordered[math.ceil(place)]
    is_flat = below in (above, -math.inf)
    return float(below if is_flat else below + (above - below) * (place - math.floor(place)))


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
