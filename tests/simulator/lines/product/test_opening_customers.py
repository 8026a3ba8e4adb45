"""Customers from before the scenario: their age, when their contracts end, their prices, and what they prepaid."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from companies import written
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.answers.customers.cohorts import triangle
from simulator.answers.ledger import Ledger
from simulator.engine.model import Array
from simulator.errors import ScenarioError
from simulator.scenario.reading import parse

TOP = {"opening_cash": 100_000, "tax_rate": 0, "hours_per_month": 730}
CUSTOMER = {"price": 100, "conversion": 0, "churn": 0, "requests_per_customer": 1, "opening_customers": 120}
YEARLY = {"contract_months": 12, "prepaid_months": 12}
PRESS = {"channel": {"press": {"budget": 0, "cost_per_signup": 1, "most_signups": 1, "organic_signups": 10}}}


def computed(plan: dict[str, Any], months: int = 24, **members: Any) -> Ledger:
    """Return the base case of a company whose one plan has these assumptions."""
    text = written({"plan": {"one": CUSTOMER | plan}, **members}, TOP, months=months)
    return Ledger.of(parse(text, Path()))


def line(name: str, plan: dict[str, Any], months: int = 24) -> Array:
    """Return a line of the plan by month."""
    return computed(plan, months).of_member(name, "one")


# Who leaves


def test_a_year_of_renewals_at_churn_of_three_percent():
    """Of 120 a twelfth renews each month, and .97^12 of it stays: a year's invoices are 12 × 10 × .97^12 × 1,200."""
    billed = line("subscription_billings", YEARLY | {"churn": 0.03})
    assert billed[:12].sum() == pytest.approx(99_913.30, abs=0.01)
    assert billed[:12] == pytest.approx(12_000 * 0.97**12)
    assert billed[12:] == pytest.approx(12_000 * 0.97**24)


@pytest.mark.parametrize(("age", "lost"), [(0, 800), (24, 800 / 13), (60, 800 / 31)])
def test_an_old_base_is_loyal(age: float, lost: float):
    """At churn 8 % and spread .5, customers of age t leave at a rate of 8 % / (1 + t / 2)."""
    plan = {"opening_customers": 10_000, "churn": 0.08, "churn_spread": 0.5, "opening_age": age}
    customers = line("customers", plan)
    assert customers[:2] == pytest.approx([10_000, 10_000 - lost])


def test_monthly_customers_leave_from_the_second_month_on():
    """With monthly contracts, opening customers are those billed in month 0, and leave like a cohort of that month."""
    billed = line("subscription_billings", {"churn": 0.05})
    assert billed == pytest.approx(12_000 * 0.95 ** np.arange(24))


def groups(months: int, term: int, age: float, churn: float, spread: float) -> Array:
    """Return 120 opening customers by month and group, one group for each month in which a first term ends."""
    there = np.zeros((months, term))
    for group in range(term):
        ends = group if term > 1 else 1  # a monthly contract runs through the first month
        signed_at, left = max(age + ends - term, 0.0), 120.0 / term
        for month in range(months):
            if month >= ends and (month - ends) % term == 0:
                for of_age in np.arange(signed_at, signed_at + term - 0.5):
                    left *= 1 - churn / (1 + spread * of_age)
                signed_at += term
            there[month, group] = left
    return there


BOOK = {
    "term": st.integers(1, 30),
    "prepaid": st.integers(1, 14),
    "age": st.sampled_from((0, 1, 7, 12.5, 40)),
    "churn": st.sampled_from((0.0, 0.02, 0.3, 1.0)),
    "spread": st.sampled_from((0.0, 0.001, 0.4, 3.0)),
}


@settings(max_examples=25)
@given(**BOOK)
def test_any_book_is_kept_group_by_group(term: int, prepaid: int, age: float, churn: float, spread: float):
    """Customers and invoices are those of groups kept one by one, by the month in which their first term ends."""
    plan = {"contract_months": term, "prepaid_months": prepaid, "churn": churn, "churn_spread": spread}
    ledger = computed(plan | {"opening_age": age}, months=40)
    there = groups(40, term, age, churn, spread)
    # The stay index divides by customers, so where nobody stays a billionth of them does.
    assert ledger.of_member("customers", "one") == pytest.approx(there.sum(axis=1), abs=1e-6)
    due = np.arange(40)[:, None] % prepaid == np.arange(term)[None, :] % prepaid
    invoiced = (there * due).sum(axis=1) if term % prepaid == 0 else there.sum(axis=1) / prepaid
    assert ledger.of_member("subscription_billings", "one") == pytest.approx(100 * prepaid * invoiced, abs=1e-4)
    if term % prepaid == 0:
        revenue, recurring = (ledger.of_member(name, "one") for name in ("subscription_revenue", "mrr"))
        assert revenue == pytest.approx(recurring, abs=1e-4)


@pytest.mark.parametrize("term", [1, 6])
def test_cohorts_with_opening_customers_sum_to_customers(term: int):
    """The triangle's first row is the first month's buyers and all opening customers still there."""
    plan = {"contract_months": term, "churn": 0.1, "churn_spread": 0.2, "opening_age": 9, "conversion": 1}
    ledger = computed(plan | {"share_of_signups": 1}, **PRESS)
    rows = triangle(ledger, "one")
    assert np.nansum(rows, axis=0) == pytest.approx(ledger.of_member("customers", "one"))
    joined = 10 * ledger.of_member("contract_survival", "one")
    assert rows[0] == pytest.approx(joined + groups(24, term, 9, 0.1, 0.2).sum(axis=1))


def test_seats_of_opening_customers_grow():
    """Each opening customer begins with 5 seats and adds 2 % of them a month, whatever the age."""
    plan = {"contract_months": 3, "churn": 0.1, "seats_per_customer": 5, "seat_growth": 0.02, "seat_price": 1}
    grown = 5 * 1.02 ** np.arange(24)
    assert line("seats", plan) == pytest.approx(groups(24, 3, 0, 0.1, 0).sum(axis=1) * grown)


# What they pay


def test_renewals_bring_the_new_price():
    """100 becomes 200 in month 6: invoices at once for who renews then, recurring revenue a twelfth each month."""
    ledger = computed(YEARLY | {"price": {0: 100, 6: 200}})
    billed, recurring, revenue = (
        ledger.of_member(name, "one") for name in ("subscription_billings", "mrr", "subscription_revenue")
    )
    assert billed == pytest.approx([12_000] * 6 + [24_000] * 18)
    assert recurring == pytest.approx(
        [12_000] * 6 + [12_000 + 1_000 * renewed for renewed in range(1, 13)] + [24_000] * 6
    )
    assert revenue == pytest.approx(recurring)


@pytest.mark.parametrize("term", [2, 5, 12, 18])
def test_revenue_is_what_contracts_say(term: int):
    """Where contracts are prepaid, revenue is what customers have signed, at any prices and any churn."""
    plan = {"contract_months": term, "prepaid_months": term, "churn": 0.04, "churn_spread": 0.3, "opening_age": 7}
    ledger = computed(plan | {"price": {0: 100, 4: 150, 9: 60}, "conversion": 1, "share_of_signups": 1}, **PRESS)
    revenue, recurring = (ledger.of_member(name, "one") for name in ("subscription_revenue", "mrr"))
    assert revenue == pytest.approx(recurring)


# What they have prepaid


@pytest.mark.parametrize(
    ("plan", "deferred"),
    [
        (YEARLY, 120 * 100 * 11 / 2),
        (YEARLY | {"prepaid_months": 3}, 120 * 100 * 2 / 2),
        (YEARLY | {"contract_months": 1}, 120 * 100 * 11 / 2),
        (YEARLY | {"refund_share": 0.1}, 120 * 90 * 11 / 2),
        (YEARLY | {"price": 0, "seat_price": 20, "seats_per_customer": 5}, 120 * 100 * 11 / 2),
        ({"contract_months": 12}, 0),
    ],
)
def test_prepaid_invoices_leave_revenue_for_later(plan: dict[str, Any], deferred: float):
    """Of n prepaid months, n - 1 are left to a n-th of the customers, and so on: (n - 1) / 2 months of all fees."""
    ledger = computed(plan)
    assert ledger.of_member("deferred_at_start", "one") == pytest.approx(np.full(24, deferred))
    earned = 12_000 * (1 - plan.get("refund_share", 0))
    assert ledger.of_member("subscription_revenue", "one") == pytest.approx(np.full(24, earned))
    assert ledger.of_member("deferred_revenue", "one") == pytest.approx(np.full(24, deferred))


@pytest.mark.parametrize(("stated", "first"), [(0, 1_000), (6_600, 2_100)])
def test_a_stated_balance_wins(stated: float, first: float):
    """A stated amount, also 0, is earned over eleven months, 11 / 66 of it in the first, beside a new invoice."""
    revenue = line("subscription_revenue", YEARLY | {"opening_deferred_revenue": stated})
    assert revenue[0] == pytest.approx(first)
    assert revenue[11] == pytest.approx(12_000)


def test_the_opening_balance_sheet_balances():
    """Of cash of 100,000, service worth 66,000 is owed; no line of the first month makes it profit or equity."""
    ledger = computed(YEARLY)
    assert ledger.total("net_assets_at_start") == pytest.approx(np.full(24, 100_000 - 66_000))
    assert ledger.total("assets") == pytest.approx(ledger.total("liabilities") + ledger.total("equity"))
    assert ledger.total("cash") == pytest.approx(100_000 + 12_000 * np.arange(1, 25))


# What churn may not do


def test_calendar_churn_has_a_factor():
    """A churn by month is refused, and the message shows the factor that moves it by month."""
    with pytest.raises(ScenarioError, match=r"which multiplies it: `churn_level: \{0: 1, 11: 1\.5, 12: 1\}`"):
        computed({"churn": {0: 0.03, 11: 0.05}})
    customers = line("customers", {"churn": 0.04, "churn_level": {0: 1, 11: 1.5, 12: 1}})
    assert customers[11] / customers[10] == pytest.approx(0.94)
    assert customers[12] / customers[11] == pytest.approx(0.96)
