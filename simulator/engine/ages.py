"""Sums over ages: the amount of each month so far, times the weight for its age now."""

from __future__ import annotations

from typing import Any

import numpy as np

from simulator.engine.formula import Symbol

# With fewer trials, searching for ages of zero weight takes longer than summing them.
MANY_TRIALS = 500


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
