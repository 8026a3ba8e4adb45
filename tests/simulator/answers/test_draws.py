"""Trials: distributions and their moments, one stream per name, correlations, and truncation to legal ranges."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, special, stats

from simulator.answers.draws import draw
from simulator.answers.variations.sensitivity import tornado
from simulator.engine.model import Array
from simulator.errors import BadValue, ScenarioError
from simulator.scenario.chances import Pert, legal_shares
from simulator.scenario.scenario import Scenario
from simulator.scenario.values import read_part, read_value

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
        ({"samples": [1]}, "the number of samples is 1"),
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
        ({"0": 20, "12": 25}, "write them without quotes"),
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


@given(mode=st.floats(0, 1), share=st.floats(2.0**-54, 1 - 2.0**-53))
def test_pert_has_the_quantiles_of_the_beta_distribution(mode: float, share: float):
    """Between the knots that are computed, quantiles are those of scipy's own inverse to 2e-10 of the range."""
    found = Pert(10, 10 + 90 * mode, 100).quantile(np.array([share]))
    expected = special.betaincinv(1 + 4 * mode, 5 - 4 * mode, share)
    assert found == pytest.approx(10 + 90 * expected, rel=0, abs=90 * 2e-10)


@pytest.mark.parametrize("mode", [0, 0.1, 0.5, 1])
def test_pert_rises_with_its_share_from_end_to_end(mode: float):
    """No knot makes a step back, and shares of 0 and 1 are the ends of the range."""
    shares = np.concatenate([[0], np.linspace(2.0**-54, 1 - 2.0**-53, 100_001), [1]])
    found = Pert(0, mode, 1).quantile(shares)
    assert (np.diff(found) >= 0).all()
    assert found[[0, -1]] == pytest.approx([0, 1], abs=1e-3)
