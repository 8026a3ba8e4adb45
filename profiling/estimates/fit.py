"""A fit of the physical form: seconds = a·layers + bytes/bandwidth + FLOPs/rate, with no negative coefficient.

Every estimate has this form.  Each term counts work to be done, and the coefficient is what one unit of the work
takes.  Times spread by factors and not by seconds, so the fit minimises the squared logarithms of measured over
fitted.  A row that is off by more than a factor e pulls no harder than a row at e (Huber's rule), since the published
tables hold a few such rows and no reason to drop them.

The interval is Student's t on the logarithm, with the larger of two standard errors.  The fit's own error grows with
the distance of the asked point from the fitted ones (leverage), and covers as claimed where the form is right, even
with few points.  The leave-one-out error is the root mean square when each group of rows is predicted from the rest,
and shows where the form is a little wrong.  Ranks of residuals (conformal intervals) would need no t, but at 90 % need
nineteen groups before a single one can be excluded, and nobody measures nineteen sizes.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

LEVEL = 0.90
# A residual counts up to here: a factor e.
HUBER_LOG = 1.0
# A time of 0 would make the rate infinite; a hundredth of the value says that little is known, and can be divided by.
LEAST_SHARE = 0.01
# Gauss-Newton on logarithms of nearly linear data settles within ten rounds; far more would hide a cycle.
MOST_ROUNDS = 50
SETTLED = 1e-9


@dataclass(frozen=True)
class Interval:
    """A predicted value, with bounds between which a new measurement lies with probability `level`."""

    value: float
    low: float
    high: float
    level: float

    def times(self, factor: float) -> Interval:
        """Return the interval times a factor: in another unit, or for several of the same."""
        return Interval(self.value * factor, self.low * factor, self.high * factor, self.level)

    def reciprocal(self, factor: float) -> Interval:
        """Return `factor` over the value, as a rate from a time; the bounds change places."""
        return Interval(factor / self.value, factor / self.high, factor / self.low, self.level)

    def for_one_more(self, runs: int) -> Interval:
        """Return the interval of the next run from that of a mean over `runs`: s·√(1 + 1/n) instead of s/√n.

        Times are positive, so the lower bound is at least LEAST_SHARE of the value.
        """
        wider = math.sqrt(runs + 1)
        low = self.value - (self.value - self.low) * wider
        high = self.value + (self.high - self.value) * wider
        return Interval(self.value, max(low, self.value * LEAST_SHARE), high, self.level)

    def plus(self, other: Interval) -> Interval:
        """Return the sum of two times; bounds add as if both err in one direction, which is never too narrow."""
        return Interval(self.value + other.value, self.low + other.low, self.high + other.high, self.level)


@dataclass(frozen=True)
class Fit:
    """Coefficients of `terms`, with the rows they are fitted to.

    `rows` has shape (rows, terms); `measured` and `groups` have length rows.  Rows of one group share what the form
    does not model (the same model in the same place), and are left out together.
    """

    terms: tuple[str, ...]
    rows: Floats
    measured: Floats
    groups: tuple[Hashable, ...]

    @cached_property
    def coefficients(self) -> Floats:
        """Seconds or bytes of one unit of each term; shape (terms,)."""
        return coefficients(self.rows, self.measured)

    @cached_property
    def left_out(self) -> Floats:
        """Logarithms of measured over predicted, with each group predicted from the others; shape (rows,).

        NaN where a group has a term that no other group has.
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
        """Typical relative error on left-out rows: e to the root mean square of the logarithms, less 1."""
        return math.expm1(self._left_out_rms)

    @property
    def degrees(self) -> int:
        """Degrees of freedom of the fit: rows less the terms that occur, at least 1."""
        return max(1, len(self.measured) - int((self.rows > 0).any(axis=0).sum()))

    @property
    def left_out_degrees(self) -> int:
        """Groups less 1, at least 1; the error on left-out rows already contains the cost of fitting the terms."""
        return max(1, len(set(self.groups)) - 1)

    def at(self, row: Sequence[float] | Floats) -> float:
        """Return the fitted value for one row of terms."""
        return float(np.asarray(row, float) @ self.coefficients)

    def interval(self, row: Sequence[float] | Floats, level: float = LEVEL) -> Interval:
        """Return the prediction for a new row, with its interval."""
        from scipy.special import stdtrit  # noqa: PLC0415 (scipy takes long to import, and many runs need no fit)

        value = self.at(row)
        own = self._residual_rms * math.sqrt(1 + self.leverage(row))
        errors = ((self.degrees, own), (self.left_out_degrees, self._left_out_rms))
        spread = math.exp(max(float(stdtrit(degrees, (1 + level) / 2)) * error for degrees, error in errors))
        return Interval(value, value / spread, value * spread, level)

    def leverage(self, row: Sequence[float] | Floats) -> float:
        """Return the variance of the fitted logarithm at a row, in units of one measurement's: x·(X'X)⁻¹·x."""
        # A coefficient at its bound of 0 is as uncertain as the others, so its term stays in.  The scale only
        # keeps the matrix well conditioned.
        scale = np.where((top := self.rows.max(axis=0)) > 0, top, 1.0)
        design = self.rows / scale / (self.rows @ self.coefficients)[:, None]
        asked = np.asarray(row, float) / scale / self.at(row)
        return float(asked @ np.linalg.pinv(design.T @ design, hermitian=True) @ asked)

    @cached_property
    def _residual_rms(self) -> float:
        residuals = np.log(self.measured / (self.rows @ self.coefficients))
        return math.sqrt(float(residuals @ residuals) / self.degrees)

    @cached_property
    def _left_out_rms(self) -> float:
        return math.sqrt(float(np.nanmean(self.left_out**2)))


def coefficients(rows: Floats, measured: Floats) -> Floats:
    """Return non-negative coefficients, shape (terms,), for rows of shape (rows, terms), by Gauss-Newton on logarithms.

    Each round is a non-negative least-squares problem in units of the fitted value: log(y/ŷ) is the residual,
    and a term's share of ŷ its derivative.
    """
    from scipy.optimize import nnls  # noqa: PLC0415 (takes a third of a second to import)

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
