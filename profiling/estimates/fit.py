"""The physical form, fitted: seconds = a·layers + bytes/bandwidth + FLOPs/rate, no coefficient negative.

Every predictor here has this form, whatever its terms: each is a number of things to be done, and each
coefficient what one of them takes.  Times spread by factors, not by seconds, so the fit minimises the squared
logarithms of measured over fitted; a row that is off by more than a factor e pulls no harder than one at e
(Huber's rule), since the published tables hold a few such rows and no reason to drop them.

The interval is Student's t on the logarithm, the wider by two standard errors: the fit's own, which
grows with the distance of the asked point from the fitted ones (leverage), and the root mean square of the
errors that appear when each group of rows is left out and predicted from the rest.  Under the form the first
covers as claimed, with few points too; where the form itself is a little wrong, the second shows it.  Ranks of
residuals (conformal intervals) would need no t, but at nine in ten they need nineteen groups before they can
exclude a single one, and nobody measures nineteen sizes.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import nnls
from scipy.special import stdtrit

Floats = NDArray[np.float64]

LEVEL = 0.90
# The working residual stops here: a factor e.
HUBER_LOG = 1.0
# A time that ended at 0 would make its rate endless; a hundredth says that little is known, and can be divided by.
LEAST_SHARE = 0.01
# Gauss-Newton on logarithms of nearly linear data settles within ten rounds; more would hide a cycle.
MOST_ROUNDS = 50
SETTLED = 1e-9


@dataclass(frozen=True)
class Interval:
    """A predicted value with the interval that holds a new measurement with probability `level`."""

    value: float
    low: float
    high: float
    level: float

    def times(self, factor: float) -> Interval:
        """The interval in another unit, or of so many of the same."""
        return Interval(self.value * factor, self.low * factor, self.high * factor, self.level)

    def reciprocal(self, factor: float) -> Interval:
        """`factor` over the value: a rate from a time; the bounds change places."""
        return Interval(factor / self.value, factor / self.high, factor / self.low, self.level)

    def for_one_more(self, runs: int) -> Interval:
        """Of a mean over `runs`, the interval that holds the next run: Student's t over s·√(1 + 1/n), not s/√n.

        Times are positive: the lower bound ends at LEAST_SHARE of the value.
        """
        wider = math.sqrt(runs + 1)
        low = self.value - (self.value - self.low) * wider
        high = self.value + (self.high - self.value) * wider
        return Interval(self.value, max(low, self.value * LEAST_SHARE), high, self.level)

    def plus(self, other: Interval) -> Interval:
        """The sum of two times that err in the same direction, so that bounds add: never too narrow."""
        return Interval(self.value + other.value, self.low + other.low, self.high + other.high, self.level)


@dataclass(frozen=True)
class Fit:
    """Coefficients over `terms`, with the rows they come from.

    `rows` has shape (rows, terms), `measured` and `groups` have length rows; rows of one group share what was
    not modelled (the same model at the same place), so that they are left out together.
    """

    terms: tuple[str, ...]
    rows: Floats
    measured: Floats
    groups: tuple[Hashable, ...]

    @cached_property
    def coefficients(self) -> Floats:
        """What one of each term takes; shape (terms,)."""
        return coefficients(self.rows, self.measured)

    @cached_property
    def left_out(self) -> Floats:
        """Logarithms of measured over predicted, each group predicted from the others; shape (rows,).

        NaN where the others do not hold a term of the group's, so that nothing could be predicted.
        """
        errors = np.full(len(self.measured), np.nan)
        for group in dict.fromkeys(self.groups):
            out = np.array([other == group for other in self.groups])
            if out.all():
                continue
            known = (self.rows[~out] > 0).any(axis=0)
            inside = out & ~(self.rows[:, ~known] > 0).any(axis=1)
            predicted = self.rows[inside] @ coefficients(self.rows[~out], self.measured[~out])
            errors[inside] = np.log(self.measured[inside] / predicted)
        return errors

    @property
    def leave_one_out_error(self) -> float:
        """The typical relative error on what was left out: e to the root mean square of the logarithms, less 1."""
        return math.expm1(self._left_out_rms)

    @property
    def degrees(self) -> int:
        """Rows less terms: what is left to judge the fit by, at least 1."""
        return max(1, len(self.measured) - self._terms_met)

    @property
    def left_out_degrees(self) -> int:
        """Groups less 1, at least 1: an error on what was left out already bears what its terms cost to find."""
        return max(1, len(set(self.groups)) - 1)

    def at(self, row: Sequence[float] | Floats) -> float:
        """The fitted value for one row of terms."""
        return float(np.asarray(row, float) @ self.coefficients)

    def interval(self, row: Sequence[float] | Floats, level: float = LEVEL) -> Interval:
        """The prediction for a new row, with its interval."""
        value = self.at(row)
        own = self._residual_rms * math.sqrt(1 + self.leverage(row))
        errors = ((self.degrees, own), (self.left_out_degrees, self._left_out_rms))
        spread = math.exp(max(float(stdtrit(degrees, (1 + level) / 2)) * error for degrees, error in errors))
        return Interval(value, value / spread, value * spread, level)

    def leverage(self, row: Sequence[float] | Floats) -> float:
        """Variance of the fitted logarithm at a row, in units of one measurement's: x·(X'X)⁻¹·x."""
        # A coefficient at its bound of 0 is as uncertain as the others, so its term stays in; the scale only
        # keeps the matrix well conditioned.
        scale = np.where((top := self.rows.max(axis=0)) > 0, top, 1.0)
        design = self.rows / scale / (self.rows @ self.coefficients)[:, None]
        asked = np.asarray(row, float) / scale / self.at(row)
        return float(asked @ np.linalg.pinv(design.T @ design, hermitian=True) @ asked)

    @cached_property
    def _residual_rms(self) -> float:
        residuals = np.log(self.measured / (self.rows @ self.coefficients))
        return math.sqrt(float(residuals @ residuals) / self.degrees)

    @property
    def _terms_met(self) -> int:
        return int((self.rows > 0).any(axis=0).sum())

    @cached_property
    def _left_out_rms(self) -> float:
        return math.sqrt(float(np.nanmean(self.left_out**2)))


def coefficients(rows: Floats, measured: Floats) -> Floats:
    """Non-negative coefficients, shape (terms,), by Gauss-Newton on the logarithms; rows of shape (rows, terms).

    Each round is a non-negative least-squares problem in units of the fitted value: log(y/ŷ) is the residual,
    and a term's share of ŷ its derivative.
    """
    scale = np.where((top := rows.max(axis=0)) > 0, top, 1.0)
    scaled = rows / scale
    found, _ = nnls(scaled / measured[:, None], np.ones(len(measured)))
    for _ in range(MOST_ROUNDS):
        fitted = np.maximum(scaled @ found, np.finfo(float).tiny)
        residuals = np.clip(np.log(measured / fitted), -HUBER_LOG, HUBER_LOG)
        better, _ = nnls(scaled / fitted[:, None], 1 + residuals)
        change = np.abs(better - found).max() / max(better.max(), np.finfo(float).tiny)
        found = better
        if change < SETTLED:
            break
    return np.asarray(found / scale, float)
