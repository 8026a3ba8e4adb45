"""Ages: whole periods, sums over all months by the weight of their age, and customers who stay to an age."""

from __future__ import annotations

from typing import Any

import numpy as np

from simulator.engine.formula import Operation, Symbol, symbol

# With fewer trials, searching for ages of zero weight takes longer than summing them.
MANY_TRIALS = 500


def is_multiple(months: Any, period: Any) -> Any:
    """Return whether a number of months is a multiple of a period in whole months.

    A remainder has no operation in formulas, but rounding the quotient of a multiple down changes nothing.
    """
    return months == period * np.floor(months / period)


def over_ages(past_amounts: Any, past_weights: Any) -> Any:
    """Return the sum over all months so far of an amount times the weight for its age; the newest has age 0.

    `past_weights` is a line whose value in month t is the weight at age t, so one of the two is read in reverse.
    The last axis of both is the month. With symbols the result is `np.vecdot`, which is SUMPRODUCT in Excel.
    """
    weights = past_weights[..., ::-1]
    if isinstance(past_amounts, Symbol):
        return np.vecdot(past_amounts, weights)
    if past_amounts.size >= MANY_TRIALS * weights.size:
        # Many weights are zero beyond a contract's term or an asset's life, so older months need not be read.
        weighty = np.flatnonzero(weights.any(axis=tuple(range(weights.ndim - 1))))
        kept = slice(weighty[0], weighty[-1] + 1) if len(weighty) else slice(0)
        past_amounts, weights = past_amounts[..., kept], weights[..., kept]
    # Trials are contiguous in memory and months are not; einsum iterates in that order, vecdot does not.
    return np.einsum("...m,...m->...", past_amounts, weights)


def over_cohorts(past_cohorts: Any, past_weights: Any, stay_index: Any, opened: Any) -> Any:
    """Return what is left of all cohorts by the weight of their age, and of those from before the scenario (`opened`).

    The stay index applies to all of them.
    """
    return stay_index * (over_ages(past_cohorts, past_weights) + opened)


def staying(churn: Any, spread: Any, age: Any, months: Any) -> Any:
    """Return the share of customers of this age in months who stay for a whole number of `months` more.

    They leave by the shifted-beta-geometric model of `lines.market.retention`, in which customers of age t stay another
    month with probability 1 - churn / (1 + spread * t).
    """
    if isinstance(months, Symbol):
        return Operation("staying", tuple(map(symbol, (churn, spread, age, months))))
    if not np.any(spread):
        return (1 - churn) ** months
    left: Any = 1.0
    for passed in range(int(np.max(months, initial=0))):
        left = left * np.where(passed < months, 1 - churn / (1 + spread * (age + passed)), 1)
    return left
