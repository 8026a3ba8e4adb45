"""Heavy tails in closed form: what a lognormal quantity has above a limit, and how few of its owners have most of it.

Every function works on numbers, on arrays and on the symbols of a traced line.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.special import ndtr, ndtri

# The quantile of a normal that nine in ten stay below.
NINTH_TENTH = 1.2815515655446004
NARROWEST = 0.01


def excess(mean: Any, limit: Any, spread: Any) -> Any:
    """E[max(X - limit, 0)] for lognormal X with this mean and deviation of its logarithm; both above zero.

    The mean less this is the limited expected value of actuaries (Klugman, Panjer, Willmot, Loss Models); the
    formula is Black's (1976).
    """
    distance = np.log(mean / limit) / spread
    return mean * ndtr(distance + spread / 2) - limit * ndtr(distance - spread / 2)


def spread_of_top_tenth(share: Any) -> Any:
    """The deviation of the logarithm with which the largest tenth has this share of the whole."""
    return np.maximum(ndtri(share) + NINTH_TENTH, NARROWEST)
