"""When a case was repeated often enough, and how often an interval that stopped its own repeats covers the truth."""

from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import stdtrit

from profiling.measure import stopping
from profiling.results import intervals
from profiling.results.record import COUNTED, LATE, SURE, CaseResult, Estimate
from profiling.workload.workload import Effort

EFFORT = Effort(5, 1, 0.5, 8, 1.0, half_width_percent=10, case_seconds=60.0)
EXPERIMENTS, MOST_RUNS = 8_000, 100


def a_case(half: float, value: float = 100.0, metric: str = "requests_per_second", **extra: Any) -> CaseResult:
    """Return a classifying case whose figure is known to `half` either way."""
    estimate = Estimate(value, max(0.0, value - half), value + half, 0.95, "request/s", 6)
    return CaseResult("classify", {"batch": 1}, "ok", None, {metric: estimate}, {}, None, None, {}, extra)


@pytest.mark.parametrize(
    ("half", "seconds", "percent", "why"),
    [
        (9.9, 20.0, 10, SURE),
        (9.9, 90.0, 10, SURE),
        (10.1, 20.0, 10, None),
        (10.1, 90.0, 10, LATE),
        (10.1, 20.0, 15, SURE),
        (90.0, 20.0, 0, COUNTED),
    ],
)
def test_repeats_end_when_the_interval_is_narrow_or_the_time_is_up(
    half: float, seconds: float, percent: int, why: str | None
) -> None:
    """To the percentage that is asked for; without one, as many as are asked for are enough."""
    effort = replace(EFFORT, half_width_percent=percent)
    assert stopping.reason(a_case(half), effort, seconds) == why
    assert (stopping.further(a_case(half), effort, seconds, runs=6) == 0) == (why is not None)


def test_a_case_without_figures_is_not_repeated() -> None:
    """Nothing would become narrower."""
    unsteady = replace(a_case(50.0), status="no_steady_state", metrics={})
    assert stopping.further(unsteady, EFFORT, 20.0, runs=5) == 0


def test_half_the_width_takes_four_times_the_runs() -> None:
    """Six runs know the figure to 20 %: for 10 %, another 18 are expected."""
    assert stopping.further(a_case(20.0), replace(EFFORT, case_seconds=1e4), 20.0, runs=6) == 18


@given(half=st.floats(10.01, 1e3), seconds=st.floats(0.1, 59.9), runs=st.integers(5, 50))
def test_no_more_repeats_are_expected_than_the_time_allows(half: float, seconds: float, runs: int) -> None:
    """At the pace of those before, and the one that ends it."""
    found = stopping.further(a_case(half), EFFORT, seconds, runs)
    assert 1 <= found <= max(1, 1 + (EFFORT.case_seconds - seconds) / (seconds / runs))


def test_of_a_share_the_half_width_itself_counts() -> None:
    """An accuracy of 4 % plus or minus 2 points is sure enough, though it is half of the value."""
    assert stopping.half_width(a_case(0.02, 0.04, "top1_agreement")) == pytest.approx(0.02)


@pytest.mark.parametrize(
    ("case", "words"),
    [
        (a_case(60.0), "requests_per_second is known to 60% only"),
        (a_case(5.0, taken_share=0.8), "other processes took 80% of the cores"),
    ],
)
def test_a_figure_that_says_little_reaches_no_plan(case: CaseResult, words: str) -> None:
    """The case keeps it for readers, and says what to do."""
    found = stopping.judged(case, EFFORT, 90.0)
    assert (found.status, found.ok, found.metrics) == ("too_noisy", False, case.metrics)
    assert words in (found.why or "")


def test_a_quiet_case_says_why_it_stopped() -> None:
    """Beside its figures."""
    found = stopping.judged(a_case(5.0, taken_share=0.1), EFFORT, 20.0)
    assert (found.status, found.extra["stopped"]) == ("ok", "sure enough")


def test_the_interval_after_stopping_is_students_at_a_higher_level() -> None:
    """Five runs with a standard error of 1: 3.13 either way and not 2.78, cut off where the quantity ends."""
    students = float(stdtrit(4, 0.975))
    found = intervals.after_stopping(Estimate(9.0, 9 - students, 9 + students, 0.95, "s", 5), 0.0, 12.0)
    assert (found.low, found.high, found.level) == (pytest.approx(9 - float(stdtrit(4, 0.9825))), 12.0, 0.95)


def coverage(
    runs: np.ndarray, most: int = MOST_RUNS, factor: Callable[[int], float] = intervals.after_stopping_factor
) -> tuple[float, float]:
    """Return how often the interval at the end of the repeats holds the mean of 1, and their mean number.

    `runs` has shape (experiments, MOST_RUNS); after `most` of them the time is up. `factor` widens Student's interval.
    """
    count = np.arange(2, most + 1)
    means = np.cumsum(runs[:, :most], axis=1)[:, 1:] / count
    squares = np.cumsum(runs[:, :most] ** 2, axis=1)[:, 1:] - count * means**2
    errors = np.sqrt(squares / (count - 1) / count)
    half = errors * stdtrit(count - 1, 0.975) * np.array([factor(int(number)) for number in count])
    enough = (half <= 0.10 * means) & (count >= EFFORT.repeats)
    enough[:, -1] = True
    at = np.arange(len(runs)), enough.argmax(axis=1)
    return float(np.mean(np.abs(means[at] - 1) <= half[at])), float(count[at[1]].mean())


def lognormal(draw: np.random.Generator, spread: float, shape: tuple[int, ...]) -> np.ndarray:
    """Return skewed draws with a mean of 1 and that coefficient of variation."""
    sigma = np.sqrt(np.log1p(spread**2))
    return draw.lognormal(-(sigma**2) / 2, sigma, shape)


def normal(draw: np.random.Generator, spread: float, shape: tuple[int, ...]) -> np.ndarray:
    """Return draws with a mean of 1 and that standard deviation."""
    return draw.normal(1.0, spread, shape)


def hierarchical(draw: np.random.Generator, spread: float, shape: tuple[int, ...]) -> np.ndarray:
    """Return means of 20 skewed steps, each like the one before it, in processes that differ by `spread`."""
    steps = np.empty((*shape, 20), np.float32)
    steps[..., 0] = draw.standard_normal(shape)
    for step in range(1, 20):
        steps[..., step] = 0.8 * steps[..., step - 1] + 0.6 * draw.standard_normal(shape)
    within = np.exp(0.2 * steps - 0.2**2 / 2).mean(axis=-1)
    return lognormal(draw, spread, shape) * within


@lru_cache(maxsize=1)  # for both limits on the time, one after the other
def drawn(made: Any, spread: float) -> np.ndarray:
    """Return the runs of a quarter of the experiments."""
    return made(np.random.default_rng(5), spread, (EXPERIMENTS // 4, MOST_RUNS))


@pytest.mark.parametrize("most", [12, MOST_RUNS], ids=["the time is soon up", "there is time"])
@pytest.mark.parametrize("spread", [0.01, 0.05, 0.1, 0.15, 0.2, 0.3])
@pytest.mark.parametrize("made", [normal, lognormal, hierarchical])
def test_an_interval_that_ends_its_own_repeats_covers_as_often_as_it_says(made: Any, spread: float, most: int) -> None:
    """At least 93 % of experiments at a level of 95 %, whatever differs between the runs and within them."""
    assert coverage(drawn(made, spread), most)[0] >= 0.93


def test_quiet_runs_stop_at_five_and_noisy_ones_go_on() -> None:
    """A spread of 1 % needs no sixth run; one of 20 % needs some 19 for a tenth."""
    quiet, noisy = (normal(np.random.default_rng(6), spread, (2_000, MOST_RUNS)) for spread in (0.01, 0.2))
    assert coverage(quiet)[1] == 5
    assert coverage(noisy)[1] == pytest.approx(19, abs=2)


def test_students_own_interval_would_not_cover_as_often_as_it_says() -> None:
    """What the higher quantile is for: a 95 % interval that covers less than 92.5 % of experiments without it."""
    runs = lognormal(np.random.default_rng(5), 0.2, (EXPERIMENTS, MOST_RUNS))
    assert coverage(runs, factor=lambda _runs: 1.0)[0] < 0.925
