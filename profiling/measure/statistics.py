"""Whether a run had settled, and how much of the spread between runs their own steps explain.

Intervals over repeated runs are in `results.intervals`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from profiling.workload.kinds.kind import FEWEST_STEPS

Floats = NDArray[np.float64]

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
    cut = int(np.argmin(errors))
    # The first few steps, which fill no batch, come before the batches that are cut.
    steps = len(times) % MSER_BATCH + cut * MSER_BATCH if cut else 0
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
