"""Trials: distributions and their moments, one stream per name, correlations, and truncation to legal ranges."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made import KINDS, lines
from scipy import integrate, stats
from scipy.special import ndtri

from simulator.answers.draws import draw, has_ranges, lucky, stream
from simulator.answers.variations.sensitivity import tornado
from simulator.engine.counts import poisson
from simulator.engine.model import Array, Model
from simulator.engine.quantities import Customers, Users
from simulator.errors import BadValue, PlanError, ScenarioError
from simulator.scenario.chances import legal_shares
from simulator.scenario.scenario import Scenario
from simulator.scenario.values import read_part, read_value
from simulator.scenario.walks import Walk

MANY = 200_000
EXAMPLES = [
    {"pert": [10, 30, 90]}, {"uniform": [2, 5]}, {"normal": [3, 0.5]}, {"lognormal": [100, 0.4]},
    {"samples": [1, 2, 2, 9]}, "90% between 2000 and 50000", "80% between -3 and 5",
]  # fmt: skip


def part(literal: Any) -> Any:
    """Return a distribution as the file writes it."""
    return read_part(literal, lambda _: pytest.fail("no measurement is meant"))


def moments(literal: Any) -> tuple[float, float]:
    """Return mean and variance, integrated over the quantiles."""
    chance = part(literal)
    mean, _ = integrate.quad(chance.quantile, 0, 1, limit=400)
    square, _ = integrate.quad(lambda share: chance.quantile(share) ** 2, 0, 1, limit=400)
    return mean, square - mean**2


def drawn(chance: Any) -> Array:
    """Return many values of one distribution."""
    return np.asarray(chance.quantile(np.random.default_rng(4).random(MANY)))


def test_pert_has_the_moments_of_the_literature():
    """PERT(10, 30, 90): mean 36.6667, variance 203.1746."""
    assert part({"pert": [10, 30, 90]}).mean == pytest.approx(36.6667, abs=1e-4)
    assert moments({"pert": [10, 30, 90]}) == pytest.approx((36.6667, 203.1746), abs=1e-3)


@pytest.mark.parametrize("probability", [0, 0.03, 0.3, 0.5, 1])
def test_a_chance_is_a_yes_or_no(probability: float):
    """A chance is 1 in its share of trials and 0 in the others; the base case takes the likelier one."""
    chance = part({"chance": probability})
    draws = drawn(chance)
    assert set(np.unique(draws)) <= {0, 1}
    assert draws.mean() == pytest.approx(probability, abs=5 * np.sqrt(0.25 / MANY))
    assert chance.central == (probability >= 0.5)
    assert [chance.cdf(at) for at in (-0.1, 0, 0.9, 1)] == pytest.approx([0, 1 - probability, 1 - probability, 1])


def test_a_chance_is_within_zero_and_one():
    """Both values of a chance are legal for a share, and a range above 0 leaves only a yes."""
    chance = part({"chance": "30%"})
    assert legal_shares(chance, 0, 1) == (0, 1)
    assert legal_shares(chance, 0, np.inf) == (0, 1)
    bottom, top = legal_shares(chance, 1, np.inf)
    assert (bottom, top) == (pytest.approx(0.7), 1)
    assert chance.quantile(np.array([0.7, 0.7001])).tolist() == [0, 1]


def test_a_chance_has_one_value_a_trial(read: Callable[..., Scenario]):
    """The share of trials with a yes is the probability, and a swing goes from no to yes."""
    scenario = read(("    value: 20%", "    value: {chance: 40%}"))
    found = draw(scenario, 2_000)["tax_rate"][0]
    assert (found[0], set(found)) == (0, {0, 1})
    assert found[1:].mean() == pytest.approx(0.4, abs=0.05)
    swing = next(swing for swing in tornado(scenario) if swing.path == "tax_rate")
    assert (swing.low, swing.high) == (0, 1)


def test_a_range_is_the_lognormal_between_its_ends():
    """90 % between 2,000 and 50,000: mu 9.210340, sigma .9784688, mean 16,139.76."""
    chance = part("90% between 2000 and 50000")
    assert (chance.mu, chance.sigma) == pytest.approx((9.210340, 0.9784688), abs=1e-6)
    assert chance.mean == pytest.approx(16_139.76, abs=0.01)
    assert moments("90% between 2000 and 50000")[0] == pytest.approx(16_139.76, rel=1e-5)


def test_a_range_across_zero_is_normal():
    """80 % between -3 and 5 is a normal distribution around 1."""
    assert part("80% between -3 and 5").quantile(np.array([0.1, 0.5, 0.9])) == pytest.approx([-3, 1, 5])


@pytest.mark.parametrize("literal", EXAMPLES, ids=str)
def test_values_have_the_moments_of_their_distribution(literal: Any):
    """The mean of 200,000 values lies within five standard errors."""
    mean, variance = moments(literal)
    assert drawn(part(literal)).mean() == pytest.approx(mean, abs=5 * np.sqrt(variance / MANY))


@pytest.mark.parametrize("literal", [one for one in EXAMPLES if "samples" not in str(one)], ids=str)
def test_quantile_undoes_the_share(literal: Any):
    """`cdf(quantile(share))` is the share."""
    chance = part(literal)
    for share in (0.01, 0.3, 0.5, 0.99):
        assert chance.cdf(float(chance.quantile(np.array(share)))) == pytest.approx(share)


@pytest.mark.parametrize(("literal", "central"), zip(EXAMPLES[:5], (30, 3.5, 3, 100, 2), strict=True), ids=str)
def test_the_base_case_takes_the_centre(literal: Any, central: float):
    """The base case takes the most likely value of a PERT, and the mean or median of the others."""
    assert part(literal).central == pytest.approx(central)


@pytest.mark.parametrize(
    ("literal", "by_month"),
    [
        (7, [7]),
        ("4%", [0.04]),
        ({0: 20, 2: 25}, [20, 20, 25, 25]),
        ({"start": 100, "monthly_growth": "10%"}, [100, 110, 121, 133.1]),
        ({"from": 0.6, "to": 0.3, "over": 2}, [0.6, 0.45, 0.3, 0.3]),
    ],
    ids=str,
)
def test_a_value_moves_over_the_months(literal: Any, by_month: list[float]):
    """A number stays, a schedule steps, growth compounds, and a ramp ends flat."""
    assert read_value(literal, lambda _: pytest.fail("no measurement")).central(4) == pytest.approx(by_month)


@pytest.mark.parametrize(
    ("literal", "says"),
    [
        ("90% between 5 and 2", "swap the two"),
        ("0% between 1 and 2", "of all draws is not supported"),
        ("100% between 1 and 2", "of all draws is not supported"),
        ({"pert": [3, 2, 1]}, "least, most likely and most"),
        ({"pert": [1, 2]}, "pert has 2 numbers"),
        ({"pert": 3}, "write {pert"),
        ({"uniform": [3, 3]}, "swap the two"),
        ({"normal": [1, 0]}, "above zero"),
        ({"lognormal": [0, 1]}, "median above 0"),
        ({"samples": [1]}, "1 samples are given"),
        ({"chance": [0.3]}, "is not a number"),
        ({"chance": 1.2}, "give a probability from 0% to 100%"),
        ({"chance": "-1%"}, "give a probability from 0% to 100%"),
        ({"chance": None}, "is not a number"),
        ({"chance": "90% between 0 and 1"}, "is not a number"),
        ({"gamma": [1, 2]}, "is not a value"),
        ({1: 5}, "add a value for month 0"),
        ({"from": 1, "to": 2, "over": 0}, "whole number of months"),
        ({"from": 1, "to": 2, "over": 10**400}, "whole number of months"),
        (float("nan"), "not a usable number"),
        (float("inf"), "not a usable number"),
        (10**400, "not a usable number"),
        (True, "is not a number"),
        ("many", "is not a number"),
        (None, "is not a number"),
        ([1, 2], "is not a number"),
        ({}, "is not a value"),
    ],
    ids=str,
)
def test_what_is_no_value_is_refused(literal: Any, says: str):
    """Each error says what to write instead."""
    with pytest.raises(BadValue) as caught:
        read_value(literal, lambda _: pytest.fail("no measurement"))
    assert says in f"{caught.value.what}; {caught.value.todo}"


def test_two_ends_that_are_nearly_one_make_a_range():
    """Ends whose logarithms do not differ still make a range."""
    assert 1e15 <= part("90% between 1000000000000000 and 1000000000000001").central <= 1e15 + 1


# Streams


def test_the_same_seed_draws_the_same(small: Scenario):
    """The same seed gives the same bits, and another seed gives others."""
    first, again, other = (draw(one, 30) for one in (small, small, small.with_seed(4)))
    assert all(np.array_equal(first[path], again[path]) for path in first)
    assert not np.array_equal(first["plans.basic.churn"], other["plans.basic.churn"])


def test_the_base_case_comes_first(small: Scenario):
    """Column 0 has the values of the base case."""
    assert draw(small, 5)["plans.basic.churn"][0, 0] == pytest.approx(0.05)


def test_a_new_chance_leaves_the_others_as_they_were(small: Scenario):
    """Making the team's conversion uncertain changes no other assumption."""
    before, after = draw(small, 30), draw(small.with_value("plans.team.conversion", {"uniform": [0.01, 0.1]}), 30)
    changed = [path for path in before if not np.array_equal(before[path], after[path])]
    assert changed == ["plans.team.conversion"]


def test_two_assumptions_of_one_shape_are_independent(small: Scenario):
    """Streams differ by path, so equal ranges are independent."""
    alike = small.with_value("plans.team.churn", {"pert": ["3%", "5%", "9%"]})
    values = draw(alike, 4000)
    rank = stats.spearmanr(values["plans.basic.churn"][0, 1:], values["plans.team.churn"][0, 1:]).statistic
    assert abs(rank) < 4 / np.sqrt(4000)


# Correlations


def tied(rank: float, read: Callable[..., Scenario]) -> float:
    """Return the rank correlation of the values if the scenario asks for `rank`."""
    values = draw(read((", 0.5]", f", {rank}]")), 20_000)
    one, other = values["channels.search.cost_per_signup"], values["plans.basic.conversion"]
    return float(stats.spearmanr(one[0, 1:], other[0, 1:]).statistic)


@pytest.mark.parametrize("rank", [-1, -0.6, 0, 0.5, 0.9, 1])
def test_values_have_the_rank_correlation_asked_for(rank: float, read: Callable[..., Scenario]):
    """Rank correlation of different distributions lies within five standard errors of the one asked for."""
    assert tied(rank, read) == pytest.approx(rank, abs=max(5 / np.sqrt(20_000) * (1 - rank**2), 1e-9))


def test_a_tie_leaves_the_distributions_alone(read: Callable[..., Scenario]):
    """The cost of a sign-up is uniform from 40 to 60 under a correlation too."""
    values = draw(read(), 20_000)["channels.search.cost_per_signup"][0, 1:]
    assert stats.kstest(values, stats.uniform(40, 20).cdf).pvalue > 1e-3


def test_an_impossible_triangle_is_refused(read: Callable[..., Scenario]):
    """Two assumptions that move with a third cannot move against each other."""
    third = "plans.basic.churn"
    pairs = f", -0.9]\n  - [channels.search.cost_per_signup, {third}, 0.9]\n  - [plans.basic.conversion, {third}, 0.9]"
    with pytest.raises(ScenarioError, match="the pairs contradict each other"):
        read((", 0.5]", pairs))


# Edges


@settings(max_examples=25)
@given(mean=st.floats(0.1, 0.9), deviation=st.floats(0.01, 0.4))
def test_a_share_stays_within_zero_and_one(small: Scenario, mean: float, deviation: float):
    """A normal distribution of a share is truncated at 0 and 1."""
    edited = small.with_value("plans.basic.payment_fee", {"normal": [mean, deviation]})
    values = draw(edited, 400)["plans.basic.payment_fee"][0, 1:]
    assert 0 <= values.min() <= values.max() <= 1
    cut = stats.truncnorm(-mean / deviation, (1 - mean) / deviation, mean, deviation)
    assert values.mean() == pytest.approx(cut.mean(), abs=5 * cut.std() / np.sqrt(400))


def test_samples_on_the_edge_keep_their_weight(small: Scenario):
    """Samples at the end of the legal range keep their weight: three zeros and 0.2 give zero in two of three trials."""
    edited = small.with_value("plans.basic.payment_fee", {"samples": [0, 0, 0, 0.2]})
    values = draw(edited, 4000)["plans.basic.payment_fee"][0, 1:]
    assert (values == 0).mean() == pytest.approx(2 / 3, abs=0.04)


# Blocks of trials


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


def test_numbers_of_a_stream_are_uniform(small: Scenario):
    """A cost that is uniform from 40 to 60 is 40 + 20 × the generator's own numbers for its path."""
    alone = replace(small, correlations=())
    values = draw(alone, 400)["channels.search.cost_per_signup"][0, 1:]
    expected = 40 + 20 * stream(3, "channels.search.cost_per_signup").random(400)
    assert values == pytest.approx(expected, rel=1e-14)


def test_a_zero_of_the_generator_is_finite(small: Scenario, monkeypatch: pytest.MonkeyPatch):
    """A generator that gives nothing but zeros draws finite numbers, of which a normal one lies 8.3 deviations down."""
    monkeypatch.setattr("simulator.answers.draws.stream", lambda *_: Zeros())
    values = draw(small.with_value("plans.basic.requests_per_customer", {"normal": [1000, 1]}), 3)
    assert all(np.isfinite(one).all() for one in values.values())
    assert values["plans.basic.requests_per_customer"][0, 1:] == pytest.approx(1000 - 8.29, abs=0.01)


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


# Walks


def steps(values: Array) -> Array:
    """Return the monthly changes of the logarithm."""
    return np.diff(np.log(values), axis=0)


@pytest.mark.parametrize(("half_life", "kept"), [(None, 1.0), (24, 0.5 ** (1 / 24)), (3, 0.5 ** (1 / 3)), (1, 0.5)])
def test_a_walk_has_the_variance_of_its_closed_form(small: Scenario, half_life: float | None, kept: float):
    """The variance of log X(m) is σ² (1 − φ^2m) / (1 − φ²), or σ² m without a half-life, and its mean is 0."""
    walk = {"walk": 1, "monthly_volatility": "6%"} | ({"half_life": half_life} if half_life else {})
    logs = np.log(draw(small.with_value("device_price_level", walk), 20_000)["device_price_level"][:, 1:])
    months = np.arange(14)
    variance = 0.06**2 * (months if kept == 1 else (1 - kept ** (2 * months)) / (1 - kept**2))
    assert not logs[0].any()
    # The deviation of a sample's variance is the variance × √(2 / n).
    assert logs.var(axis=1) == pytest.approx(variance, rel=5 * np.sqrt(2 / 20_000), abs=1e-15)
    assert np.abs(logs.mean(axis=1)[1:] / np.sqrt(variance[1:])).max() < 5 / np.sqrt(20_000)
    shocks = ndtri(stream(3, "device_price_level/walk").random((20_000, 14))[:, 13])
    assert logs[13] == pytest.approx(kept * logs[12] + 0.06 * shocks)


def test_half_of_a_shock_is_left_after_a_half_life():
    """A shock of one deviation in month 1 is worth half as much, in logarithms, six months later."""
    shocks = np.zeros((14, 1))
    shocks[1] = 1
    logs = np.log(Walk(0.1, 6).factors(shocks))[:, 0]
    assert logs[[0, 1, 7, 13]] == pytest.approx([0, 0.1, 0.05, 0.025])
    assert np.log(Walk(0.1).factors(shocks))[1:, 0] == pytest.approx(0.1)


def test_the_base_case_of_a_walk_is_its_plan(small: Scenario):
    """Without shocks a walk is the value that it moves: here a ramp from 1 to 2."""
    walk = {"walk": {"from": 1, "to": 2, "over": 4}, "monthly_volatility": "20%"}
    scenario = small.with_value("demand_level", walk)
    base = draw(scenario, 5)["demand_level"][:6, 0]
    assert base == pytest.approx([1, 1.25, 1.5, 1.75, 2, 2])
    assert scenario.assumptions["demand_level"].is_uncertain
    assert draw(scenario, 5)["demand_level"][0] == pytest.approx(np.ones(6))


def test_a_walk_multiplies_a_range(small: Scenario):
    """A range that walks has its own value in month 0, and the path around it after."""
    walk = {"walk": {"uniform": [1, 3]}, "monthly_volatility": "5%", "half_life": 4}
    values = draw(small.with_value("demand_level", walk), 5_000)["demand_level"][:, 1:]
    level = draw(small.with_value("demand_level", walk["walk"]), 5_000)["demand_level"][:, 1:]
    path = draw(small.with_value("demand_level", {**walk, "walk": 1}), 5_000)["demand_level"][:, 1:]
    assert values == pytest.approx(level * path, rel=1e-12)


@pytest.mark.parametrize("rank", [-0.8, 0.6, 1])
def test_correlations_tie_the_steps_of_walks(small: Scenario, rank: float):
    """Two walks have the rank correlation asked for in the changes of every month, and none between months."""
    for path in ("device_price_level", "demand_level"):
        small = small.with_value(path, {"walk": 1, "monthly_volatility": "6%"})
    values = draw(replace(small, correlations=(("device_price_level", "demand_level", rank),)), 5_000)
    rents, demand = steps(values["device_price_level"][:, 1:]), steps(values["demand_level"][:, 1:])
    for month in range(13):
        found = stats.spearmanr(rents[month], demand[month]).statistic
        assert found == pytest.approx(rank, abs=max(5 / np.sqrt(5_000) * (1 - rank**2), 1e-9))
    assert abs(stats.spearmanr(rents[0], demand[1]).statistic) < 5 / np.sqrt(5_000)


def test_correlations_tie_levels_and_steps_of_walking_ranges(small: Scenario):
    """Two ranges that walk are tied in their levels, and in their steps, which do not depend on the levels."""
    for path in ("device_price_level", "demand_level"):
        small = small.with_value(path, {"walk": {"uniform": [1, 2]}, "monthly_volatility": "6%"})
    values = draw(replace(small, correlations=(("device_price_level", "demand_level", 0.7),)), 5_000)
    one, other = values["device_price_level"][:, 1:], values["demand_level"][:, 1:]
    for left, right, rank in (
        (one[0], other[0], 0.7),
        (steps(one)[4], steps(other)[4], 0.7),
        (one[0], steps(other)[4], 0),
    ):
        assert stats.spearmanr(left, right).statistic == pytest.approx(rank, abs=0.06)


def test_a_walk_stays_within_what_makes_sense(small: Scenario):
    """A share that walks is cut off at 100 %."""
    walk = {"walk": "80%", "monthly_volatility": "40%"}
    values = draw(small.with_value("plans.basic.conversion", walk), 500)["plans.basic.conversion"]
    assert values.max() == 1


def test_a_tornado_moves_a_walk_to_its_percentiles(small: Scenario):
    """P5 and P95 of a geometric walk of 6 % in month 13 are exp(±1.645 × 6 % × √13), and cash moves with them."""
    scenario = small.with_value("device_price_level", {"walk": 1, "monthly_volatility": "6%"})
    swing = next(swing for swing in tornado(scenario) if swing.path == "device_price_level")
    assert (swing.low, swing.high) == pytest.approx((np.exp(-0.35584), np.exp(0.35584)), rel=1e-4)
    assert swing.at_low > swing.at_high
    drawn = draw(scenario, 20_000)["device_price_level"][13, 1:]
    assert np.quantile(drawn, [0.05, 0.95]) == pytest.approx([swing.low, swing.high], rel=0.02)


@pytest.mark.parametrize(
    ("literal", "says"),
    [
        ({"walk": 1}, "the walk is incomplete"),
        ({"walk": 1, "monthly_volatility": "6%", "times": 2}, "says more than a walk does"),
        ({"walk": 1, "monthly_volatility": 0}, "above 0% and at most 100%"),
        ({"walk": 1, "monthly_volatility": "-5%"}, "above 0% and at most 100%"),
        ({"walk": 1, "monthly_volatility": 6}, "the monthly volatility is 6; give one above 0%"),
        ({"walk": 1, "monthly_volatility": "90% between 1% and 9%"}, "is not a number"),
        ({"walk": 1, "monthly_volatility": {"walk": 1}}, "is not a number"),
        (
            {"walk": 1, "monthly_volatility": "6%", "half_life": 0},
            "the half-life is 0 months; give 0.1 to 1,200 months",
        ),
        ({"walk": 1, "monthly_volatility": "6%", "half_life": 1e9}, "or leave it out"),
        ({"walk": 1, "monthly_volatility": "6%", "half_life": None}, "is not a number"),
        ({"walk": {"walk": 1, "monthly_volatility": "6%"}, "monthly_volatility": "6%"}, "keep one of the two"),
        ({"walk": {0: {"walk": 1, "monthly_volatility": "6%"}}, "monthly_volatility": "6%"}, "is not a value"),
        ({"walk": None, "monthly_volatility": "6%"}, "is not a number"),
        ({"walk": [1], "monthly_volatility": "6%"}, "is not a number"),
        ({0: {"walk": 1, "monthly_volatility": "6%"}}, "is not a value"),
    ],
    ids=str,
)
def test_what_is_no_walk_is_refused(literal: Any, says: str):
    """Each error says what a walk needs."""
    with pytest.raises(BadValue) as caught:
        read_value(literal, lambda _: pytest.fail("no measurement"))
    assert says in f"{caught.value.what}; {caught.value.todo}"


def test_churn_cannot_walk_and_names_what_can(small: Scenario):
    """A churn belongs to a customer's age, so it refuses a walk and points at the level of churn."""
    with pytest.raises(ScenarioError, match=r"changes from month to month.*let churn_level change or walk instead"):
        small.with_value("plans.basic.churn", {"walk": "5%", "monthly_volatility": "6%"})
