"""Prices in contracts: how long they hold, and their effect on revenue and retention."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from companies import alone, written
from hypothesis import given
from hypothesis import strategies as st
from made import by_month

from simulator.answers.projection import Projection, project
from simulator.scenario.reading import parse

AVERAGE = ("goes_on", "signed_before", "contracts_running", "contracts_signed", "in_term", "fees_signed", "signed_fee")
TOP = {"opening_cash": 0, "tax_rate": 0, "hours_per_month": 730}
CUSTOMER = {"conversion": 0, "churn": 0, "requests_per_customer": 1, "opening_customers": 100}
CUT = {0: 100, 6: 80}
BOUGHT = {"price": CUT, "contract_months": 12, "conversion": 1, "share_of_signups": 1}
PRESS = {"budget": 0, "cost_per_signup": 1, "most_signups": 1}


def projected(plan: dict[str, Any], months: int = 24, **members: Any) -> Projection:
    """Return the projection of a company with this one plan."""
    text = written({"plan": {"one": CUSTOMER | plan}, **members}, TOP, months=months)
    return project(parse(text, Path()), 0)


def line(projection: Projection, name: str) -> list[float]:
    """Return a line of the plan by month."""
    return list(projection.ledger.of_member(name, "one"))


# The average of a book


def signed_fees(contracts: list[float], fees: list[float], term: int) -> list[float]:
    """Return the fee that a mean customer has signed, by month."""
    inputs = {"contracts": by_month(*contracts), "fee": by_month(*fees)}
    return alone(
        AVERAGE, inputs | {"contract_months": term, "opening_contracts_signed": 0, "opening_running": 0}, len(fees)
    )["signed_fee"]


def test_a_price_cut_reaches_a_staggered_book_in_a_straight_line():
    """With a twelfth of the contracts renewed each month, a cut of 20 % takes twelve months to arrive in full."""
    book = [10.0 * min(month + 1, 12) for month in range(40)]
    found = signed_fees(book, [100.0] * 18 + [80.0] * 22, 12)
    assert found[:18] == pytest.approx([100] * 18)
    assert found[18:30] == pytest.approx([100 - 20 * passed / 12 for passed in range(1, 13)])
    assert found[30:] == pytest.approx([80] * 10)


def test_a_contract_of_a_month_has_the_price_of_the_month():
    """A contract of one month never keeps an older price."""
    fees = [100.0, 90, 110, 70, 70, 120]
    assert signed_fees([5, 9, 2, 0, 0, 4], fees, 1) == pytest.approx(fees)


@given(
    joined=st.lists(st.integers(0, 9), min_size=20, max_size=20),
    fees=st.lists(st.integers(1, 9), min_size=20, max_size=20),
    term=st.integers(1, 8),
    lost=st.sampled_from((0.0, 0.3, 1.0)),
)
def test_the_average_is_that_of_every_cohort_by_itself(joined: list[int], fees: list[int], term: int, lost: float):
    """Each cohort signs when it joins and at each end of its term, at which some of it leaves."""
    months = range(len(fees))
    left = np.array([[joined[start] * (1 - lost) ** ((month - start) // term) if month >= start else 0.0
                      for start in months] for month in months])  # fmt: skip
    signed = np.array([[fees[start + (month - start) // term * term] if month >= start else 0.0
                        for start in months] for month in months])  # fmt: skip
    book = left.sum(axis=1)
    mean = np.divide((left * signed).sum(axis=1), book, out=np.array(fees, dtype=float), where=book > 0)
    assert signed_fees(book.tolist(), [float(fee) for fee in fees], term) == pytest.approx(mean.tolist())


# Revenue


def renewing(old: float, new: float, term: int = 12, month: int = 6) -> list[float]:
    """Return 24 months of an amount that moves from old to new as contracts end evenly, from a month on."""
    return [old + (new - old) * min(max(now + 1 - month, 0), term) / term for now in range(24)]


def test_a_new_price_waits_for_the_anniversary():
    """Customers who signed for a year pay 80 instead of 100 from their renewal on, the first in month 6."""
    found = projected({"price": CUT, "contract_months": 12})
    kept = renewing(10_000, 8_000)
    assert line(found, "subscription_revenue") == pytest.approx(kept)
    assert line(found, "mrr") == pytest.approx(kept)


SEATS = {"price": 0, "seat_price": {0: 10, 6: 7}, "seats_per_customer": 3, "contract_months": 12}
MINIMUM = {"price": 0, "commitment": {0: 500, 6: 900}, "contract_months": 12}
CHANGES = {
    "a contract of one month has a new price in its first month":
        ({"price": CUT}, "subscription_revenue", [10_000] * 6 + [8_000] * 18),
    "a seat fee of 10 holds until renewal, and then is 7, for three seats a customer":
        (SEATS, "mrr", renewing(3_000, 2_100)),
    "a commitment of 500 that new customers sign at 900 is 500 until it is renewed":
        (MINIMUM, "metered_revenue", renewing(50_000, 90_000)),
}  # fmt: skip


@pytest.mark.parametrize("fact", CHANGES)
def test_a_change_holds_from_the_next_signature_on(fact: str):
    """Seats and minimums keep their price as fees do."""
    plan, name, expected = CHANGES[fact]
    assert line(projected(plan), name) == pytest.approx(expected)


def test_what_is_paid_a_year_ahead_is_invoiced_at_the_price_of_its_day():
    """A customer who joins in month 4 is invoiced 1,200, then 960 in month 16; each month earns a twelfth."""
    plan = BOUGHT | {"prepaid_months": 12, "opening_customers": 0}
    found = projected(plan, channel={"press": PRESS | {"organic_signups": {0: 0, 4: 10, 5: 0}}})
    billed = line(found, "subscription_billings")
    assert (billed[4], billed[16], sum(billed)) == (pytest.approx(12_000), pytest.approx(9_600), pytest.approx(21_600))
    assert line(found, "subscription_revenue") == pytest.approx(line(found, "mrr"))


@pytest.mark.parametrize(("term", "ahead"), [(24, 12), (12, 3), (6, 2), (12, 12), (12, 1)])
@pytest.mark.parametrize("fees", [{"price": {0: 10, 8: 15}}, {"price": 0, "seat_price": {0: 10, 8: 15}}])
def test_an_invoice_within_a_contract_has_the_fees_of_that_contract(term: int, ahead: int, fees: dict[str, Any]):
    """New customers pay a new price from their first invoice on, however many others still have the old one."""
    plan = BOUGHT | fees | {"contract_months": term, "prepaid_months": ahead, "churn": 0.03, "opening_customers": 240}
    found = projected(plan, 50, channel={"press": PRESS | {"organic_signups": 100}})
    assert line(found, "subscription_revenue") == pytest.approx(line(found, "mrr"))


@pytest.mark.parametrize("term", [1, 12])
def test_a_price_war_waits_for_renewal(term: int):
    """Overage is charged at the level that was signed: half of it for all who renew from month 5 on."""
    plan = {"price": 1, "overage_price": 2, "included_requests": 0, "requests_per_customer": 10}
    found = projected(plan | {"contract_months": term}, event={"war": {"starts": 5, "price_factor": 0.5}})
    paid = np.array(line(found, "overage_revenue"))
    assert paid == pytest.approx(renewing(paid[0], paid[0] / 2, term, 5))


def test_new_customers_sign_the_new_price():
    """100 customers at 100, of whom a twelfth renews at 80, and 100 who join in month 6 at 80 pay 17,833."""
    found = projected(BOUGHT, channel={"press": PRESS | {"organic_signups": {0: 0, 6: 100, 7: 0}}})
    assert line(found, "mrr")[5:7] == pytest.approx([10_000, 18_000 - 20 * 100 / 12])


# Retention


@pytest.mark.parametrize(("term", "kept"), [(12, 0.9), (1, 0.8)])
def test_a_cut_reaches_contracts_on_renewal(term: int, kept: float):
    """Half a year after a price cut by a fifth, half of the contracts of a year have been renewed at the new price."""
    retention = projected({"price": {0: 100, 18: 80}, "contract_months": term}).kpis["nrr"]
    assert retention.value == pytest.approx(kept)
