"""Sums over ages: what happened in each month so far, times the weight that it has at its age now."""

from __future__ import annotations

from typing import Any

import numpy as np

from simulator.engine.formula import Symbol

# For fewer trials, to look for ages without weight takes longer than to add them up.
MANY_TRIALS = 500


def over_ages(past_amounts: Any, past_weights: Any) -> Any:
    """The sum over all months so far of an amount times the weight for its age; the newest has age 0.

    `past_weights` is a line whose value in month t is the weight at age t, so that the two run against each other.
    Both have the month as their last axis; as symbols they give `np.vecdot`, which Excel writes as SUMPRODUCT.
    """
    weights = past_weights[..., ::-1]
    if isinstance(past_amounts, Symbol):
        return np.vecdot(past_amounts, weights)
    if past_amounts.size >= MANY_TRIALS * weights.size:
        # Many weights end with a term or a life: what is older need not be read.
        told = np.flatnonzero(weights.any(axis=tuple(range(weights.ndim - 1))))
        kept = slice(told[0], told[-1] + 1) if len(told) else slice(0)
        past_amounts, weights = past_amounts[..., kept], weights[..., kept]
    # Months lie apart in memory, trials side by side; einsum follows that, where vecdot would not.
    return np.einsum("...m,...m->...", past_amounts, weights)
