"""The value of knowing: closed forms, by the function that the command uses, and choices of scenarios."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from made import shortened
from scipy.stats import norm

from simulator.answers.moving.evppi import evppi
from simulator.answers.moving.options import SHIPPED, Option, option_of
from simulator.answers.moving.worth import PROFILE_RUN, Worth, worth
from simulator.answers.outcomes import Estimate
from simulator.answers.projection import project
from simulator.errors import PlanError
from simulator.output.moving.worth import MOST_SHOWN, sentence, worth_json, worth_table
from simulator.output.prices import Plain
from simulator.scenario.reading import load
from simulator.scenario.scenario import Scenario

SCENARIOS = Path(__file__).parents[4] / "scenarios"


def linear(mean: float, slope: float) -> float:
    """Return EVPPI where the difference of two options is normal given φ: E max(0, μ + b φ) − max(0, μ)."""
    size = abs(slope)
    return mean * norm.cdf(mean / size) + size * norm.pdf(mean / size) - max(mean, 0)


def two_options(rng: np.random.Generator, mean: float, slope: float, noise: float) -> tuple[np.ndarray, np.ndarray]:
    """Return φ, lognormal, and the outcomes of two options that share most of their chance."""
    phi, shared, own = rng.normal(size=(3, 2_000))
    return np.exp(phi)[:, None], np.stack([5 * shared, 5 * shared + mean + slope * phi + noise * own])


@pytest.mark.parametrize(("mean", "slope", "noise"), [(0.2, 1.0, 1.0), (-0.5, 1.0, 2.0), (1.0, 0.5, 2.0)])
def test_a_linear_gaussian_choice_has_its_closed_form(mean: float, slope: float, noise: float):
    """Of ten estimates nearly all are within two standard errors of the truth, and their mean is near it."""
    rng = np.random.default_rng(5)
    found = [evppi(*two_options(rng, mean, slope, noise)) for _ in range(10)]
    near = [abs(one.value - linear(mean, slope)) < 2 * one.error for one in found]
    assert sum(near) >= 8
    assert np.mean([one.value for one in found]) == pytest.approx(linear(mean, slope), abs=0.02)


def test_what_tells_nothing_is_worth_nothing():
    """An input without influence is within two standard errors of zero, and so is a choice that is clear anyway."""
    rng = np.random.default_rng(5)
    found = [evppi(rng.normal(size=(2_000, 1)), two_options(rng, 0.05, 1, 1)[1]) for _ in range(10)]
    assert sum(one.value > 2 * one.error for one in found) <= 1
    assert evppi(*two_options(rng, 50, 1, 1)).value == 0


def test_a_yes_or_no_is_worth_the_better_choice_in_each_case():
    """Right in half of the cases by +2 and wrong in the other half by −2, knowing which is worth 1."""
    rng = np.random.default_rng(5)
    phi = rng.integers(2, size=4_000).astype(float)
    outcomes = np.stack([np.zeros(4_000), np.where(phi == 1, 2.0, -2.0) + rng.normal(size=4_000)])
    found = evppi(phi[:, None], outcomes)
    assert found.value == pytest.approx(1, abs=0.1)
    assert found.error < 0.1


def test_three_options_are_chosen_by_the_best():
    """Options 0, φ and −φ: E|φ| = √(2/π)."""
    phi = np.random.default_rng(5).normal(size=4_000)
    found = evppi(phi[:, None], np.stack([0 * phi, phi, -phi]))
    assert abs(found.value - np.sqrt(2 / np.pi)) < 3 * found.error < 0.1


# Scenarios


def rented(small: Scenario) -> Worth:
    """Return the choice between an overhead that is drawn and one that is fixed at its mean, which is about as good."""
    bare = {path: one.central for path, one in small.assumptions.items() if one.is_uncertain}
    base = replace(small.with_values({**bare, "tax_rate": 0, "opening_cash": 1e8}), correlations=())
    base = replace(base, settings=replace(base.settings, counts="expected"))
    drawn = base.with_value("fixed_overhead", {"normal": [100_000, 10_000]})
    return worth(drawn, [Option("Fixed", base.with_value("fixed_overhead", 100_000))], "end_cash")


def test_a_scenario_with_a_linear_choice_has_the_closed_form(small: Scenario):
    """Overhead of 100,000 ± 10,000 a month against a fixed 100,000: the months times 10,000 times φ(0)."""
    found = rented(small)
    truth = small.months * 10_000 * norm.pdf(0)
    (one,) = found.knowing
    assert (one.path, one.can_be_told) == ("fixed_overhead", True)
    assert abs(one.worth.value - truth) < 3 * one.worth.error
    assert found.everything.value == pytest.approx(one.worth.value, rel=0.05)
    assert sum(found.chances) == pytest.approx(1)
    assert "Find out Overhead first, by talks" in sentence(found, {"fixed_overhead": "Overhead"}, Plain())


def test_the_table_counts_what_can_be_told_apart_from_the_rest(small: Scenario):
    """What is too long for the terminal may be worth knowing; what trials cannot tell is another thing."""
    found = rented(small)
    (one,) = found.knowing
    untold = replace(one, worth=Estimate(0.0, 1.0))
    many = replace(found, knowing=(one,) * (MOST_SHOWN + 2) + (untold,) * 3)
    shown = worth_table(worth_json(small, many)).splitlines()
    assert "  and 2 more; --json has all" in shown
    assert "  3 others: nothing that can be told; --json has all" in shown


def test_the_elasticity_decides_on_the_price(shipped: Scenario):
    """Whether 10 % more pays hangs on how buyers respond; today's scenario is always an option."""
    found = worth(shipped, [option_of(shipped, name, Path) for name in ("price+10%", "price-10%")], "arr", 200)
    assert found.knowing[0].path == "plans.team.price_elasticity"
    assert [one.title for one in found.options] == ["As planned", "Prices 10% higher", "Prices 10% lower"]
    assert all(one.worth.value <= found.everything.value + 3 * one.worth.error for one in found.knowing)


def test_what_measuring_costs_stands_beside_its_worth():
    """Whether to measure a rate or to leave it: an hour of the pool's two devices at the plan's 0.80 each."""
    base = load(SCENARIOS / "sentiment-api.yaml")
    rate = "pools.gpu.tokens_per_second"
    today = base.with_values(
        {
            rate: {"uniform": [1_000, 200_000]},
            "pools.gpu.device_price": 0.8,
            "pools.gpu.devices_per_replica": 2,
        }
    )
    found = worth(today, [Option("Half as many", today.with_value(rate, 20_000))], "end_cash", 300)
    assert {one.path: one.hour_costs for one in found.knowing if one.hour_costs}[rate] == 1.6
    assert {one.hour_costs for one in found.knowing if one.told_by != PROFILE_RUN} == {None}
    first = next(one for one in found.knowing if one.path == rate)
    text = sentence(replace(found, knowing=(first,)), {rate: "The rate"}, Plain())
    assert "An hour of the devices that it takes costs 1.60 USD in this scenario" in text


def test_a_price_that_is_stated_for_all_pools_is_that_of_each(read: Callable[..., Scenario]):
    """An hour of a device costs what the top of the file says."""
    rate = ("tokens_per_second: 900, device_price: 3", "tokens_per_second: {uniform: [800, 1000]}")
    scenario = read(rate, ("assumptions:", "assumptions:\n  device_price: 2"))
    found = worth(scenario, [option_of(scenario, "price+10%", Path)], "end_cash", 200)
    assert {one.path: one.hour_costs for one in found.knowing}["pools.large.tokens_per_second"] == 2


def test_rounding_is_no_reason_to_find_out():
    """A round that closes later within the horizon comes to the same cash but for its last bits."""
    copilot = load(SCENARIOS / "support-copilot.yaml")
    found = worth(copilot, [option_of(copilot, "raise-later", Path)], "end_cash", 300)
    assert [one.value for one in found.means] == [found.means[0].value] * 2
    assert {one.worth.value for one in found.knowing} == {0}
    assert found.chances == (0.5, 0.5)
    assert "It comes to the same in every trial as “Rounds close half as late again”." in sentence(found, {}, Plain())


@pytest.mark.parametrize("name", ["sentiment-api", "logistics-planning"])
def test_every_option_that_ships_fits_a_scenario(name: str):
    """Prices by the token and in euros move, and so do rounds; a company without commitments has none to give up."""
    scenario = shortened(load(SCENARIOS / f"{name}.yaml"), 24)
    changed = [option for option in SHIPPED if option_of(scenario, option, Path).scenario.hash != scenario.hash]
    assert set(SHIPPED) - set(changed) <= {"rent"}


def test_devices_may_be_committed_to_or_rented():
    """Each is the cheaper one by what it is for: the plan of commitments costs no more than rent, nor than today."""
    scenario = shortened(load(SCENARIOS / "knowledge-copilot.yaml"), 24)
    costs = {
        name: project(option_of(scenario, name, Path).scenario, 0, evidence=False).ledger.total("serving_cost").sum()
        for name in ("rent", "commit")
    }
    today = project(scenario, 0, evidence=False).ledger.total("serving_cost").sum()
    assert costs["commit"] < min(costs["rent"], today)
    with pytest.raises(PlanError, match="today's commitments cost least in the base case"):
        option_of(option_of(scenario, "commit", Path).scenario, "commit", Path)


def test_options_are_named_in_three_ways(shipped: Scenario):
    """A what-if's file, changes joined by commas, and what ships."""
    laid = option_of(shipped, "price-war", lambda name: SCENARIOS / "overlays" / f"{name}.yaml")
    assert laid.scenario.overlays == ("Price war",)
    changed = option_of(shipped, "plans.team.price=1600,tax_rate=25%", Path).scenario
    assert (changed.assumptions["plans.team.price"].central, changed.assumptions["tax_rate"].central) == (1600, 0.25)
    for name, price in (("price+10%", 1639), ("price-25%", 1117.5)):
        assert option_of(shipped, name, Path).scenario.assumptions["plans.team.price"].central == pytest.approx(price)


def test_nonsense_is_refused(shipped: Scenario):
    """No option, an option that changes nothing, no trials."""
    with pytest.raises(PlanError, match=r"there is nothing to choose between; name an option, such as price\+10%"):
        worth(shipped, [], "end_cash")
    with pytest.raises(PlanError, match=r"--option 'plans.team.price=' changes nothing; write NAME=VALUE"):
        option_of(shipped, "plans.team.price=", Path)
    with pytest.raises(PlanError, match=r"price-200% takes more off each price than all of it"):
        option_of(shipped, "price-200%", Path)
    with pytest.raises(PlanError, match="0 trials do not make a sample"):
        worth(shipped, [Option("Same", shipped)], "end_cash", 0)
