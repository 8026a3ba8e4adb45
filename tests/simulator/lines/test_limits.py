"""Limits of assumptions: every number stays finite, and the books balance."""

from collections.abc import Mapping
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from companies import everything, written
from invariants import check

from simulator.answers.draws import draw
from simulator.engine.model import Array
from simulator.errors import BreakevenError
from simulator.scenario.numbers import simulation_of
from simulator.scenario.reading import parse
from simulator.scenario.scenario import Scenario

HERE = Path(__file__).parent
POOLS = ("large", "small")
PLANS = ("free", "team", "api")
TOP = {"opening_cash": 1e6, "tax_rate": 0.2, "hours_per_month": 730}

# Changes to the company that has everything, by their effect.
LIMITS: dict[str, dict[str, Any]] = {
    "nobody signs up": {
        "most_signups": 1, "channels.search.budget": 0, "channels.press.budget": 0, "innovation": 0,
        "channels.search.organic_signups": 0, "quota": 0, "plans.free.opening_customers": 0,
        "plans.team.opening_customers": 0, "imitation": 0,
    },
    "nobody buys": {f"plans.{plan}.conversion": 0 for plan in PLANS},
    "everybody buys": {f"plans.{plan}.conversion": 1 for plan in PLANS},
    "no devices unless needed": {f"pools.{pool}.fewest_devices": 0 for pool in POOLS},
    "no requests": {"features.answers.tokens_per_request": 0, "features.answers.input_tokens_per_request": 0,
                    "features.sorting.tokens_per_request": 0},
    "the slowest device": {"pools.large.tokens_per_second": 0.001},
    "an hour a month": {"hours_per_month": 1},
    "a latency that no device keeps": {"pools.large.token_latency_limit": 0.001},
    "everything at the vendor": {f"pools.{pool}.vendor_share": 1 for pool in POOLS},
    "everything on spot, and lost": {"pools.large.spot_share": 1, "pools.large.spot_lost_share": 1},
    "the day has no load": {f"hours.h{hour:02}.load": 0 for hour in range(24)},
    "all plans are free": {"plans.team.price": 0, "plans.team.seat_price": 0, "plans.team.overage_price": 0},
    "all is given away by discount": {f"plans.{plan}.discount": 1 for plan in PLANS},
    "all is refunded": {"plans.team.refund_share": 1, "plans.team.bad_debt_share": 1},
    "no commitment": {"plans.api.commitment": 0},
    "tokens are free": {f"plans.api.{kind}_price": 0 for kind in ("output", "input", "cached")},
    "a commitment above the tier": {"plans.api.commitment": 2_000},
    "beyond the tier all is free": {"plans.api.tier_discount": 1, "plans.api.commitment": 2_000},
    "a tier from nothing on": {"plans.api.tier_starts": 0},
    "usage hardly differs": {"plans.team.usage_spread": 0.01},
    "usage could not differ more": {"plans.team.usage_spread": 5},
    "a cap below any use": {"plans.team.requests_cap": 0.001, "plans.free.requests_cap": 0.001},
    "nothing is included": {"plans.team.included_requests": 0},
    "a cap below the allowance": {"plans.team.requests_cap": 100, "plans.team.included_requests": 400},
    "years until payment": {"plans.api.days_to_pay": 365, "days_payable": 365},
    "credits are used at once": {"plans.api.credit_use": 1},
    "credits are never used": {"plans.api.credit_use": 0},
    "almost everybody upgrades": {"plans.free.upgrade_rate": 0.9},
    "contracts of ten years": {"plans.team.contract_months": 120, "plans.team.prepaid_months": 120},
    "seats vanish": {"plans.team.seat_growth": -1},
    "devices retire each month": {"pools.large.economic_life": 1},
    "devices retire each month, all written off":
        {"pools.large.economic_life": 1, "pools.large.book_life": 1, "pools.large.residual_share": 0},
    "devices keep their price": {"pools.large.residual_share": 1},
    "books slower than the market": {"pools.large.economic_life": 2, "pools.large.book_life": 120},
    "a loan of one month": {"loans.venture.months": 1},
    "a loan of no time": {"loans.venture.months": 0},
    "interest alone for all its time": {"loans.venture.interest_only": 15},
    "interest alone beyond its time": {"loans.venture.interest_only": 99},
    "a loan without interest": {"loans.venture.interest_rate": 0},
    "a loan at 100 %": {"loans.venture.interest_rate": 1},
    "losses may offset nothing": {"loss_limit": 0},
    "all profit is taxed away": {"tax_rate": 1},
    "all of R&D is credited": {"research_credit_rate": 1},
    "all models are assets": {"programs.tune.capitalised_share": 1, "programs.tune.model_life": 1},
    "credits for ever": {"credits_granted": 1e9, "credits_expire": 1_000},
    "an outage every month": {"events.outage.lasts": 99, "events.outage.happens": 1,
                              "events.outage.customers_lost": 0.9},
    "the rival is far ahead": {"events.rival.frontier_gain": 100},
    "demand explodes": {"events.rival.demand_factor": 1e6},
    "all prices fall to nothing": {"events.rival.price_factor": 0.001, "events.rival.token_price_factor": 0.001},
    "cash far below zero": {"opening_cash": -1e9},
    "nobody works here": {f"roles.{role}.heads": 0 for role in ("engineer", "seller", "supporter")},
    "one head a customer": {"roles.supporter.customers_per_head": 1},
}  # fmt: skip


@pytest.fixture(scope="module")
def company() -> Scenario:
    """Return the company that has everything, for twenty months."""
    return everything(HERE, months=20, seed=3)


def changed(scenario: Scenario, changes: Mapping[str, Any]) -> Scenario:
    """Return the scenario with these values; a name without a path is changed for every member that has it."""
    for name, literal in changes.items():
        for path in [path for path in scenario.assumptions if path == name or path.endswith(f".{name}")]:
            scenario = scenario.with_value(path, literal)
    return scenario


def violations(scenario: Scenario, trials: int = 2) -> list[Any]:
    """Return the rules that a scenario breaks in its base case and a few trials."""
    return list(check(simulation_of(scenario, draw(scenario, trials))))


def lines(scenario: Scenario, *names: str, trials: int = 2) -> tuple[Array, ...]:
    """Return lines of the base case and a few trials, each of shape (months, members, trials)."""
    kept = simulation_of(scenario, draw(scenario, trials)).keep(names)
    return tuple(kept[name] for name in names)


@pytest.mark.parametrize("limit", LIMITS)
def test_books_hold_at_the_limit(company: Scenario, limit: str):
    """Every number is finite and every rule holds with an assumption at its limit."""
    assert violations(changed(company, LIMITS[limit])) == []


@pytest.mark.parametrize(("churn", "spread", "contract"), product((0, 1), (0, 0.5, 50), (1, 12)))
def test_books_hold_when_all_stay_and_when_all_leave(company: Scenario, churn: float, spread: float, contract: int):
    """All rules hold with churn of 0 and 1, with equal and different customers, and with contracts of a year."""
    changes = {"churn": churn, "churn_spread": spread, "contract_months": contract}
    assert violations(changed(company, changes)) == []


@pytest.mark.parametrize("share", np.arange(1, 11) / 10)
def test_books_hold_for_any_concentration_of_usage(company: Scenario, share: float):
    """All rules hold from a top tenth with a tenth of all usage to a top tenth with all of it."""
    assert violations(changed(company, {"top_tenth_share": float(share)})) == []


@pytest.mark.parametrize("months", [1, 2, 6, 120])
def test_books_hold_in_short_and_long_scenarios(months: int):
    """All rules hold in a scenario that ends within a prepaid year, and over ten years."""
    assert violations(everything(HERE, months=months, seed=3)) == []


def test_books_hold_when_customers_leave_for_ten_years():
    """All rules hold where upgrades, outages and a hopeless product leave almost nothing of a cohort."""
    changes = {"upgrade_rate": 0.9, "customers_lost": 0.9, "lasts": 240, "happens": 1, "frontier_gain": 9}
    fled = changed(everything(HERE, months=120, seed=3), {**changes, "churn_sensitivity": 3})
    assert violations(fled, trials=1) == []


def test_books_hold_for_a_hundred_plans():
    """All rules hold with a hundred plans, each with its own price and share of sign-ups."""
    plan = {"conversion": 0.05, "share_of_signups": 0.01, "churn": 0.03, "requests_per_customer": 50}
    plans = {f"plan{place}": plan | {"price": place} for place in range(100)}
    channels = {"search": {"budget": 9000, "cost_per_signup": 20, "most_signups": 2000}}
    features = {"answers": {"pool": "large", "tokens_per_request": 500}}
    pools = {"large": {"tokens_per_second": 900, "device_price": 3, "peak_to_mean": 2}}
    members = {"plan": plans, "channel": channels, "feature": features, "pool": pools}
    assert violations(parse(written(members, TOP, months=24), HERE)) == []


@pytest.mark.parametrize("kind", [None, "plan", "role", "channel", "loan"])
def test_books_hold_for_a_company_of_almost_nothing(kind: str | None):
    """All rules hold without members, or with members of one kind and no pools."""
    needed: dict[str, dict[str, Any]] = {
        "plan": {"price": 20, "conversion": 0.1, "churn": 0.1, "requests_per_customer": 9, "opening_customers": 8},
        "role": {"heads": 2, "opening_headcount": 2, "salary": 50_000},
        "channel": {"budget": 100, "cost_per_signup": 5, "most_signups": 50},
        "loan": {"drawn_month": 2, "principal": 1_000},
    }
    members = {kind: {"one": needed[kind]}} if kind else {}
    assert violations(parse(written(members, TOP, months=14), HERE)) == []


def test_a_company_without_anything_keeps_its_cash():
    """Cash stays the same without members and overheads."""
    (cash,) = lines(parse(written({}, TOP, months=14), HERE), "cash")
    assert (cash == TOP["opening_cash"]).all()


def test_another_currency_changes_no_number(company: Scenario):
    """The code of the currency changes no number."""
    yen = parse(f"currency: JPY\n{company.text}".replace("USD/EUR", "JPY/EUR"), HERE)
    assert violations(yen) == []
    np.testing.assert_array_equal(*lines(yen, "cash"), *lines(company, "cash"))


def test_growth_stops_at_the_market(company: Scenario):
    """Strong word of mouth brings no more people than the market has."""
    viral = changed(company, {"market_size": 5_000, "innovation": 0.5, "imitation": 8, "demand_factor": 100})
    reached, signups = lines(viral, "reached", "signups")
    assert reached.max() <= 5_000 * (1 + 1e-12)
    assert reached[-1].min() == pytest.approx(5_000)
    assert signups.min() >= 0


def test_a_shrinking_market_takes_nobody_back(company: Scenario):
    """People reached stay reached when the market shrinks."""
    shrinking = changed(company, {"market_size": {0: 50_000, 8: 100}, "imitation": 1})
    assert lines(shrinking, "signups")[0].min() >= 0
    assert violations(shrinking) == []


def test_a_full_market_buys_nothing_more(company: Scenario):
    """Channels bring no sign-ups once everyone has been reached."""
    assert lines(changed(company, {"opening_reached": 200_000}), "signups")[0].max() == 0


def test_an_event_by_chance_happens_in_some_trials(company: Scenario):
    """The outage has its cost in about four of ten trials, and none in the others."""
    (cost,) = lines(company, "event_cost", trials=400)
    once = cost[9, company.entities["event"].index("outage"), 1:]
    assert set(once) == {0.0, 15_000.0}
    assert (once > 0).mean() == pytest.approx(0.4, abs=0.1)


def test_a_loan_is_repaid_at_the_end_of_its_term(company: Scenario):
    """The last month repays everything, even after interest alone until then."""
    late = changed(company, {"loans.venture.interest_only": 99, "loans.venture.months": 6})
    (debt,) = lines(late, "debt")
    assert debt[11].min() > 0
    assert debt[12].max() == 0


def test_everybody_leaves_with_full_churn(company: Scenario):
    """With churn 1 and no contract, a month's customers are those who joined in it."""
    leaving = changed(company, {"churn": 1, "contract_months": 1, "seat_growth": 0})
    customers, new = lines(leaving, "customers", "new_customers")
    np.testing.assert_allclose(customers[1:], new[1:])


def test_nobody_leaves_without_churn(company: Scenario):
    """With churn 0, no upgrades and no events, customers only add up."""
    changes = {"churn": 0, "upgrade_rate": 0, "customers_lost": 0, "churn_sensitivity": 0}
    (lost,) = lines(changed(company, changes), "churned_customers")
    assert np.abs(lost).max() < 1e-6


def test_a_scenario_of_one_month_has_one_number_a_line(company: Scenario):
    """Every line has one month where the first month is the last."""
    short = replace(company, settings=replace(company.settings, months=1))
    assert len(lines(short, "cash")[0]) == 1


@pytest.mark.parametrize("name", ["receivables", "model_assets", "payables", "debt", "paid_in_capital", "tax_losses"])
def test_what_is_owed_or_held_at_the_start_is_not_negative(company: Scenario, name: str):
    """A balance of the other sign is a slip, and is told as typed; losses that add up may make earnings negative."""
    path = next(path for path in company.assumptions if path.endswith(f"opening_{name}"))
    with pytest.raises(BreakevenError, match="-50000 is below 0"):
        company.with_value(path, -50_000)
    assert company.with_value("opening_retained_earnings", -50_000)
