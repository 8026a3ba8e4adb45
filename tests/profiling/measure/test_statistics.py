"""Trends against scipy, and against what they must say of made series."""

import math

import numpy as np
import pytest

from profiling.measure import statistics

NOISE = np.random.default_rng(7).normal(1.0, 0.02, 60)


@pytest.mark.parametrize("slope", [0.0, 0.002, -0.005])
def test_the_trend_test_agrees_with_kendalls_tau(slope: float) -> None:
    """The normal approximation by M. G. Kendall (1975), written out with its continuity correction."""
    series = NOISE + slope * np.arange(60)
    score = sum(np.sign(later - sooner) for place, sooner in enumerate(series) for later in series[place + 1 :])
    deviate = max(0.0, abs(score) - 1) / math.sqrt(60 * 59 * 125 / 18)
    expected = math.erfc(deviate / math.sqrt(2))
    assert statistics.trend_p_value(series) == pytest.approx(expected, rel=0.05, abs=1e-12)


def test_ties_are_no_trend() -> None:
    """A clock too coarse to tell the steps apart shows none."""
    assert statistics.trend_p_value(np.ones(20)) == 1.0


@pytest.mark.parametrize(
    ("series", "steady"),
    [
        (NOISE, True),
        (NOISE - 0.0001 * np.arange(60), True),  # a trend too small to matter
        (NOISE - 0.01 * np.arange(60), False),  # still warming up
        (NOISE + 0.01 * np.arange(60), False),  # throttling
        (NOISE[:7], False),  # too few to tell
    ],
)
def test_a_run_is_steady_unless_its_times_drift(series: np.ndarray, steady: bool) -> None:
    """Noise is let pass; a drift of a tenth is not."""
    assert statistics.is_steady(list(series)) is steady


def test_false_alarms_are_rare() -> None:
    """Of 500 settled series, fewer than 1 in 50 are refused."""
    draw = np.random.default_rng(11)
    refused = sum(not statistics.is_steady(list(draw.normal(1, 0.2, 40))) for _ in range(500))
    assert refused < 10


def test_a_step_that_slows_with_its_cache_is_still_steady() -> None:
    """A later token is dearer in every request alike; that is no drift of the device."""
    request = 1 + 0.05 * np.arange(15)
    steps = np.concatenate([request * factor for factor in (1.0, 1.01, 0.99)])
    assert (statistics.is_steady(list(steps), rounds=3), statistics.is_steady(list(request))) == (True, False)


def test_long_series_are_judged_in_blocks() -> None:
    """A hundred thousand steps take a moment, and their drift is seen."""
    assert not statistics.is_steady(list(np.linspace(1, 2, 100_000)))


def test_settling_is_cut_off_where_it_ends() -> None:
    """Twenty slow steps before a hundred settled ones; an iid series loses no more than its noisy start."""
    settled = np.random.default_rng(5).normal(1.0, 0.02, 100)
    assert statistics.settling_rounds([*np.linspace(2.0, 1.2, 20), *settled], rounds=120) == 20
    assert statistics.settling_rounds([1.0] * 100, rounds=100) == 0


def test_the_steps_before_the_first_batch_are_cut_off_with_it() -> None:
    """A hundred and four steps are twenty batches of five, and four before them; the first nine are slow."""
    settled = np.random.default_rng(5).normal(1.0, 0.02, 95)
    assert statistics.settling_rounds([*[2.0] * 9, *settled], rounds=104) == 9


def test_at_most_half_is_cut_off() -> None:
    """What settles only at its end has not settled, which is the trend test's to say."""
    assert statistics.settling_rounds([*[3.0] * 90, *[1.0] * 10], rounds=100) <= 50


def test_requests_are_cut_off_whole() -> None:
    """Two slow requests of ten decoding steps among twelve, each step of which is dearer than the one before."""
    request = 1 + 0.05 * np.arange(10)
    noise = 1 + np.random.default_rng(6).normal(0, 0.01, 120)
    steps = np.concatenate([request * factor for factor in (2.0, 1.6, *[1.0] * 10)]) * noise
    assert statistics.settling_rounds(list(steps), rounds=12) == 2


@pytest.mark.parametrize(("between", "share"), [(0.0, 1.0), (0.5, 0.0)])
def test_the_spread_within_runs_is_told_from_that_between_them(between: float, share: float) -> None:
    """Runs that differ by their steps' noise alone have no spread of their own; runs far apart have little else."""
    draw = np.random.default_rng(8)
    found = [
        statistics.within_share([list(draw.normal(1 + draw.normal(0, between), 0.1, 200)) for _ in range(20)])
        for _ in range(20)
    ]
    assert np.median([value for value in found if value is not None]) == pytest.approx(share, abs=0.2)


def test_few_steps_tell_nothing_of_the_spread_within() -> None:
    """Ten stretches want two steps each."""
    assert statistics.within_share([[1.0] * 19, [1.1] * 19]) is None
