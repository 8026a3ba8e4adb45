"""The best price of a plan against prices known in closed form, and what is said where there is none."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import pytest
from made import shortened
from monopolies import COST, text_of

from simulator.answers.pricing.aims import AIMS
from simulator.answers.pricing.best import PriceAnswer, best_price
from simulator.answers.pricing.break_even import break_even_losses
from simulator.answers.pricing.priced import Priced, price_of
from simulator.answers.projection import project
from simulator.errors import PlanError
from simulator.output.prices import Plain, remarks, sentence
from simulator.scenario.reading import load, parse
from simulator.scenario.scaling import moved
from simulator.scenario.scenario import Scenario

SHIPPED = sorted((Path(__file__).parents[4] / "scenarios").glob("*.yaml"))
# Each way to charge, with the price that brings in one dollar a customer and month.
WAYS = {
    "price": ("price: {price}", 1.0),
    "seat_price": ("price: 0, seat_price: {price}, seats_per_customer: 4", 1 / 4),
    "output_price": ("price: 0, output_price: {price}", 1 / 2),
    "task_price": ("price: 0, task_price: {price}", 1 / 1000),
    "credits_per_customer": ("price: 0, credits_per_customer: {price}", 1.0),
    "commitment": ("price: 0, commitment: {price}", 1.0),
    "service_fee": ("price: 0, service_fee: {price}, service_cost_share: 0", 1.0),
}


def made(plan: str, months: int = 18, signups: int = 100_000) -> Scenario:
    """Return a company that sells one plan, and pays a vendor by the token and nothing else."""
    return parse(text_of({"one": plan}, str(signups), head=f"months: {months}"), Path(), "monopoly.yaml")


def found(plan: str, aim: str = "end_cash", **more: int) -> PriceAnswer:
    """Return the answer for that company."""
    return best_price(made(plan, **more), "one", aim)


def monopoly(elasticity: float, cost: float = COST) -> float:
    """Return the price of a monopoly under constant elasticity."""
    return cost * elasticity / (elasticity - 1)


@pytest.mark.parametrize("elasticity", [1.3, 2.0, 4.0])
@pytest.mark.parametrize("name", WAYS)
def test_the_best_price_is_that_of_a_monopoly(name: str, elasticity: float):
    """With constant elasticity and constant unit cost, whatever is charged for."""
    text, dollar = WAYS[name]
    answer = found(f"{text.format(price=30 * dollar)}, churn: 5%, price_elasticity: {elasticity}")
    assert answer.priced.name == name
    assert answer.best is not None
    assert answer.best.price == pytest.approx(monopoly(elasticity) * dollar, rel=0.005)


@pytest.mark.parametrize("aim", ["operating_income", "gross_profit"])
def test_profit_has_the_same_best_price(aim: str):
    """Nothing else moves with the price."""
    best = found("price: 30, churn: 5%, price_elasticity: 2", aim).best
    assert best is not None
    assert best.price == pytest.approx(20, rel=0.005)


def test_revenue_alone_rises_as_the_price_falls():
    """At an elasticity of 2, revenue rises as the price falls, as far as the search goes."""
    answer = found("price: 30, churn: 5%, price_elasticity: 2", "revenue")
    assert (answer.best, answer.rising) == (None, "down")


def test_churn_that_answers_alone_has_a_best_price_as_well():
    """Customers in the long run are new ones over churn, so churn's elasticity acts as that of demand."""
    answer = found("price: 30, churn: 20%, churn_elasticity: 2", "operating_income", months=120)
    assert answer.best is not None
    assert answer.best.price == pytest.approx(20, rel=0.005)


def test_both_responses_add_up():
    """Fewer come and more leave: the elasticities add, in the long run."""
    answer = found("price: 30, churn: 20%, price_elasticity: 1, churn_elasticity: 1", "operating_income", months=120)
    assert answer.best is not None
    assert answer.best.price == pytest.approx(20, rel=0.005)


def test_use_that_answers_to_its_price_has_a_best_price():
    """Tokens cost 5 a million: at an elasticity of 2 the best price is 10."""
    answer = found("price: 0, output_price: 15, churn: 5%, usage_elasticity: 2")
    assert answer.best is not None
    assert answer.best.price == pytest.approx(10, rel=0.005)


def test_the_ends_are_the_best_prices_at_the_ends_of_the_elasticity():
    """P5 and P95 of a uniform range."""
    answer = found("price: 30, churn: 5%, price_elasticity: {uniform: [1.5, 3.5]}")
    assert [end.response for end in answer.ends] == [
        {"price_elasticity": pytest.approx(1.6)},
        {"price_elasticity": pytest.approx(3.4)},
    ]
    prices = [end.best.price for end in answer.ends]
    assert prices == [pytest.approx(monopoly(1.6), rel=0.005), pytest.approx(monopoly(3.4), rel=0.005)]


@pytest.mark.parametrize("price", ["{0: 30, 12: 60}", "{from: 20, to: 40, over: 12}", "{pert: [20, 30, 50]}"])
def test_a_schedule_or_a_range_moves_as_a_whole(price: str):
    """The file with the best price in it has the outcome that was promised."""
    scenario = made(f"price: {price}, churn: 5%, price_elasticity: 2")
    best = best_price(scenario, "one").best
    assert best is not None
    literal = moved(scenario.assumptions["plans.one.price"], best.price)
    changed = scenario.with_value("plans.one.price", literal)
    assert project(changed, 0).kpis["end_cash"].value == pytest.approx(best.outcome, rel=1e-9)


def test_a_price_that_starts_later_is_the_plans_price():
    """A plan that is free in the first year is not a free plan."""
    scenario = made("price: {0: 0, 12: 25}, churn: 5%, stay_when_charged: 50%")
    assert price_of(scenario, "one") == "price"
    assert Priced.of(scenario, "one").level == 25


def test_the_flat_range_holds_the_best_price():
    """The outcome at its ends is within one percent."""
    scenario = made("price: 30, churn: 5%, price_elasticity: 2")
    answer = best_price(scenario, "one")
    low, high = answer.flat
    assert answer.best is not None
    assert low < answer.best.price < high
    for price in (low, high):
        cash = project(scenario.with_value("plans.one.price", price), 0).kpis["end_cash"].value
        assert cash == pytest.approx(0.99 * answer.best.outcome, rel=0.001)


# Where the model names no price


@pytest.mark.parametrize("rise", [0.1, 0.25, 0.5])
def test_the_losses_to_bear_are_those_of_the_margin(rise: float):
    """A price of 30 leaves 20: the rise pays while (1 - share) x (30 x (1 + rise) - 10) exceeds 20."""
    answer = found("price: 30, churn: 5%")
    assert answer.best is None
    assert answer.rising is None
    share = 1 - 20 / (30 * (1 + rise) - COST)
    one = next(one for one in answer.break_even if one.rise == rise)
    assert one.share == pytest.approx(share, abs=1e-4)
    assert one.elasticity == pytest.approx(-math.log(1 - share) / math.log(1 + rise), abs=1e-3)


def test_the_elasticity_of_a_loss_is_that_of_the_whole_bill():
    """Where the price is half of the bill, a rise of a half lifts the bill by a quarter."""
    scenario = made("price: 15, seat_price: 15, churn: 5%")
    (one,) = break_even_losses(Priced.of(scenario, "one"), (0.5,))
    share = 1 - 20 / (37.5 - COST)
    assert one.elasticity == pytest.approx(-math.log(1 - share) / math.log(1.25), abs=1e-3)


def test_every_new_customer_may_be_lost_where_none_comes():
    """Those who are there pay more, whoever stays away."""
    answer = found("price: 30, churn: 1%, opening_customers: 100", signups=0)
    assert [(one.share, one.elasticity) for one in answer.break_even] == [(1, None)] * 3
    assert "even if every new customer is lost" in sentence(answer, Plain())


def test_a_rise_never_pays_where_it_only_costs():
    """A royalty on all revenue, and a fee on top, leave less of each dollar than nothing."""
    answer = found("price: 30, churn: 5%, royalty_share: 100%, payment_fee: 10%")
    assert [one.share for one in answer.break_even] == [0, 0, 0]
    assert "does not pay even if nobody is lost" in sentence(answer, Plain())


def test_an_elasticity_below_one_has_no_best_price():
    """Whatever is charged, more brings more."""
    answer = found("price: 30, churn: 5%, price_elasticity: 0.8")
    assert (answer.best, answer.rising) == (None, "up")
    assert "still rising at 16 times" in sentence(answer, Plain())


def test_a_price_that_reaches_no_cash_is_the_same_everywhere():
    """Nobody buys, so nothing depends on the price."""
    answer = found("price: 30, churn: 5%, price_elasticity: 2", signups=0)
    assert answer.best is None
    assert "the same at every price" in sentence(answer, Plain())


def test_a_free_plan_has_no_price_to_find():
    """The error says so, and what to do."""
    with pytest.raises(PlanError, match=r"is free.*stay_when_charged"):
        found("price: 0, churn: 5%")


def test_a_price_far_from_todays_comes_with_a_warning():
    """The elasticity is stretched over a distance that nobody has tried."""
    answer = found("price: 100, churn: 5%, price_elasticity: 2")
    assert any("smaller steps" in remark for remark in remarks(answer, Plain()))


@pytest.mark.parametrize("file", SHIPPED, ids=lambda path: path.stem)
def test_every_priced_plan_that_ships_has_an_honest_answer(file: Path):
    """A best price lies inside the search, and is the highest; otherwise the sentence says why there is none."""
    scenario = shortened(load(file), 24)
    for plan in filter(lambda plan: price_of(scenario, plan), scenario.entities["plan"]):
        answer = best_price(scenario, plan)
        said = sentence(answer, Plain())
        if answer.best:
            assert 1 / 16 < answer.best.factor < 16
            assert answer.best.outcome >= max(answer.now, *answer.curve.outcomes) - 1e-6
        else:
            assert "no best price" in said.lower() or "the same at every price" in said


def test_every_aim_is_named():
    """The help of the command lists them."""
    from simulator.commands.pricing.price import KEYS

    assert all(aim in KEYS["aim"] for aim in AIMS)


@pytest.mark.parametrize("today", [99, 149, 199])
def test_a_ripple_at_the_end_of_the_search_is_no_best_price(today: float):
    """Whole devices make tiny peaks, and the outcome still rises as the price falls, wherever the search begins."""
    scenario = load(next(file for file in SHIPPED if file.stem == "support-copilot")).with_value(
        "plans.starter.price", today
    )
    found = best_price(scenario, "starter")
    assert (found.best, found.rising) == (None, "down")
    assert found.highest.price == pytest.approx(today / 16)


def test_todays_price_is_not_set_against_itself():
    """Where nothing was found that does better."""
    answer = found("price: 20, churn: 5%, price_elasticity: 2")
    best = replace(answer.highest, price=answer.priced.level, outcome=answer.now)
    assert "is highest at today's price of 20" in sentence(replace(answer, highest=best), Plain())
