"""A fit of the physical form: seconds = a·layers + bytes/bandwidth + FLOPs/rate, with no negative coefficient.

Every estimate has this form.  Each term counts work to be done, and the coefficient is what one unit of the work
takes.  Terms of one resource add up.  Several resources (the processors, the memory, the host that launches) work at
the same time in part, and their times make the root of the sum of squares: between the sum, which is one after another,
and the largest, which is all at once.  Times spread by factors and not by seconds, so the fit minimises the squared
logarithms of measured over fitted.  A row that is off by more than a factor e pulls no harder than a row at e (Huber's
rule), since the published tables hold a few such rows and no reason to drop them.

The interval is Student's t on the logarithm, from two variances.  The fit's own grows with the distance of the asked
point from the fitted ones (leverage); of a new group it tells too little, since the fit has seen its rows.  The other
is the mean square when each group of rows is predicted from the rest; it tells too much, since those fits have seen
fewer groups.  They are weighted as in Efron's .632 estimator of the error of a prediction rule (J. Am. Stat. Assoc. 78,
1983, 316).  Ranks of residuals (conformal intervals) would need no t, but at 90 % need nineteen groups before a single
one can be excluded, and nobody measures nineteen sizes.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

LEVEL = 0.90
# A term may go this far beyond the measured ones.  Within, the leverage widens the interval as it should; beyond, other
# kernels, caches and limits set in that no measurement has seen.
REACH = 2.0
# The power of the sum over resources: 1 would be one after another, and infinity all at once; usually, half and half.
OVERLAP = 2.0
# A residual counts up to here: a factor e.
HUBER_LOG = 1.0
# Weight of the error on left-out groups, beside that of the fit's own.
LEFT_OUT_SHARE = 0.632
# A time of 0 would make the rate infinite; a hundredth of the value says that little is known, and can be divided by.
LEAST_SHARE = 0.01
# Gauss-Newton on logarithms of nearly linear data settles within ten rounds; where resources overlap it may swing, so
# that it then takes half steps.  Far more rounds would hide a cycle.
WHOLE_STEPS = 10
MOST_ROUNDS = 50
SETTLED = 1e-9
# Of the largest coefficient, from which each starts at least.
START_SHARE = 1e-6


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
class Form:
    """Terms, the resource that each occupies, and the least coefficient that physics allows each.

    Without `resources` there is one, and without `least` no bound but 0. `counts` says that the terms are parts of one
    count, so that less of one is no new ground, as it is where a smaller task takes another kernel.
    """

    terms: tuple[str, ...]
    resources: tuple[int, ...] = ()
    least: tuple[float, ...] = ()
    overlap: float = OVERLAP
    counts: bool = False


@dataclass(frozen=True)
class Fit:
    """Coefficients of a form's terms, with the rows they are fitted to.

    `rows` has shape (rows, terms); `measured` and `groups` have length rows.  Rows of one group share what the form
    does not model (the same model in the same place), and are left out together.  A left-out row is not predicted where
    a term lies beyond the others' by more than the factor `reach`.  With `balanced` a group of many rows counts as much
    as one of few, and errors of left-out rows count one by one instead of by group.
    """

    form: Form
    rows: Floats
    measured: Floats
    groups: tuple[Hashable, ...]
    reach: float = math.inf
    balanced: bool = False

    @cached_property
    def coefficients(self) -> Floats:
        """Seconds or bytes of one unit of each term; shape (terms,)."""
        return self._fitted_to(np.ones(len(self.measured), bool))

    @cached_property
    def left_out(self) -> Floats:
        """Logarithms of measured over predicted, with each group predicted from the others; shape (rows,).

        NaN where a question would be refused, as a term lies too far beyond those of the other groups.
        """
        errors = np.full(len(self.measured), np.nan)
        for group in dict.fromkeys(self.groups):
            out = np.array([other == group for other in self.groups])
            if out.all():
                continue
            inside = out & within_reach(self.rows, self.rows[~out], self.reach)
            predicted = fitted(self.rows[inside], self._fitted_to(~out), self.form)
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
        """Degrees of freedom of the error on left-out rows, which already contains the cost of fitting the terms."""
        return max(1, len(self.groups if self.balanced else set(self.groups)) - 1)

    def at(self, row: Sequence[float] | Floats) -> float:
        """Return the fitted value for one row of terms."""
        return float(fitted(np.asarray(row, float)[None], self.coefficients, self.form)[0])

    def interval(self, row: Sequence[float] | Floats, level: float = LEVEL) -> Interval:
        """Return the prediction for a new row, with its interval."""
        from scipy.special import stdtrit  # noqa: PLC0415 (scipy takes long to import, and many runs need no fit)

        value, reached = self.at(row), (1 + level) / 2
        own = float(stdtrit(self.degrees, reached)) * self._residual_rms * math.sqrt(1 + self.leverage(row))
        left_out = float(stdtrit(self.left_out_degrees, reached)) * self._left_out_rms
        spread = math.exp(math.sqrt((1 - LEFT_OUT_SHARE) * own**2 + LEFT_OUT_SHARE * left_out**2))
        return Interval(value, value / spread, value * spread, level)

    def leverage(self, row: Sequence[float] | Floats) -> float:
        """Return the variance of the fitted logarithm at a row, in units of one measurement's: x·(X'X)⁻¹·x."""
        # A coefficient at its bound is as uncertain as the others, so its term stays in.  The scale only
        # keeps the matrix well conditioned.
        scale = np.where((top := self.rows.max(axis=0)) > 0, top, 1.0)
        design = shares(self.rows, self.coefficients, self.form) / scale
        asked = shares(np.asarray(row, float)[None], self.coefficients, self.form)[0] / scale
        return float(asked @ np.linalg.pinv(design.T @ design, hermitian=True) @ asked)

    def parts(self, row: Sequence[float] | Floats) -> Floats:
        """Return the share of the value that follows each term; shape (terms,), with a sum of 1."""
        found = self.coefficients
        return np.asarray(shares(np.asarray(row, float)[None], found, self.form)[0] * found)

    def _fitted_to(self, which: NDArray[np.bool_]) -> Floats:
        """Return the coefficients of some of the rows."""
        return coefficients(self.rows[which], self.measured[which], self.form, self._weights[which])

    @cached_property
    def _weights(self) -> Floats:
        """What each row's residual counts; shape (rows,)."""
        sizes = Counter(self.groups)
        return np.array([sizes[group] ** -0.5 if self.balanced else 1.0 for group in self.groups])

    @cached_property
    def _residual_rms(self) -> float:
        residuals = np.log(self.measured / fitted(self.rows, self.coefficients, self.form))
        return math.sqrt(float(residuals @ residuals) / self.degrees)

    @cached_property
    def _left_out_rms(self) -> float:
        known = self.left_out[np.isfinite(self.left_out)]
        return math.sqrt(float(np.mean(known**2))) if len(known) else self._residual_rms


def within_reach(rows: Floats, known: Floats, reach: float) -> NDArray[np.bool_]:
    """Return, for each row, whether all of its terms are within a factor of those of known rows; shape (rows,)."""
    occurs = (known > 0).any(axis=0)
    most = np.where(occurs, known.max(axis=0), 1.0)
    least = np.where(occurs, np.where(known > 0, known, np.inf).min(axis=0), 1.0)
    far = ~occurs | (rows > reach * most) | (rows < least / reach)
    return np.asarray(~(far & (rows > 0)).any(axis=1))


def fitted(rows: Floats, found: Floats, form: Form) -> Floats:
    """Return the value of each row, shape (rows,), with coefficients `found` of shape (terms,)."""
    total: Floats = np.linalg.norm(_by_resource(rows * found, form), ord=form.overlap, axis=1)
    return np.maximum(total, np.finfo(float).tiny)


def shares(rows: Floats, found: Floats, form: Form) -> Floats:
    """Return the derivatives of the logarithms of the values with respect to the coefficients, shape (rows, terms)."""
    total = fitted(rows, found, form)[:, None]
    if not form.resources:
        return np.asarray(rows / total)
    busy = _by_resource(rows * found, form) / total
    return np.asarray(rows / total * busy[:, list(form.resources)] ** (form.overlap - 1))


def _by_resource(parts: Floats, form: Form) -> Floats:
    """Return the time of each resource; shape (rows, resources)."""
    which = np.array(form.resources or [0] * parts.shape[1])
    return np.stack([parts[:, which == one].sum(axis=1) for one in range(which.max() + 1)], axis=1)


def coefficients(rows: Floats, measured: Floats, form: Form, weights: Floats) -> Floats:
    """Return the coefficients, shape (terms,), for rows of shape (rows, terms) whose residuals count `weights`.

    The method is Gauss-Newton on logarithms.  Each round is a non-negative least-squares problem: log(y/ŷ) is the
    residual, and the derivatives are those of `shares`.
    """
    from scipy.optimize import nnls  # noqa: PLC0415 (takes a third of a second to import)

    scale = np.where((top := rows.max(axis=0)) > 0, top, 1.0)
    scaled, bound = rows / scale, np.array(form.least or [0.0] * len(scale)) * scale
    found = nnls(scaled / measured[:, None], np.ones(len(measured)))[0]
    # A resource without any time would have no derivative.
    found = np.maximum(found, np.maximum(bound, START_SHARE * found.max() if form.resources else 0.0))
    for turn in range(MOST_ROUNDS):
        residuals = np.clip(np.log(measured / fitted(scaled, found, form)), -HUBER_LOG, HUBER_LOG)
        design = shares(scaled, found, form)
        better = bound + nnls(design * weights[:, None], (design @ (found - bound) + residuals) * weights)[0]
        change = np.abs(better - found).max() / max(better.max(), np.finfo(float).tiny)
        found = better if turn < WHOLE_STEPS else (found + better) / 2
        if change < SETTLED:
            break
    return np.asarray(found / scale, float)
