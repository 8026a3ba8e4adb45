"""How long customers stay and what they pay for, against closed forms, a simulation, and companies by hand."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from companies import written
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.answers.customers.lifetime import mean_life
from simulator.answers.projection import Projection, project
from simulator.scenario.reading import parse

TOP = {"opening_cash": 1e7, "tax_rate": 0, "hours_per_month": 730}
PLAN = {"price": 10, "requests_per_customer": 0, "conversion": 1, "share_of_signups": 1, "churn": 0.08}


def projected(
    plans: Mapping[str, Mapping[str, Any]], months: int = 36, channel: Mapping[str, Any] | None = None, **more: Any
) -> Projection:
    """Return the base case of a company that serves at no cost, with these plans and 100 sign-ups a month."""
    friends = {"budget": 0, "cost_per_signup": 1, "most_signups": 1, "organic_signups": 100, **(channel or {})}
    members = {
        "channel": {"friends": friends},
        "plan": {name: {**PLAN, **plan} for name, plan in plans.items()},
        **more,
    }
    return project(parse(written(members, TOP, months=months), Path()), 0, evidence=False)


def value(found: Projection, name: str, variant: str = "") -> float | None:
    """Return a KPI by one of its definitions."""
    kpi = found.kpis[name]
    return kpi.others[variant] if variant else kpi.value


def spread_out(alpha: float, beta: float) -> dict[str, float]:
    """Return churn and its spread for the parameters of a beta distribution."""
    return {"churn": alpha / (alpha + beta), "churn_spread": 1 / (alpha + beta)}


@pytest.mark.parametrize(("alpha", "beta"), [(3, 5), (1.5, 4), (1.05, 20), (20, 400)])
def test_the_mean_life_of_a_mixed_cohort(alpha: float, beta: float):
    """The shifted-beta-geometric has the mean (α + β − 1) / (α − 1)."""
    mixed = spread_out(alpha, beta)
    assert mean_life(mixed["churn"], mixed["churn_spread"]) == pytest.approx((alpha + beta - 1) / (alpha - 1))


@pytest.mark.parametrize(("churn", "term"), [(0.02, 1), (0.05, 12), (1e-4, 12), (1.0, 1), (1.0, 12)])
def test_the_mean_life_under_a_contract(churn: float, term: int):
    """Without a spread, a contract of n months is renewed with (1 − c)^n, so its mean life is n / (1 − (1 − c)^n)."""
    assert mean_life(churn, 0, term) == pytest.approx(term / (1 - (1 - churn) ** term), rel=1e-6)


@pytest.mark.parametrize("term", [1, 12])
def test_the_mean_life_of_customers_drawn_one_by_one(term: int):
    """A million customers, each with a churn of its own from a beta distribution, stay as long on average."""
    alpha, beta = 4.0, 30.0
    chance = np.random.default_rng(7)
    own = chance.beta(alpha, beta, 1_000_000)
    drawn = term * chance.geometric(1 - (1 - own) ** term)
    mixed = spread_out(alpha, beta)
    expected = mean_life(mixed["churn"], mixed["churn_spread"], term)
    assert expected == pytest.approx(drawn.mean(), abs=5 * drawn.std() / 1000)


@pytest.mark.parametrize(("churn", "spread"), [(0.05, 0.05), (0.668 / 4.474, 1 / 4.474), (0, 0), (0, 0.3)])
def test_a_life_may_be_infinite(churn: float, spread: float):
    """For α of 1 or less the mean is infinite, as it is if nobody leaves."""
    assert mean_life(churn, spread) == np.inf
    assert mean_life(churn, spread, kept=0.9) < 11


def test_price_and_events_shorten_a_life():
    """Twice the churn by age halves a life; events that take a tenth each month take a tenth of those who stay."""
    assert mean_life(0.05, 0, pressure=2) == pytest.approx(10)
    assert mean_life(0.05, 0.01, pressure=2) == pytest.approx(mean_life(0.1, 0.01))
    assert mean_life(0.1, 0, kept=0.9) == pytest.approx(1 / (1 - 0.9 * 0.9))


def test_lifetime_value_is_a_sum_over_plans():
    """Of 100 new customers 99 pay 50 at 10 % churn and one pays 10,000 at 1 %: a mean of lives, not a life of means.

    Without a horizon they bring 500 and 1,000,000; within 36 months 489 and 303,564.
    """
    plans = {
        "small": {"price": 50, "churn": 0.1, "share_of_signups": 0.99},
        "large": {"price": 10_000, "churn": 0.01, "share_of_signups": 0.01},
    }
    found = projected(plans)
    assert value(found, "ltv", "no horizon") == pytest.approx(0.99 * 500 + 0.01 * 1e6)
    within = 0.99 * 500 * (1 - 0.9**36) + 0.01 * 1e6 * (1 - 0.99**36)
    assert value(found, "ltv") == pytest.approx(within)


def test_lifetime_value_under_a_spread_of_churn():
    """At α = 3 and β = 27 a new customer stays 14.5 months, not the 1 / c of the churn that is seen."""
    found = projected({"basic": spread_out(3, 27)})
    assert value(found, "ltv", "no horizon") == pytest.approx(10 * 29 / 2)


def test_an_infinite_lifetime_is_no_value():
    """With the churn of Fader and Hardie's high-end customers (α = .668, β = 3.806) the mean life is infinite."""
    found = projected({"basic": spread_out(0.668, 3.806)})
    assert value(found, "ltv", "no horizon") is None
    assert value(found, "ltv") is not None


@pytest.mark.parametrize("term", [1, 12, 36])
def test_lifetime_value_under_a_contract_has_no_horizon(term: int):
    """A customer at 10 a month under contract brings 10 n / (1 − (1 − c)^n)."""
    found = projected({"basic": {"contract_months": term}})
    assert value(found, "ltv", "no horizon") == pytest.approx(10 * term / (1 - 0.92**term))


def test_a_year_paid_ahead_by_customers_who_leave_within_it():
    """1,200 customers pay 120 for a year and leave at 8 % a month: each has paid 10 a month, however few are left."""
    yearly = {"prepaid_months": 12, "conversion": 0.1}
    launch = {"budget": {0: 12_000, 1: 0}, "cost_per_signup": 0.01, "most_signups": 12_000, "organic_signups": 0}
    found = projected({"yearly": yearly}, months=12, channel=launch)
    ledger = found.ledger
    joined = ledger.of_member("new_customers", "yearly")[0]
    assert ledger.total("revenue") == pytest.approx(10 * joined)
    assert ledger.total("customers")[-1] == pytest.approx(joined * 0.92**11)
    assert value(found, "arpa") == pytest.approx(10)


def test_lifetime_value_of_a_year_paid_ahead_is_what_is_paid():
    """A new customer pays 120 at once, again after a year with .92^12, and again after two with .92^24."""
    found = projected({"yearly": {"prepaid_months": 12}})
    kept = 0.92**12
    assert value(found, "arpa") == pytest.approx(10)
    assert value(found, "ltv") == pytest.approx(120 * (1 + kept + kept**2))
    assert value(found, "ltv", "no horizon") == pytest.approx(120 / (1 - kept))


def test_customers_whom_an_event_takes_have_paid_their_year():
    """Half of all customers leave in month 30 within a year that they have paid: each has still paid 10 a month.

    Of 3,000 customers 1,500 leave. The 200 who joined in months 6 and 18 renew in that month, so only 100 of them pay.
    """
    event = {"starts": 30, "lasts": 1, "customers_lost": 0.5}
    found = projected({"yearly": {"prepaid_months": 12, "contract_months": 12, "churn": 0}}, event={"rival": event})
    ledger = found.ledger
    assert ledger.total("customers")[30] == pytest.approx(1_600)
    assert ledger.total("revenue")[30] == pytest.approx(10 * (2_800 + 100 + 100))
    assert value(found, "arpa") == pytest.approx(10)


@settings(max_examples=15, deadline=None)
@given(st.sampled_from([1, 2, 12]), st.sampled_from([1, 3, 12, 24]), st.floats(0.01, 0.9), st.integers(0, 500))
def test_nobody_pays_more_than_the_price(term: int, ahead: int, churn: float, opening: int):
    """However the price of 10 a month is paid, ARPA and the LTV per month of the horizon do not exceed it."""
    plan = {"contract_months": term, "prepaid_months": ahead, "churn": churn}
    if ahead == 1 or ahead == term == 1:
        plan["opening_customers"] = opening
    found = projected({"basic": plan}, months=48)
    assert value(found, "arpa") == pytest.approx(10, rel=1e-9)
    assert (value(found, "ltv") or 0) <= 360 * (1 + 1e-9)
