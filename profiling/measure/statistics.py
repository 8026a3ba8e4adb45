"""Intervals over repeated runs, and whether a run had settled.

The steps of one process resemble each other more than two processes do, because memory layout, clocks and neighbours
are drawn once for each process. A repeat therefore counts as one observation, however many steps it has, and the
interval is Student's t over repeats. The spread of the repeats contains the variance between runs and what is left of
the variance within, so that no model of the autocorrelation between steps is needed.

Where a case is repeated until its interval is narrow, runs that agree by chance stop it early, and Student's interval
covers the truth less often than its level says (Y. S. Chow and H. Robbins, Annals of Mathematical Statistics 36
(1965), 457-462; for simulations, P. W. Glynn and W. Whitt, Annals of Applied Probability 2 (1992), 180-198). Such an
interval takes a higher quantile, `AFTER_STOPPING`, which a simulation in the tests justifies.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from profiling.errors import WorkloadError
from profiling.results.record import Estimate
from profiling.workload.kinds.kind import FEWEST_STEPS

Floats = NDArray[np.float64]

LEVEL = 0.95
# Stopping at a half-width of 10 % after five runs or more, Student's interval covers the truth in 91 to 95 % of made
# experiments with spreads of 1 to 30 %, normal or skewed. With the quantile of this level it does in 94 to 96 %.
AFTER_STOPPING = 0.965

# A run is unsteady when chance produces so clear a trend in fewer than 1 of 100 runs ...
TREND_SIGNIFICANCE = 0.01
# ... and the trend changes the times by more than this share from first to last. A smaller one moves their mean by less
# than half of it.
TREND_TOLERANCE = 0.10
# Longer series are averaged in blocks first, because both statistics compare every pair of values.
MOST_TREND_POINTS = 400
# MSER-5 works on means of five steps; with fewer than ten means its answer depends on single steps.
MSER_BATCH = 5
FEWEST_MSER_BATCHES = 10
# Batch means: the steps of a run are cut into this many stretches to estimate the variance within the run.
STRETCHES = 10


def ratio(numerators: Sequence[float], denominators: Sequence[float], unit: str, level: float = LEVEL) -> Estimate:
    """Return the ratio of sums, one numerator and one denominator per repeat, with its t interval.

    The variance is the ratio estimator's, from the residuals y - r·x (W. G. Cochran, Sampling Techniques,
    3rd ed., section 6.4).  Rates, times per step and shares of a ceiling are non-negative, so the lower
    bound stops at 0. Raise WorkloadError for fewer than two repeats, over which no interval exists.
    """
    runs = len(numerators)
    if runs < 2:
        raise WorkloadError("one repeat has no interval", todo="measure at least two")
    above, below = np.asarray(numerators, float), np.asarray(denominators, float)
    value = float(above.sum() / below.sum())
    residuals = above - value * below
    error = math.sqrt(float(residuals @ residuals) / (runs * (runs - 1))) / float(below.mean())
    half = float(stdtrit(runs - 1, (1 + level) / 2)) * error
    return Estimate(value, min(value, max(0.0, value - half)), value + half, level, unit, runs)


def mean(
    values: Sequence[float], unit: str, least: float = -math.inf, most: float = math.inf, level: float = LEVEL
) -> Estimate:
    """Return the mean of one value per repeat with its t interval, cut off at the limits of the quantity.

    Raise WorkloadError for fewer than two repeats, over which no interval exists.
    """
    runs = len(values)
    if runs < 2:
        raise WorkloadError("one repeat has no interval", todo="measure at least two")
    value = float(np.mean(values))
    half = float(stdtrit(runs - 1, (1 + level) / 2)) * float(np.std(values, ddof=1)) / math.sqrt(runs)
    return Estimate(value, min(value, max(least, value - half)), max(value, min(most, value + half)), level, unit, runs)


def after_stopping(found: Estimate, least: float = -math.inf, most: float = math.inf) -> Estimate:
    """Return the interval of a figure whose own width may have ended the repeats, cut off at the quantity's limits."""
    wider = after_stopping_factor(found.runs)
    low, high = found.value - wider * (found.value - found.low), found.value + wider * (found.high - found.value)
    return replace(found, low=min(found.value, max(least, low)), high=max(found.value, min(most, high)))


def after_stopping_factor(runs: int) -> float:
    """Return how much wider than Student's an interval is that may have ended the repeats: 1.13 for five runs."""
    return float(stdtrit(runs - 1, (1 + AFTER_STOPPING) / 2) / stdtrit(runs - 1, (1 + LEVEL) / 2))


def is_steady(step_seconds: Sequence[float], rounds: int = 1) -> bool:
    """Return whether the times show no trend that matters: Mann-Kendall's test, and Theil-Sen's slope for its size.

    `rounds` is the number of passes over the same series of steps: a decoding step slows as its cache grows, so each is
    compared with the same position in the other rounds. The test assumes independent steps; positive autocorrelation
    makes it reject steady runs too often rather than accept drifting ones.
    """
    times = _blocks(_against_own_position(np.asarray(step_seconds, float), rounds))
    if len(times) < FEWEST_STEPS:
        return False
    return trend_p_value(times) >= TREND_SIGNIFICANCE or abs(_relative_drift(times)) <= TREND_TOLERANCE


def settling_rounds(step_seconds: Sequence[float], rounds: int) -> int:
    """Return how many of a series' first rounds belong to its warm-up, by MSER-5: at most half of them.

    MSER-5 cuts where the standard error of the remainder is smallest: the least of
    sum((Y_j - mean)², j > d) / (n - d)² over cuts d and means Y of five steps each (K. P. White, Simulation
    69(6), 1997).
    A round is a step, or a request of many decoding steps, each of which is compared with its own position.
    """
    times = _against_own_position(np.asarray(step_seconds, float), rounds)
    count = len(times) // MSER_BATCH
    if count < FEWEST_MSER_BATCHES:
        return 0
    means = times[len(times) - count * MSER_BATCH :].reshape(count, MSER_BATCH).mean(1)
    errors = [float(means[cut:].var()) / (count - cut) for cut in range(count // 2 + 1)]
    steps = int(np.argmin(errors)) * MSER_BATCH
    return min(rounds // 2, math.ceil(steps * rounds / len(times)))


def within_share(runs: Sequence[Sequence[float]]) -> float | None:
    """Return the share of the variance between runs' means that their own steps explain, from 0 to 1; None if unknown.

    The mean of a run varies by the variance of its batch means over their number; autocorrelation, which spans few
    steps, stays inside the batches. The rest is the difference between whole processes, which no longer run reduces.
    """
    stretches = [np.array_split(np.asarray(run, float), STRETCHES) for run in runs if len(run) >= 2 * STRETCHES]
    between = float(np.var([np.mean(run) for run in runs], ddof=1)) if len(runs) > 1 else 0.0
    if len(stretches) < len(runs) or between == 0:
        return None
    within = np.mean([np.var([part.mean() for part in run], ddof=1) / STRETCHES for run in stretches])
    return min(1.0, float(within) / between)


def _against_own_position(times: Floats, rounds: int) -> Floats:
    """Return times divided by the median of their position, where there are several rounds; shape (steps,)."""
    if rounds < 2:
        return times
    table = times.reshape(rounds, -1)
    return (table / np.median(table, axis=0)).ravel()


def _blocks(times: Floats) -> Floats:
    """Return the series, or block means of a long one; shape (points,)."""
    if len(times) <= MOST_TREND_POINTS:
        return times
    return np.array([block.mean() for block in np.array_split(times, MOST_TREND_POINTS)])


def trend_p_value(series: Floats) -> float:
    """Return the two-sided p of Mann-Kendall's test, which is Kendall's tau of the series against time.

    A constant series has no trend: p = 1.
    """
    from scipy.stats import kendalltau  # noqa: PLC0415 (a second to import, for the measuring process alone)

    p_value = float(kendalltau(np.arange(len(series)), series).pvalue)
    return 1.0 if math.isnan(p_value) else p_value


def _relative_drift(series: Floats) -> float:
    """Return how far Theil-Sen's slope carries the series from end to end, as a share of its median."""
    from scipy.stats import theilslopes  # noqa: PLC0415 (a second to import, for the measuring process alone)

    return float(theilslopes(series).slope * (len(series) - 1) / np.median(series))
