"""Refunds of prepaid months to customers who leave, against companies rebuilt customer by customer."""

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from companies import written
from hypothesis import given, settings
from hypothesis import strategies as st
from invariants import check

from simulator.answers.draws import draw
from simulator.answers.projection import Projection, project
from simulator.engine.model import Array
from simulator.scenario.numbers import simulation_of
from simulator.scenario.reading import parse
from simulator.scenario.scenario import Scenario

TOP = {"opening_cash": 100_000, "tax_rate": 0, "hours_per_month": 730, "market_size": 1e15}
YEARLY = {
    "price": 10, "conversion": 1, "share_of_signups": 1, "requests_per_customer": 10, "prepaid_months": 12,
    "refund_on_leaving": 1, "churn": 0,
}  # fmt: skip
LAUNCH = {0: 1_200, 1: 0}


def scenario(signups: Any, months: int = 24, event: dict[str, Any] | None = None, **plan: Any) -> Scenario:
    """Return a company with one plan that refunds all unused months, unless said otherwise."""
    press = {"budget": 0, "cost_per_signup": 1, "most_signups": 1, "organic_signups": signups}
    members = {"channel": {"press": press}, "plan": {"yearly": YEARLY | plan}, "event": {"war": event} if event else {}}
    return parse(written(members, TOP, months=months), Path())


def projected(signups: Any = LAUNCH, months: int = 24, event: dict[str, Any] | None = None, **plan: Any) -> Projection:
    """Return the projection of such a company."""
    return project(scenario(signups, months, event, **plan), 0)


def line(projection: Projection, name: str) -> Array:
    """Return a line of the plan by month."""
    return np.asarray(projection.ledger.of_member(name, "yearly"))


# One cohort


def test_a_year_paid_ahead_is_earned_by_those_who_stay():
    """1,200 pay 120 each and 8 % leave each month: 12,000 of revenue fall to 4,796, and sum to 94,850 in the year."""
    found = projected(months=12, churn=0.08)
    earned = 12_000 * 0.92 ** np.arange(12)
    assert line(found, "subscription_revenue") == pytest.approx(earned)
    assert (round(earned[-1]), round(earned.sum())) == (4_796, 94_850)
    assert line(found, "subscription_billings")[0] == pytest.approx(144_000)


def test_cash_leaves_month_by_month():
    """Each month pays back the unused months of those who leave; what is deferred is for those still there."""
    found = projected(months=12, churn=0.08)
    there = 1_200 * 0.92 ** np.arange(12)
    ahead = np.arange(11, -1, -1)
    paid_back = -np.diff(there) * (ahead[1:] + 1) * 10
    assert line(found, "refunds") == pytest.approx([0, *paid_back])
    assert line(found, "deferred_revenue") == pytest.approx(there * ahead * 10, abs=1e-6)
    assert found.ledger.total("operating_cash_flow") == pytest.approx([144_000, *-paid_back])


@pytest.mark.parametrize("share", [0.0, 0.25, 0.6])
def test_a_part_refunded_lies_between_all_and_nothing(share: float):
    """Refunds, revenue and what is deferred move in a straight line with the share that is given back."""
    nothing, part, whole = (projected(churn=0.08, refund_on_leaving=one) for one in (0, share, 1))
    for name in ("refunds", "subscription_revenue", "deferred_revenue"):
        mixed = (1 - share) * line(nothing, name) + share * line(whole, name)
        assert line(part, name) == pytest.approx(mixed, abs=1e-6)


def test_an_event_that_takes_half_gives_back_half():
    """In month 3 half of 1,200 leave, with nine months unused: 600 × 9 × 10 go back."""
    found = projected(event={"starts": 3, "lasts": 1, "customers_lost": 0.5}, contract_months=12)
    assert line(found, "refunds")[:5] == pytest.approx([0, 0, 0, 54_000, 0])
    assert line(found, "subscription_revenue")[:5] == pytest.approx([12_000] * 3 + [6_000] * 2)


def test_who_leaves_when_the_period_ends_gets_nothing_back():
    """With contracts as long as the prepaid period, nobody leaves months unused."""
    with_refunds, without = (
        projected(churn=0.05, contract_months=12, refund_on_leaving=one, price={0: 10, 8: 7}, months=40)
        for one in (1, 0)
    )
    assert line(with_refunds, "refunds") == pytest.approx(np.zeros(40), abs=1e-6)
    for name in ("subscription_revenue", "deferred_revenue"):
        assert line(with_refunds, name) == pytest.approx(line(without, name), abs=1e-6)


def test_fees_deferred_before_the_scenario_are_refunded_too():
    """Of 120 who renew evenly over a year, those whom an event takes have 5.5 months unused, and get them back."""
    found = projected(0, opening_customers=120, opening_deferred_revenue=120 * 5.5 * 10, contract_months=12,
                      event={"starts": 0, "lasts": 1, "customers_lost": 0.5})  # fmt: skip
    assert line(found, "refunds") == pytest.approx([60 * 5.5 * 10] + [0] * 23)
    assert line(found, "subscription_revenue") == pytest.approx([600] * 24)
    assert line(found, "deferred_revenue") == pytest.approx([60 * 5.5 * 10] * 24)


# Many cohorts, rebuilt


class Books(NamedTuple):
    """What a rebuilt plan earns, gives back and owes, by month."""

    earned: Array
    refunded: Array
    deferred: Array


class Customers(NamedTuple):
    """How customers of a plan leave and pay: churn and its spread, and the months of a contract and of an invoice."""

    churn: float = 0.06
    spread: float = 0.0
    term: int = 1
    prepaid: int = 12


def rebuilt(joined: list[int], prices: list[float], plan: Customers) -> Books:
    """Return the books of a plan whose cohorts are followed one by one, each paying its months at the price of its day.

    Retention is the shifted-beta-geometric model; whoever has a contract leaves at its end.
    """
    (churn, spread, term, prepaid), months = plan, len(joined)
    ages = np.arange(1, months + 1)
    survival = np.concatenate([[1.0], np.cumprod(1 - churn / (1 + spread * (ages - 1)))])
    books = Books(*np.zeros((3, months)))
    for began, number in enumerate(joined):
        paid = 0.0
        for month in range(began, months):
            age = month - began
            there, before = (number * survival[max(one, 0) // term * term] for one in (age, age - 1))
            if age % prepaid:
                books.refunded[month] += (before - there) * paid * (prepaid - age % prepaid)
            else:
                paid = prices[month]
            books.earned[month] += there * paid
            books.deferred[month] += there * paid * (prepaid - 1 - age % prepaid)
    return books


@settings(max_examples=8, deadline=None)
@given(
    joined=st.lists(st.integers(0, 40), min_size=30, max_size=30),
    plan=st.builds(
        Customers,
        churn=st.sampled_from((0.02, 0.1, 0.4)),
        spread=st.sampled_from((0.0, 0.3, 1.0)),
        term=st.integers(1, 7),
        prepaid=st.integers(1, 13),
    ),
)
def test_cohorts_are_refunded_as_if_each_customer_were_followed(joined: list[int], plan: Customers):
    """At a constant price revenue, refunds and deferral are those of every cohort by itself, whatever leaves when."""
    terms = {"contract_months": plan.term, "prepaid_months": plan.prepaid}
    found = projected(dict(enumerate(joined)), 30, churn=plan.churn, churn_spread=plan.spread, **terms)
    books = rebuilt(joined, [10.0] * 30, plan)
    assert line(found, "subscription_revenue") == pytest.approx(books.earned, abs=1e-6)
    assert line(found, "refunds") == pytest.approx(books.refunded, abs=1e-6)
    assert line(found, "deferred_revenue") == pytest.approx(books.deferred, abs=1e-6)


def test_a_price_that_halves_is_earned_as_it_was_paid():
    """After a price cut in month 15, each month stays within 3 % of the cohorts' own, and sums agree."""
    prices = [10.0] * 15 + [5.0] * 45
    joined = [50] * 60
    found = projected(50, 60, price={0: 10, 15: 5}, churn=0.06)
    books = rebuilt(joined, prices, Customers())
    for name, expected in zip(("subscription_revenue", "refunds", "deferred_revenue"), books, strict=True):
        assert line(found, name)[1:] == pytest.approx(expected[1:], rel=0.03)
        assert line(found, name).sum() == pytest.approx(expected.sum(), rel=0.003)


@settings(max_examples=10, deadline=None)
@given(
    plan=st.fixed_dictionaries(
        {
            "refund_on_leaving": st.sampled_from((0.1, 1.0)),
            "prepaid_months": st.integers(2, 12),
            "price": st.builds(lambda price, month: {0: 10, month: price}, st.integers(0, 40), st.integers(1, 20)),
            "churn_spread": st.sampled_from((0.0, 1.0)),
            "refund_share": st.sampled_from((0, 0.1)),
            "opening_customers": st.sampled_from((0, 50)),
            "opening_deferred_revenue": st.sampled_from((0, 2_000)),
        }
    )
)
def test_books_with_refunds_balance(plan: dict[str, Any]):
    """All rules of the books hold in trials, with prices, events and chance that nobody foresaw."""
    event = {"starts": 9, "lasts": 2, "customers_lost": 0.9}
    company = scenario({0: 30, 8: 0, 14: 5}, 30, event, churn=0.3, stay_when_charged=1, **plan)
    assert check(simulation_of(company, draw(company, 8))) == []
