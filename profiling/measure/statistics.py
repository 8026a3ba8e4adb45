"""Intervals over repeated runs, and whether a run had settled.

The steps of one process resemble each other more than two processes do: a process draws its memory layout,
its clocks and its neighbours once.  So a repeat counts as one observation, whatever its number of steps, and
the interval is Student's t over repeats.  Their spread holds both the variance between runs and what is left
of the variance within, so that no model of the steps' autocorrelation is needed.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from profiling.errors import WorkloadError
from profiling.results.record import Estimate
from profiling.workload.kinds.kind import FEWEST_STEPS

Floats = NDArray[np.float64]

LEVEL = 0.95

# A trend is held against a run when chance makes one so clear in fewer than 1 in 100 ...
TREND_SIGNIFICANCE = 0.01
# ... and it carries the times this far from first to last; their mean then errs by less than half of it.
TREND_TOLERANCE = 0.10
# Longer series are averaged in blocks first: every pair of values is compared.
MOST_TREND_POINTS = 400
# MSER is judged on means of so many steps ...
MSER_BATCH = 5
# ... and with fewer means its answer hangs on single steps.
FEWEST_MSER_BATCHES = 10
# The steps of a run are cut into so many stretches to tell their own share of the spread (batch means).
STRETCHES = 10


def ratio(numerators: Sequence[float], denominators: Sequence[float], unit: str, level: float = LEVEL) -> Estimate:
    """The ratio of sums, one numerator and one denominator per repeat, with its t interval.

    The variance is the ratio estimator's, from the residuals y - r·x (W. G. Cochran, Sampling Techniques,
    3rd ed., section 6.4).  Rates, times per step and shares of a ceiling are non-negative, so the lower
    bound stops at 0.  Raises WorkloadError with fewer than two repeats, over which no interval exists.
    """
    runs = len(numerators)
    if runs < 2:
        raise WorkloadError("one repeat has no interval; measure at least two")
    above, below = np.asarray(numerators, float), np.asarray(denominators, float)
    value = float(above.sum() / below.sum())
    residuals = above - value * below
    error = math.sqrt(float(residuals @ residuals) / (runs * (runs - 1))) / float(below.mean())
    half = float(stdtrit(runs - 1, (1 + level) / 2)) * error
    return Estimate(value, min(value, max(0.0, value - half)), value + half, level, unit, runs)


def mean(
    values: Sequence[float], unit: str, least: float = -math.inf, most: float = math.inf, level: float = LEVEL
) -> Estimate:
    """The mean of one value per repeat with its t interval, cut off at what the quantity can be at all.

    Raises WorkloadError with fewer than two repeats, over which no interval exists.
    """
    runs = len(values)
    if runs < 2:
        raise WorkloadError("one repeat has no interval; measure at least two")
    value = float(np.mean(values))
    half = float(stdtrit(runs - 1, (1 + level) / 2)) * float(np.std(values, ddof=1)) / math.sqrt(runs)
    return Estimate(value, min(value, max(least, value - half)), max(value, min(most, value + half)), level, unit, runs)


def is_steady(step_seconds: Sequence[float], rounds: int = 1) -> bool:
    """Whether the times show no trend that matters: Mann-Kendall's test, and Theil-Sen's slope for its size.

    `rounds` says how often the same series was gone through: a decoding step slows as its cache grows, so
    each is compared with the same position in the other rounds.  The test takes steps for independent;
    they are not quite, which makes it refuse rather too often than too seldom.
    """
    times = _blocks(_against_own_position(np.asarray(step_seconds, float), rounds))
    if len(times) < FEWEST_STEPS:
        return False
    return trend_p_value(times) >= TREND_SIGNIFICANCE or abs(_relative_drift(times)) <= TREND_TOLERANCE


def settling_rounds(step_seconds: Sequence[float], rounds: int) -> int:
    """How many of a series' first rounds still belong to its settling, by MSER-5: at most half of them.

    The cut d is chosen that makes the standard error of what remains smallest: the least of
    sum((Y_j - mean)², j > d) / (n - d)² over means Y of five steps each (K. P. White, Simulation 69(6), 1997).
    A round is a step, or a request of many decoding steps, each of which is held against its own position.
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
    """How much of the spread between runs' means their own steps explain, from 0 to 1; None where nothing can be told.

    A run's mean varies by the variance of its batch means over their number; its autocorrelation, which reaches
    over few steps, is inside the batches.  The rest is what a whole process differs by, and no longer run helps.
    """
    stretches = [np.array_split(np.asarray(run, float), STRETCHES) for run in runs if len(run) >= 2 * STRETCHES]
    between = float(np.var([np.mean(run) for run in runs], ddof=1)) if len(runs) > 1 else 0.0
    if len(stretches) < len(runs) or between == 0:
        return None
    within = np.mean([np.var([part.mean() for part in run], ddof=1) / STRETCHES for run in stretches])
    return min(1.0, float(within) / between)


def _against_own_position(times: Floats, rounds: int) -> Floats:
    """Times divided by the median of their position, where there are positions to compare; shape (steps,)."""
    if rounds < 2:
        return times
    table = times.reshape(rounds, -1)
    return (table / np.median(table, axis=0)).ravel()


def _blocks(times: Floats) -> Floats:
    """The series, or as many block means as a comparison of all pairs can bear; shape (points,)."""
    if len(times) <= MOST_TREND_POINTS:
        return times
    return np.array([block.mean() for block in np.array_split(times, MOST_TREND_POINTS)])


def trend_p_value(series: Floats) -> float:
    """Two-sided p of Mann-Kendall's test, by its normal approximation with ties and continuity corrected.

    Source: M. G. Kendall, Rank Correlation Methods (1975).  A constant series has no trend: p = 1.
    """
    count = len(series)
    later, sooner = np.triu_indices(count, 1)[::-1]
    score = float(np.sign(series[later] - series[sooner]).sum())
    ties = np.unique(series, return_counts=True)[1]
    variance = (_pairs_term(count) - sum(_pairs_term(int(tie)) for tie in ties)) / 18
    if variance == 0:
        return 1.0
    deviate = max(0.0, abs(score) - 1) / math.sqrt(variance)
    return math.erfc(deviate / math.sqrt(2))


def _pairs_term(count: int) -> int:
    return count * (count - 1) * (2 * count + 5)


def _relative_drift(series: Floats) -> float:
    """How far the trend carries the series from end to end, as a share of its median, by Theil-Sen's slope."""
    later, sooner = np.triu_indices(len(series), 1)[::-1]
    slope = np.median((series[later] - series[sooner]) / (later - sooner))
    return float(slope * (len(series) - 1) / np.median(series))
