"""Blocks of trials: uniform numbers of each name, the same whatever block they are drawn in; and luck for counts."""

from dataclasses import replace

import numpy as np
import pytest
from made import KINDS, lines
from scipy import stats

from simulator.answers.draws import draw, has_ranges, lucky, spread, stream
from simulator.engine.counts import poisson
from simulator.engine.model import Array, Model
from simulator.engine.quantities import Customers, Users
from simulator.errors import PlanError
from simulator.scenario.scenario import Scenario


def uneven(small: Scenario) -> Scenario:
    """Return the scenario with walks, two of which are tied to each other and to a certain value."""
    for path, literal in {
        "plans.team.price": {"walk": "90% between 300 and 500", "monthly_volatility": "5%", "half_life": 12},
        "device_price_level": {"walk": 1, "monthly_volatility": "6%"},
        "demand_level": {"walk": {"from": 1, "to": 2, "over": 9}, "monthly_volatility": "4%", "half_life": 6},
    }.items():
        small = small.with_value(path, literal)
    ties = (("demand_level", "device_price_level", -0.5), ("plans.team.price", "demand_level", 0.4))
    return replace(small, correlations=(*small.correlations, *ties, ("plans.team.price", "tax_rate", 0.3)))


@pytest.mark.parametrize(("first", "count"), [(0, 7), (0, 1), (3, 5), (17, 14), (30, 1)])
def test_a_block_of_trials_is_a_piece_of_all(small: Scenario, first: int, count: int):
    """Trials `first` to `first + count` are the same bits, whatever block they are drawn in; the base comes first."""
    scenario = uneven(small)
    whole, block = draw(scenario, 31), draw(scenario, count, first)
    for path, values in block.items():
        taken = [0, *range(1 + first, 1 + first + count)] if whole[path].shape[1] > 1 else [0]
        assert np.array_equal(values, whole[path][:, taken]), path


def spread_of(small: Scenario, trials: int, first: int = 0) -> Array:
    """Return what the trials draw of a cost that is uniform from 40 to 60, as shares of its range."""
    alone = replace(small, correlations=())
    return np.asarray(draw(alone, trials, first)["channels.search.cost_per_signup"][0, 1:] - 40) / 20


@pytest.mark.parametrize("seed", range(3))
def test_trials_are_a_sliced_latin_hypercube(small: Scenario, seed: int):
    """One of each 1,000 trials lies in each thousandth of a range, and one of each 100 in each hundredth."""
    shares = spread_of(small.with_seed(seed), 2_000)
    for size in (100, 1_000):
        for block in shares.reshape(-1, size):
            assert sorted(np.floor(block * size)) == list(range(size))


def test_each_trial_of_a_hypercube_is_uniform_and_no_neighbour_tells_it():
    """Over 2,000 seeds, the first trial is uniform, and rank correlations with the next and the last are chance."""
    found = np.array([spread(seed, "churn", 0, 1)[[0, 1, 999]] for seed in range(2_000)])
    assert stats.kstest(found[:, 0], "uniform").pvalue > 1e-3
    # Two of 100 that are never in the same hundredth have a correlation of −1/99.
    assert stats.spearmanr(found).statistic[0, 1:] == pytest.approx([-1 / 99, 0], abs=4 / np.sqrt(2_000))


def test_means_of_a_hypercube_are_closer_than_those_of_independent_trials(small: Scenario):
    """The mean of 200 uniform numbers is within a twentieth of the standard error of independent ones."""
    found = [spread_of(small.with_seed(seed), 200).mean() for seed in range(30)]
    assert np.std(found) < 0.05 * np.sqrt(1 / 12 / 200)


def test_a_zero_of_the_generator_is_finite(small: Scenario, monkeypatch: pytest.MonkeyPatch):
    """A generator that gives nothing but zeros draws finite numbers, of which a normal one lies 8.3 deviations down."""
    monkeypatch.setattr("simulator.answers.draws.stream", lambda *_: Zeros())
    values = draw(small.with_value("plans.basic.requests_per_customer", {"normal": [1000, 1]}), 3)
    assert all(np.isfinite(one).all() for one in values.values())
    assert values["plans.basic.requests_per_customer"][0, 1] == pytest.approx(1000 - 8.29, abs=0.01)


class Zeros:
    """A generator that only gives zeros."""

    def random(self, size: int | tuple[int, int]) -> Array:
        """Return zeros."""
        return np.zeros(size)


def test_only_a_scenario_with_ranges_draws(small: Scenario):
    """A range anywhere is a range; numbers, schedules and certain curves are not, and a walk is."""
    certain = small
    for path, one in small.assumptions.items():
        certain = certain.with_value(path, one.central) if one.is_uncertain else certain
    assert has_ranges(small)
    assert not has_ranges(certain)
    assert has_ranges(certain.with_value("demand_level", {"walk": 1, "monthly_volatility": "1%"}))


# Counts


@pytest.fixture
def counting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Replace the business by a model with two lines that count, one of them for the company."""

    def joining(people: Users, luck) -> Users:
        return poisson(people, luck)

    def leaving(unhappy: Customers, luck) -> Customers:
        return poisson(unhappy, luck)

    made = Model([*lines(joining), *lines(leaving, per="plan")], KINDS)
    monkeypatch.setattr("simulator.answers.draws.business", lambda: made)


@pytest.mark.usefixtures("counting")
def test_each_count_has_a_stream_of_its_own(small: Scenario):
    """Lines that count get one number for each month, member and trial, from a stream of the line and the member."""
    luck = lucky(small, 500)
    assert {name: one.shape for name, one in luck.items()} == {"joining": (14, 1, 501), "leaving": (14, 2, 501)}
    assert all(np.isnan(one[:, :, 0]).all() for one in luck.values())
    streams = {"count/joining": luck["joining"][:, 0], "count/leaving[team]": luck["leaving"][:, 1]}
    for name, numbers in streams.items():
        assert np.array_equal(numbers[:, 1:], stream(3, name).random((500, 14)).T)
    columns = np.concatenate([one[:, :, 1:].reshape(-1, 500) for one in luck.values()])
    assert np.abs(np.corrcoef(columns) - np.eye(42)).max() < 5 / np.sqrt(500)


@pytest.mark.usefixtures("counting")
def test_luck_of_a_block_is_a_piece_of_all(small: Scenario):
    """The numbers of trials 12 to 20 are the same whether drawn with those before them or alone."""
    whole, block = lucky(small, 40), lucky(small, 8, first=12)
    for name, numbers in block.items():
        assert np.array_equal(numbers[:, :, 1:], whole[name][:, :, 13:21])


@pytest.mark.usefixtures("counting")
def test_expected_counts_have_no_luck(small: Scenario):
    """Without trials, or with `counts: expected`, no line gets a random number."""
    expected = replace(small, settings=replace(small.settings, counts="expected"))
    assert lucky(small, 0) == lucky(expected, 100) == {}


@pytest.mark.usefixtures("counting")
def test_too_many_counts_are_an_error(small: Scenario):
    """Counts that would take more than four gigabytes are refused before they are drawn."""
    with pytest.raises(PlanError, match="counts of 20,000,000 trials need too much memory; run fewer trials"):
        lucky(small, 20_000_000)
