"""Monthly recurring revenue: what counts, and the bridge from month to month, by hand."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from companies import written
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.answers.ledger import Ledger
from simulator.scenario.reading import parse

TOP = {"opening_cash": 1e7, "tax_rate": 0, "hours_per_month": 730}
PLAN = {"requests_per_customer": 0, "conversion": 1, "churn": 0}
BRIDGE = {
    "mrr_before": 1, "new_mrr": 1, "upgraded_in_mrr": 1, "expansion_mrr": 1,
    "contraction_mrr": -1, "upgraded_out_mrr": -1, "churned_mrr": -1,
}  # fmt: skip


def ledger(plans: Mapping[str, Mapping[str, Any]], months: int = 24, signups: float = 0) -> Ledger:
    """Return the base case of a company with these plans and so many sign-ups a month."""
    channel = {"budget": 0, "cost_per_signup": 1, "most_signups": 1, "organic_signups": signups}
    members = {"channel": {"friends": channel}, "plan": {name: {**PLAN, **plan} for name, plan in plans.items()}}
    return Ledger.of(parse(written(members, TOP, months=months), Path()))


def first(found: Ledger, plan: str = "") -> dict[str, float]:
    """Return the parts of the bridge in the first month that are not zero, of a plan or of the company."""
    parts = {name: found.of_member(name, plan)[0] if plan else found.total(name)[0] for name in BRIDGE}
    return {name.removesuffix("_mrr"): round(float(part), 6) for name, part in parts.items() if abs(part) > 1e-6}


def test_an_upgrade_moves_its_revenue_and_adds_the_difference():
    """Ten customers take 100 each out of one plan into another, which asks 300: 2,000 of expansion, and no churn."""
    plans = {
        "low": {"price": 100, "opening_customers": 1000, "upgrade_rate": 0.01},
        "high": {"price": 300, "share_of_upgrades": 1},
    }
    found = ledger(plans)
    assert first(found, "low") == {"mrr_before": 100_000, "upgraded_out": 1_000}
    assert first(found, "high") == {"upgraded_in": 1_000, "expansion": 2_000}
    assert found.total("mrr")[0] == pytest.approx(102_000)


def test_a_move_to_a_cheaper_plan_is_contraction():
    """Ten customers who paid 300 pay 100 in the other plan: contraction of 2,000."""
    plans = {
        "high": {"price": 300, "opening_customers": 1000, "upgrade_rate": 0.01},
        "low": {"price": 100, "share_of_upgrades": 1},
    }
    assert first(ledger(plans), "low") == {"upgraded_in": 3_000, "contraction": 2_000}


def test_customers_of_a_free_plan_are_new_when_they_pay():
    """Of ten upgraders five come from the free plan: their fees are new, and the other five expand by 200 each."""
    plans = {
        "free": {"price": 0, "opening_customers": 500, "upgrade_rate": 0.01},
        "low": {"price": 100, "opening_customers": 500, "upgrade_rate": 0.01},
        "high": {"price": 300, "share_of_upgrades": 1},
    }
    assert first(ledger(plans), "high") == {"new": 1_500, "upgraded_in": 500, "expansion": 1_000}


def test_a_plan_that_begins_to_charge_brings_new_revenue():
    """Of 1,000 free users 300 stay when the plan asks for 10: they are new recurring revenue, not expansion."""
    plan = {"price": {0: 0, 6: 10}, "opening_customers": 1000, "stay_when_charged": 0.3}
    found = ledger({"basic": plan})
    assert found.total("new_mrr")[6] == pytest.approx(3_000)
    assert found.total("expansion_mrr").sum() == pytest.approx(0)


def test_upgraders_for_whom_there_is_no_plan_are_lost():
    """Where plans that take upgrades have 60 % of them, the other 40 % leave the company as churn."""
    plans = {
        "low": {"price": 100, "opening_customers": 1000, "upgrade_rate": 0.01},
        "high": {"price": 100, "share_of_upgrades": 0.6},
    }
    assert first(ledger(plans)) == {
        "mrr_before": 100_000, "upgraded_in": 600, "upgraded_out": 600, "churned": 400,
    }  # fmt: skip


SEATS = {"price": 0, "seat_price": 10, "seats_per_customer": 5, "seat_growth": 0.03}
YEARLY = {"contract_months": 12, "prepaid_months": 12}


def test_seats_count_once_they_are_invoiced():
    """A hundred customers with five seats: in the second year they are billed for 1.03^12 times as many, no sooner."""
    plan = {**SEATS, **YEARLY, "share_of_signups": {0: 1, 1: 0}}
    found = ledger({"team": plan}, months=36, signups=100)
    expected = np.repeat([5_000 * 1.03**age for age in (0, 12, 24)], 12)
    assert found.total("mrr") == pytest.approx(expected)
    assert found.total("expansion_mrr")[[11, 12]] == pytest.approx([0, 5_000 * (1.03**12 - 1)], abs=1e-6)


@settings(max_examples=15, deadline=None)
@given(
    st.sampled_from([(12, 12), (12, 3), (24, 12), (12, 1), (1, 1)]),
    st.floats(0, 0.2),
    st.sampled_from([-0.02, 0, 0.03]),
    st.sampled_from([0, 0.4]),
    st.booleans(),
)
def test_recurring_revenue_is_what_is_billed(
    terms: tuple[int, int], churn: float, growth: float, spread: float, more: bool
):
    """Where nobody leaves within a paid period and prices stand still, MRR is the subscription revenue of the month.

    So it is with seats that change from month to month, for each customer or for new ones alike.
    """
    contract, ahead = terms
    seats = {0: 5, 7: 9} if more else 5
    plan = {**SEATS, "churn": churn, "churn_spread": spread, "seat_growth": growth, "seats_per_customer": seats}
    found = ledger({"team": {**plan, "contract_months": contract, "prepaid_months": ahead}}, months=40, signups=10)
    assert found.total("mrr") == pytest.approx(found.total("subscription_revenue"), rel=1e-9)


def test_seats_of_monthly_customers_count_at_once():
    """Paid by the month, seats are billed as they grow."""
    found = ledger({"team": {**SEATS, "opening_customers": 100}})
    assert found.total("mrr") == pytest.approx(5_000 * 1.03 ** np.arange(24))


def test_the_bridge_of_many_plans_closes():
    """With upgrades, churn, growing seats and changing prices, the bridge of each plan ends at its MRR."""
    plans = {
        "free": {"price": 0, "opening_customers": 90, "upgrade_rate": 0.1, "churn": 0.1, "share_of_signups": 0.6},
        "team": {**SEATS, **YEARLY, "share_of_upgrades": 0.7, "upgrade_rate": 0.05, "churn": 0.02},
        "firm": {"price": {0: 500, 9: 300}, "share_of_upgrades": 0.3, "upgrade_rate": 0.02, "share_of_signups": 0.1},
    }
    found = ledger(plans, signups=30)
    for plan in plans:
        ends = sum(sign * found.of_member(name, plan) for name, sign in BRIDGE.items())
        assert ends == pytest.approx(found.of_member("mrr", plan), abs=1e-6)
        assert found.of_member("mrr_before", plan)[1:] == pytest.approx(found.of_member("mrr", plan)[:-1])
    assert found.total("upgraded_in_mrr") == pytest.approx(found.total("upgraded_out_mrr"))
    assert found.total("upgraded_in_mrr").sum() > 0
