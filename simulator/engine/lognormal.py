"""Lognormal quantities in closed form: the mean excess over a limit, and the concentration in the top tenth.

Every function takes numbers, arrays or the symbols of a traced line.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.special import ndtr, ndtri

# The 90 % quantile of the standard normal, Φ⁻¹(0.9).
NINTH_TENTH = 1.2815515655446004
# Formulas divide by the spread, so it must stay above zero.
NARROWEST = 0.01


def excess(mean: Any, limit: Any, spread: Any) -> Any:
    """Return E[max(X − limit, 0)] for lognormal X with this mean and deviation of its logarithm, both above zero.

    The mean minus the excess is the limited expected value of actuaries (Klugman, Panjer, Willmot, Loss Models). The
    formula is Black's (1976).
    """
    distance = np.log(mean / limit) / spread
    return mean * ndtr(distance + spread / 2) - limit * ndtr(distance - spread / 2)


def share_above(mean: Any, limit: Any, spread: Any) -> Any:
    """Return P(X > limit) for lognormal X with this mean and deviation of its logarithm; a spread of 0 is a step."""
    return _above(mean, limit, spread, -1 / 2)


def part_above(mean: Any, limit: Any, spread: Any) -> Any:
    """Return E[X; X > limit] / E[X], the share of the whole that lies in draws above the limit.

    This is one minus the Lorenz curve of the lognormal at the limit (Aitchison and Brown, 1957).
    """
    return _above(mean, limit, spread, 1 / 2)


def _above(mean: Any, limit: Any, spread: Any, shift: float) -> Any:
    # The floors keep the logarithm and the quotient defined where there is nothing, or no spread.
    distance = np.log(np.maximum(mean / limit, 1e-9)) / np.maximum(spread, 1e-9)
    return np.where(spread > 0, ndtr(distance + shift * spread), np.where(mean > limit, 1, 0))


def spread_of_top_tenth(share: Any) -> Any:
    """Return the deviation of the logarithm at which the largest tenth has this share of the whole.

    The share above the 90 % quantile is Φ(spread − Φ⁻¹(0.9)), the Lorenz curve of the lognormal.
    """
    return np.maximum(ndtri(share) + NINTH_TENTH, NARROWEST)
