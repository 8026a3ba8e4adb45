"""Counts against SciPy's exact distributions."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from simulator.engine.counts import binomial, poisson
from simulator.engine.model import Array

# Largest error of a cumulative probability, for any mean, number and share.
MOST_ERROR = 4e-4
# A generator's `random()` gives multiples of 2^-53, so these are the least and the most luck.
NO_LUCK, ALL_LUCK = 0.0, 1 - 2.0**-53
# Halvings that find a probability to the last bit.
HALVINGS = 52

MEANS = (*np.geomspace(1e-6, 1e6, 49), 9.99, 10.0, 10.001, 10.5, 11.0, 12.0, 14.0)
NUMBERS = (0, 0.3, 1, 1.5, 2, 2.7, 5, 10, 20.5, 39, 41, 60, 100, 300.7, 1000, 12345.6, 1e6)
SHARES = (0, 1e-6, 1e-4, 0.001, 0.01, 0.05, 0.1, 0.3, 0.49, 0.5, 0.51, 0.7, 0.9, 0.95, 0.999, 1 - 1e-6, 1)

lucks = st.floats(NO_LUCK, ALL_LUCK)
means = st.floats(0, 1e6) | st.floats(0, 20)
numbers = st.floats(0, 1e6) | st.floats(0, 200) | st.integers(0, 50)
shares = st.floats(0, 1) | st.sampled_from(SHARES)


def implied(counted: Callable[[Array], Array], most: Array) -> Array:
    """Return the share of luck whose count is at most each of `most`: the cumulative probability that is implied."""
    low, high = np.zeros(len(most)), np.ones(len(most))
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        within = counted(middle) <= most
        low, high = np.where(within, middle, low), np.where(within, high, middle)
    return low


def places(mean: float, deviation: float) -> Array:
    """Return the counts that matter around a mean, at most some two hundred of them."""
    low, high = max(np.floor(mean - 6 * deviation - 3), 0), np.ceil(mean + 6 * deviation + 9)
    return np.unique(np.round(np.linspace(low, high, int(min(high - low + 1, 200)))))


def by_poisson(mean: float) -> Callable[[Array], Array]:
    """Return the counts around one mean as a function of luck."""
    return lambda luck: poisson(np.full(luck.shape, mean), luck)


def by_binomial(number: float, share: float) -> Callable[[Array], Array]:
    """Return the hits among one number as a function of luck."""
    return lambda luck: binomial(np.full(luck.shape, float(number)), np.full(luck.shape, float(share)), luck)


def exact_binomial(number: float, share: float, most: Array) -> Array:
    """Return the cumulative probability of hits among the whole number, and of one more customer hit in part."""
    whole = np.floor(number)
    extra, hits = (number - whole) * share, stats.binom(whole, share)
    return np.asarray((1 - extra) * hits.cdf(most) + extra * hits.cdf(most - 1))


def moments(counted: Callable[[Array], Array], most: Array) -> tuple[float, float]:
    """Return mean and variance over all luck of counts, none of which lies beyond `most`."""
    chances = np.diff(implied(counted, most), prepend=0)
    mean = float(chances @ most)
    return mean, float(chances @ (most - mean) ** 2)


def test_poisson_has_the_exact_probabilities():
    """No cumulative probability is off by more than the bound, for means from a millionth to a million."""
    errors = []
    for mean in MEANS:
        most = places(mean, np.sqrt(mean))
        errors.append(np.abs(implied(by_poisson(mean), most) - stats.poisson(mean).cdf(most)).max())
    assert max(errors) < MOST_ERROR


def test_many_counts_are_those_of_the_same_in_parts():
    """Counts of 20,000 trials of two plans are bit for bit those of a hundred trials at a time, and SciPy's."""
    random = np.random.default_rng(7)
    mean, luck, share = random.gamma(2.0, 2.0, (1, 2, 20_000)), random.random((1, 2, 20_000)), 0.07
    number = np.floor(mean * 9)
    parts = [slice(first, first + 100) for first in range(0, 20_000, 100)]
    for counted, expected in (
        (lambda some: poisson(mean[..., some], luck[..., some]), stats.poisson(mean).ppf(luck)),
        (lambda some: binomial(number[..., some], share, luck[..., some]), stats.binom(number, share).ppf(luck)),
    ):
        together = counted(slice(None))
        assert (together == np.concatenate([counted(part) for part in parts], axis=2)).all()
        assert np.isclose(together, expected).mean() > 0.999


def test_binomial_has_the_exact_probabilities():
    """No cumulative probability is off by more than the bound, for whole and fractional numbers."""
    errors = []
    for number in NUMBERS:
        for share in SHARES:
            most = places(number * share, np.sqrt(number * share * (1 - share)))
            found = implied(by_binomial(number, share), most)
            errors.append(np.abs(found - exact_binomial(number, share, most)).max())
    assert max(errors) < MOST_ERROR


@pytest.mark.parametrize("mean", [0.01, 0.6, 3, 9.99, 10.001, 13, 60, 2000])
def test_poisson_keeps_mean_and_variance(mean: float):
    """Both are the mean that was asked for: within a hundred-thousandth of a deviation, and a five-thousandth."""
    found, variance = moments(by_poisson(mean), np.arange(np.ceil(mean + 9 * np.sqrt(mean) + 20)))
    assert found == pytest.approx(mean, abs=1e-5 * np.sqrt(mean))
    assert variance == pytest.approx(mean, rel=2e-4)


@pytest.mark.parametrize(
    ("number", "share"), [(1, 0.02), (1.5, 0.3), (20.5, 0.6), (41, 0.5), (300.7, 0.05), (5000, 0.9)]
)
def test_binomial_keeps_mean_and_variance(number: float, share: float):
    """A part of a customer is one more, who is hit with that part of the probability."""
    part = (number % 1) * share
    variance = np.floor(number) * share * (1 - share) + part * (1 - part)
    found, spread = moments(by_binomial(number, share), np.arange(np.floor(number) + 2))
    assert found == pytest.approx(number * share, abs=1e-5 * np.sqrt(variance))
    assert spread == pytest.approx(variance, rel=2e-4)


@given(means, lucks, lucks)
def test_more_luck_gives_no_smaller_poisson_count(mean: float, one: float, other: float):
    """A count is whole, finite and never negative, and rises with luck."""
    low, high = by_poisson(mean)(np.array(sorted((one, other))))
    assert 0 <= low <= high < mean + 12 * np.sqrt(mean) + 40
    assert [low % 1, high % 1] == [0, 0]


@given(numbers, shares, lucks, lucks)
def test_more_luck_gives_no_fewer_hits(number: float, share: float, one: float, other: float):
    """Hits are whole, and never more than there are customers, a part of one counted as one."""
    low, high = by_binomial(number, share)(np.array(sorted((one, other))))
    assert 0 <= low <= high <= np.ceil(number)
    assert [low % 1, high % 1] == [0, 0]


@given(means, numbers, shares)
def test_the_least_and_the_most_luck_are_finite(mean: float, number: float, share: float):
    """Luck of 0, and the most that a generator gives, have counts; a count that has no probability is not given."""
    luck = np.array([NO_LUCK, ALL_LUCK])
    assert np.isfinite(by_poisson(mean)(luck)).all()
    assert np.isfinite(by_binomial(number, share)(luck)).all()
    assert by_binomial(number, 0)(luck).tolist() == [0, 0]
    assert by_binomial(np.floor(number), 1)(luck).tolist() == [np.floor(number)] * 2
    assert by_poisson(0)(luck).tolist() == [0, 0]


@given(st.lists(st.tuples(means, numbers, shares, lucks), min_size=2, max_size=9))
def test_a_count_does_not_depend_on_its_neighbours(rows: list[tuple[float, float, float, float]]):
    """Counts of small and large means side by side are those of each mean alone."""
    mean, number, share, luck = np.array(rows).T
    alone = [(by_poisson(m)(np.array([u]))[0], by_binomial(n, p)(np.array([u]))[0]) for m, n, p, u in rows]
    with np.errstate(all="ignore"):  # as the lines run
        together = list(zip(poisson(mean, luck), binomial(number, share, luck), strict=True))
    assert together == alone


@given(means, numbers, shares, lucks)
def test_without_luck_a_count_is_its_mean(mean: float, number: float, share: float, luck: float):
    """NaN stands for the base case, beside trials that have luck."""
    both = np.array([np.nan, luck])
    assert poisson(np.full(2, mean), both)[0] == mean
    assert binomial(np.full(2, float(number)), np.full(2, float(share)), both)[0] == number * share
    assert poisson(mean, np.nan) == mean
    assert binomial(number, share, np.nan) == number * share


def test_luck_of_many_trials_meets_one_mean():
    """A mean that is the same for all trials, and luck that is not, give a count for each trial."""
    luck = np.random.default_rng(0).random((2, 3, 50_000))
    mean = np.array([0.6, 8.0, 300.0])[None, :, None]
    found = poisson(mean, luck)
    assert found.shape == luck.shape
    assert found.mean(axis=(0, 2)) == pytest.approx(mean[0, :, 0], rel=0.02)
    hits = binomial(mean, np.full((2, 1, 1), 0.02), luck)
    assert hits.mean(axis=(0, 2)) == pytest.approx(0.02 * mean[0, :, 0], rel=0.1)
