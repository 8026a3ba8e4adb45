"""Prices and quantities chosen over the trials, against closed forms, a fine grid, and what has no best value."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from monopolies import text_of
from scipy.optimize import minimize_scalar

from simulator.answers.pricing.aims import AIMS
from simulator.answers.pricing.over import OverTrials
from simulator.answers.pricing.several import Several, best_of
from simulator.answers.projection import project
from simulator.answers.solving.target import Target
from simulator.errors import BreakevenError, PlanError
from simulator.output.prices import Plain
from simulator.output.pricing.several import remarks, sentence, several_json
from simulator.scenario.reading import parse
from simulator.scenario.scenario import Scenario

# Two slices of a hypercube: a mean over them is nearly that of the distribution.
TRIALS = 200
HEAD = "months: 6\ncounts: expected"


def made(plan: str, signups: str = "100000", requests: str = "1000", pool: str = "") -> Scenario:
    """Return a company that sells one plan, and pays a vendor by the token."""
    vendor = f"vendor_output_price: 5, {pool or 'vendor_reserved_units: 0'}"
    return parse(text_of({"one": f"churn: 5%, {plan}"}, signups, requests, vendor, HEAD), Path(), "one.yaml")


def found(scenario: Scenario, change: str = "plans.one.price", over: str = "mean", **more: object) -> Several:
    """Return the best value for cash at the end over the trials."""
    return best_of(scenario, [change], over=over, **{"trials": TRIALS, **more})  # type: ignore[arg-type]


def test_a_random_size_of_the_market_leaves_the_price_of_a_monopoly():
    """Profit is the size times the same curve, so the mean is highest at e / (e - 1) times the cost of 10."""
    answer = found(made("price: 30, price_elasticity: 2", signups="{uniform: [20000, 180000]}"))
    assert answer.best.values[0] == pytest.approx(20, rel=0.03)
    assert answer.gain is not None
    assert answer.gain.value > 10 * answer.gain.error
    assert answer.best.aim - answer.now.aim == pytest.approx(answer.gain.value)


@pytest.mark.parametrize("low", [1.4, 2.0])
def test_an_uncertain_elasticity_has_the_price_of_its_mixture(low: float):
    """Mean profit is the mean of the curves of many monopolies, whose best price is none of theirs."""
    answer = found(made(f"price: 30, price_elasticity: {{uniform: [{low}, 4]}}"))
    elasticities = low + (4 - low) * (np.arange(10_000) + 0.5) / 10_000

    def mean_loss(price: float) -> float:
        return -float(np.mean((price / 30) ** -elasticities * (price - 10)))

    best = minimize_scalar(mean_loss, bounds=(10, 200), method="bounded").x
    assert mean_loss(answer.best.values[0]) <= 0.998 * mean_loss(best)
    assert "draw these elasticities" in " ".join(remarks(answer, str, Plain()))


@pytest.mark.parametrize("unit_price", [1.0, 2.5, 4.0])
def test_throughput_bought_ahead_meets_the_critical_ratio_of_a_newsvendor(unit_price: float):
    """A unit at c replaces 5 USD of tokens where it is used, so the best quantity is F⁻¹((5 - c) / 5) of demand.

    Ten customers make 500 to 1,500 requests of 2,000 tokens a month; a unit serves a million tokens a month.
    """
    rate, pool_price = 1e6 / 730 / 3600, unit_price / 730
    scenario = made(
        "price: 30, opening_customers: 10",
        signups="0",
        requests="{uniform: [500, 1500]}",
        pool=f"vendor_reserved_units: 10, vendor_unit_rate: {rate}, vendor_unit_price: {pool_price}",
    ).with_value("plans.one.churn", 0)
    answer = found(scenario, "pools.vendor.vendor_reserved_units=5..40")
    ratio = (5 - unit_price) / 5
    assert answer.best.values[0] == pytest.approx(10 + 20 * ratio, rel=0.02)
    assert answer.courses[0].end is None


def test_an_optimum_at_a_bound_is_named_as_one():
    """More brings more up to the bound that was given, which says how far to go."""
    drawn = "{uniform: [20000, 180000]}"
    answer = found(made("price: 30, price_elasticity: 0.5", signups=drawn), "plans.one.price=20..80")
    assert (answer.best.values[0], answer.courses[0].end) == (80, "high")
    assert answer.is_advised


@pytest.mark.parametrize("over", ["base", "mean"])
def test_without_an_optimum_no_price_is_named(over: str):
    """An inelastic demand has no best price, whatever the search finds at its end."""
    answer = found(made("price: 30, price_elasticity: 0.5", signups="{uniform: [20000, 180000]}"), over=over)
    assert answer.is_unbounded
    assert not answer.is_advised
    assert sentence(answer, str, Plain()).startswith("No best values can be named: Cash at the end")


@pytest.mark.parametrize("over", ["mean", "median", "p5"])
def test_what_is_promised_is_what_the_trials_of_the_new_scenario_say(over: str):
    """The file with the value in it, projected over as many trials, has that mean, median or P5."""
    scenario = made("price: 30, price_elasticity: {uniform: [1.5, 3]}", signups="{lognormal: [100000, 0.5]}")
    answer = found(scenario, over=over)
    cash = project(scenario.with_values(answer.literals), TRIALS).figures.outcomes.end_cash
    read = {"mean": cash.mean(), "median": np.median(cash), "p5": np.percentile(cash, 5)}
    assert answer.best.aim == pytest.approx(read[over], rel=1e-9)
    assert several_json(answer)["gain"]["error"] > 0


def test_the_bad_case_stays_at_the_price_of_which_the_outcome_is_known():
    """Below today's 30 few come at an elasticity of 1.34 (P5), above it many leave at 3.86 (P95)."""
    scenario = made("price: 30, price_elasticity: {uniform: [1.2, 4]}")
    mean, bad = (found(scenario, over=over) for over in ("mean", "p5"))
    assert bad.best.values[0] == pytest.approx(30, rel=0.01)
    assert not bad.is_better
    assert mean.best.values[0] < 20
    assert mean.is_advised


@pytest.mark.parametrize("over", ["mean", "p5"])
def test_the_value_found_loses_less_than_a_percent_to_a_fine_grid(over: str):
    """On the same trials, with ranges in demand, response and cost at once; a percentile is smooth over many alone."""
    scenario = made(
        "price: 30, price_elasticity: {uniform: [1.5, 3.5]}",
        signups="{lognormal: [100000, 0.5]}",
        requests="{uniform: [500, 1500]}",
    )
    answer = found(scenario, over=over, trials=1_000)
    reader = OverTrials(scenario, AIMS["end_cash"], over, 1_000)
    variants = [scenario.with_value("plans.one.price", float(price)) for price in np.geomspace(7.5, 120, 81)]
    grid = reader.number(reader.by_trial(variants))
    assert answer.best.aim >= grid.max() - 0.01 * (grid.max() - 1_000_000)


def test_a_limit_binds_over_the_trials_as_in_the_base_case():
    """A gross margin of 60 % needs a price of 25 where a customer costs 10."""
    scenario = made("price: 30, price_elasticity: 2", signups="{uniform: [20000, 180000]}")
    answer = found(scenario, keep=[Target.read("gross_margin >= 60%")])
    assert answer.best.values[0] == pytest.approx(25, rel=0.03)
    assert answer.is_found
    assert [one.kpi for one in answer.binding] == ["gross_margin"]


def test_an_aim_without_a_value_in_some_trials_is_refused_with_their_number():
    """What has no value in a trial is not averaged over the others."""
    scenario = made("price: 30, price_elasticity: 2", signups="{chance: 70%}")
    with pytest.raises(PlanError, match=r"Gross margin has no value today in (5|6)\d of 200 trials"):
        found(scenario, aim="gross_margin")


def test_progress_is_told_up_to_the_end_and_never_goes_back():
    """However many searches it takes."""
    told: list[float] = []
    scenario = made("price: 30, price_elasticity: 2", signups="{uniform: [20000, 180000]}")
    best_of(scenario, ["plans.one.price"], over="mean", trials=100, progress=told.append)
    assert told == sorted(told)
    assert told[-1] == 1.0
    assert len(told) > 10


def test_what_progress_raises_ends_the_search():
    """So that a page or Ctrl-C can stop it."""

    def stop(done: float) -> None:
        raise KeyboardInterrupt

    scenario = made("price: 30, price_elasticity: 2", signups="{uniform: [20000, 180000]}")
    with pytest.raises(KeyboardInterrupt):
        best_of(scenario, ["plans.one.price"], over="mean", trials=100, progress=stop)


DRAWN = made("price: 30, price_elasticity: 2", signups="{uniform: [20000, 180000]}")


@pytest.mark.parametrize(
    ("scenario", "more", "says"),
    [
        (DRAWN, {"trials": 0}, "none are run"),
        (DRAWN, {"trials": 5}, "run 100 trials or more"),
        (DRAWN, {"over": "best"}, "choose from base, mean, median, p5"),
        (DRAWN, {"aim": "ltv_to_cac"}, "has no value in a single trial; choose from end_cash"),
        (DRAWN, {"aim": "fame"}, "is not an aim"),
        (made("price: 30, price_elasticity: 2"), {}, "nothing in this scenario is drawn"),
    ],
)
def test_nonsense_over_trials_is_refused_in_a_sentence(scenario: Scenario, more: dict[str, object], says: str):
    """What is wrong, and what to do."""
    with pytest.raises(BreakevenError, match=says):
        best_of(scenario, ["plans.one.price"], **{"over": "mean", "trials": 100, **more})  # type: ignore[arg-type]
