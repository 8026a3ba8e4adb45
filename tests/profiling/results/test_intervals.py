"""Intervals against scipy, and against what they must say of made series."""

import numpy as np
import pytest
import scipy.stats

from profiling.errors import WorkloadError
from profiling.results import intervals


def test_with_equal_denominators_the_interval_is_students() -> None:
    """The ratio estimator then is the mean, and scipy knows its interval."""
    values = [101.0, 99.0, 104.0, 98.0]
    expected = scipy.stats.t.interval(0.95, 3, np.mean(values), scipy.stats.sem(values))
    found = intervals.ratio(values, [1.0] * 4, "token/s")
    assert (found.value, found.low, found.high) == pytest.approx((np.mean(values), *expected))


def test_a_rate_is_the_ratio_of_sums() -> None:
    """10 tokens in 1 s and 10 in 3 s are 5 a second, not the mean of 10 and 3.3."""
    assert intervals.ratio([10, 10], [1, 3], "token/s").value == 5


def test_an_interval_never_reaches_below_nothing() -> None:
    """Rates and times are not negative."""
    assert intervals.ratio([1, 9, 2], [1, 1, 1], "s").low == 0


def test_equal_runs_have_an_interval_of_no_width() -> None:
    """Without spread there is no doubt left."""
    found = intervals.ratio([3, 3, 3], [1, 1, 1], "s")
    assert (found.low, found.value, found.high) == (3, 3, 3)


def test_one_run_has_no_interval() -> None:
    """It is refused rather than given a width of zero."""
    with pytest.raises(WorkloadError, match="at least two"):
        intervals.ratio([1], [1], "s")


def test_the_interval_covers_the_truth_as_often_as_it_says() -> None:
    """95 % of 2,000 made experiments with a between-run spread, within three standard errors."""
    draw = np.random.default_rng(3)
    seconds = draw.normal(1.0, 0.05, (2000, 3))
    found = [intervals.ratio([100.0] * 3, list(runs), "token/s") for runs in seconds]
    covered = np.mean([estimate.low <= 100 <= estimate.high for estimate in found])
    assert covered == pytest.approx(0.95, abs=3 * np.sqrt(0.95 * 0.05 / 2000))


@pytest.mark.parametrize(("truth", "noise"), [(0.5, 0.0), (0.5, 0.03), (0.9, 0.02)])
def test_a_share_of_right_answers_covers_what_other_examples_would_show(truth: float, noise: float) -> None:
    """The repeats ask the same 200 examples: their own spread would hide what those happen to be."""
    draw = np.random.default_rng(5)
    held_out = draw.binomial(200, truth, 2000) / 200
    repeats = np.clip(held_out[:, None] + noise * draw.normal(size=(2000, 3)), 0, 1)
    found = [intervals.share(list(runs), 200) for runs in repeats]
    covered = np.mean([one.low <= truth <= one.high for one in found])
    assert covered >= 0.94
    if noise == 0:
        assert covered <= 0.97


def test_a_share_without_spread_has_wilsons_interval() -> None:
    """As scipy has it, around the share itself: 100 of 200 are 43.1 to 56.9 %."""
    wilson = scipy.stats.binomtest(100, 200).proportion_ci(method="wilson")
    found = intervals.share([0.5, 0.5], 200)
    assert (found.low, found.high) == pytest.approx((wilson.low, wilson.high))
