"""Retained revenue against companies rebuilt group by group, and against figures known by hand."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from companies import written
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.answers.customers.retained import ClosedCohorts
from simulator.answers.projection import Projection, project
from simulator.scenario.reading import parse

TOP = {"opening_cash": 1e7, "tax_rate": 0, "hours_per_month": 730}
ORGANIC = {"budget": 0, "cost_per_signup": 1, "most_signups": 1}
PLAN = {"requests_per_customer": 0, "conversion": 0.5, "churn": 0}


def projected(plans: Mapping[str, Any], months: int = 24, signups: float = 0, head: str = "") -> Projection:
    """Return the base case of a company that serves at no cost, with these plans and so many sign-ups a month."""
    members = {
        "channel": {"friends": {**ORGANIC, "organic_signups": signups}},
        "plan": {name: {**PLAN, **plan} for name, plan in plans.items()},
    }
    return project(parse(written(members, TOP, months=months) + head, Path()), 0, evidence=False)


def retention(found: Projection, variant: str = "closed cohort") -> tuple[float | None, ...]:
    """Return NRR and GRR by one of their definitions."""
    figures = [found.kpis[name] for name in ("nrr", "grr")]
    return tuple(one.value if one.variant == variant else one.others[variant] for one in figures)


def two(price: float, better: float, upgrade: float, **low: float) -> dict[str, dict[str, float]]:
    """Return two plans: 1,000 customers of the first upgrade to the second at a monthly rate."""
    return {
        "low": {"price": price, "opening_customers": 1000, "upgrade_rate": upgrade, **low},
        "high": {"price": better, "share_of_upgrades": 1, "churn": low.get("churn", 0)},
    }


def test_upgrades_are_expansion():
    """One in a hundred of 1,000 customers moves from 100 to 300 each month: 122,723 grow to 142,864, and none is lost.

    A share 1 − .99^12 has upgraded after a year, and 1 − .99^24 after two.
    """
    found = projected(two(100, 300, 0.01))
    then, now = (100_000 + 200_000 * (1 - 0.99**months) for months in (12, 24))
    assert (round(then), round(now)) == (122_723, 142_864)
    assert found.ledger.total("mrr")[[11, 23]] == pytest.approx([then, now])
    assert retention(found) == pytest.approx((now / then, 1))
    assert retention(found, "bridge") == pytest.approx((now / then, 1))
    assert found.kpis["churn"].value == pytest.approx(0, abs=1e-12)


def test_upgrades_can_make_up_for_churn():
    """With 3 % churn and 2 % upgrades from 100 to 300, the upgraders' new fees replace what churn takes.

    The two counts follow from month to month: upgraders leave first, then 3 % of the others.
    """
    found = projected(two(100, 300, 0.02, churn=0.03), months=13)
    low, high = 1000 * 0.98, 20.0
    for _ in range(12):
        moved = 0.02 * low
        low, high = (low - moved) * 0.97, high * 0.97 + moved
    start = 100 * 980 + 300 * 20
    net, _ = retention(found)
    assert net == pytest.approx((100 * low + 300 * high) / start)
    assert net == pytest.approx(0.985, abs=0.005)


def test_downgrades_are_contraction():
    """One in a hundred moves from 300 to 100: nobody leaves, and net and gross retention fall alike."""
    found = projected(two(300, 100, 0.01))
    then, now = (300_000 - 200_000 * (1 - 0.99**months) for months in (12, 24))
    assert retention(found) == pytest.approx((now / then, now / then))
    assert found.ledger.total("churned_mrr") == pytest.approx(0, abs=1e-9)


def test_free_customers_who_begin_to_pay_are_new_business():
    """Customers of a free plan who upgrade had no recurring revenue a year ago, and are not part of the cohort."""
    plans = two(0, 100, 0.05)
    plans["high"]["opening_customers"] = 10
    found = projected(plans)
    assert retention(found) == pytest.approx((1, 1))
    assert retention(found, "bridge") == pytest.approx((1, 1))
    assert found.ledger.total("new_mrr")[0] == pytest.approx(5_000)


def test_two_cohorts_are_followed_one_by_one():
    """Two groups under yearly contracts, each at the price it signed, by hand.

    100 customers sign at 10 in month 0; 100 join in month 6 at 20. A year after month 11, the first have renewed twice
    at 20 with 5 % churn (.95^24 left at month 24, so .95^12 at month 23), the second once at 20.
    """
    plan = {"price": {0: 10, 6: 20}, "share_of_signups": {0: 1, 1: 0, 6: 1, 7: 0}, "churn": 0.05, "contract_months": 12}
    found = projected({"yearly": plan}, signups=200)
    start, left = 100 * 10 + 100 * 20, 0.95**12
    assert retention(found) == pytest.approx(((100 * 20 + 100 * 20) * left / start, 3_000 * left / start))


@dataclass
class Rebuilt:
    """A company kept as counts by plan, month of joining, and what the customer paid at the start (None if unknown)."""

    plans: dict[str, dict[str, Any]]
    signups: float

    def price(self, plan: str, month: int) -> float:
        """Return the list price of a month, which may change once."""
        steps = self.plans[plan]["price"]
        return float(max((month >= start, start, price) for start, price in steps.items())[2])

    def paid(self, plan: str, joined: int, month: int) -> float:
        """Return what one customer pays: its fee when it signed, and its seats when it was last invoiced."""
        one, age = self.plans[plan], month - joined
        signed, invoiced = month - age % one["contract_months"], age - age % one["prepaid_months"]
        return self.price(plan, signed) + float(one["seat_price"] * 2 * (1 + one["seat_growth"]) ** invoiced)

    def leaving(self, plan: str, age: int) -> float:
        """Return the chance that a customer of an age leaves: at the end of its contract, by the beta-geometric."""
        one = self.plans[plan]
        if age == 0 or age % one["contract_months"]:
            return 0.0
        ages = np.arange(age - one["contract_months"], age)
        return float(1 - np.prod(1 - one["churn"] / (1 + one["churn_spread"] * ages)))

    def run(self, first: int, last: int) -> tuple[float, float]:
        """Return net and gross retention of the customers of one month until another."""
        groups: dict[tuple[str, int, float | None], float] = {}
        start = 0.0
        for month in range(last + 1):
            after: dict[tuple[str, int, float | None], float] = defaultdict(float)
            for (plan, joined, then), count in groups.items():
                moved = count * self.plans[plan]["upgrade_rate"]
                after[plan, joined, then] += (count - moved) * (1 - self.leaving(plan, month - joined))
                for better, one in self.plans.items():
                    after[better, month, then] += moved * one["share_of_upgrades"]
            for plan, one in self.plans.items():
                after[plan, month, None] += self.signups * 0.5 * one["share_of_signups"]
            groups = after
            if month == first:
                groups = {(plan, joined, self.paid(plan, joined, month)): n for (plan, joined, _), n in after.items()}
                start = sum(count * (then or 0) for (_, _, then), count in groups.items())
        now = [
            (count * self.paid(plan, joined, last), count * min(then, self.paid(plan, joined, last)))
            for (plan, joined, then), count in groups.items()
            if then
        ]
        return sum(net for net, _ in now) / start, sum(gross for _, gross in now) / start


@st.composite
def plans(draw: st.DrawFn) -> dict[str, dict[str, Any]]:
    """Return three plans: one that may be free, and two that others may upgrade to."""
    share = draw(st.sampled_from([0, 0.4, 1]))

    def plan(upgraded: float, low: float) -> dict[str, Any]:
        price = st.integers(int(low), 300).map(float)
        return {
            "price": {0: draw(price), draw(st.integers(1, 20)): draw(price)},
            "seat_price": draw(st.sampled_from([0, 5.0])),
            "seat_growth": draw(st.sampled_from([0, 0.02, -0.01])),
            "churn": draw(st.floats(0.0, 0.3)),
            "churn_spread": draw(st.sampled_from([0, 0.1, 0.6])),
            "contract_months": draw(st.sampled_from([1, 3, 12])),
            "upgrade_rate": draw(st.sampled_from([0, 0.02, 0.2])),
            "prepaid_months": 1,
            "share_of_upgrades": upgraded,
            "share_of_signups": 0.3,
        }

    made = {"one": plan(0, 0), "two": plan(share, 10), "three": plan(1 - share, 10)}
    for one in made.values():
        one["prepaid_months"] = draw(st.sampled_from([1, one["contract_months"]]))
        one["stay_when_charged"] = 1
    if made["one"]["price"][0] == 0:
        made["one"] |= {"price": {0: 0.0}, "seat_price": 0}
    return made


@settings(max_examples=25, deadline=None)
@given(plans(), st.integers(12, 25))
def test_any_company_retains_what_its_groups_retain(drawn: dict[str, dict[str, Any]], last: int):
    """Followed group by group, the customers of a month pay a year later what the closed cohort says.

    The tolerance leaves room for the market of 8e9 people, which the first sign-ups begin to exhaust.
    """
    given_plans = {name: {**plan, "seats_per_customer": 2} for name, plan in drawn.items()}
    ledger = projected(given_plans, months=26, signups=20).ledger
    retained = ClosedCohorts(ledger).over_year(last)
    expected = Rebuilt(drawn, 20).run(last - 12, last)
    assert (retained.end / retained.start, retained.kept / retained.start) == pytest.approx(expected, rel=1e-7)
    assert retained.kept <= retained.end * (1 + 1e-9)
    assert retained.start == pytest.approx(ledger.total("mrr")[last - 12])


def test_retention_has_a_value_for_every_month_after_a_year():
    """The series has no value in the first twelve months, and then the same as each month asked alone."""
    cohorts = ClosedCohorts(projected(two(100, 300, 0.01), months=20).ledger)
    series = cohorts.by_month()
    assert series[:12] == (None,) * 12
    assert [one and one.end / one.start for one in series[12:]] == pytest.approx(
        [(3 - 2 * 0.99 ** (month + 1)) / (3 - 2 * 0.99 ** (month - 11)) for month in range(12, 20)]
    )


@pytest.mark.parametrize("spread", [0, 0.4])
@pytest.mark.parametrize("age", [0, 24])
@pytest.mark.parametrize("terms", [(1, 1), (3, 3), (12, 1), (12, 12), (24, 12)])
def test_customers_from_before_the_scenario_are_followed_by_renewal(terms: tuple[int, int], age: int, spread: float):
    """The groups of opening customers sum to the plan's customers and to its MRR, whenever they renew and at what age.

    Prices, seats of a customer and their growth change what each group pays.
    """
    contract, ahead = terms
    plan = {
        "price": {0: 100, 7: 150}, "seat_price": 5, "seats_per_customer": {0: 2, 9: 3}, "seat_growth": 0.02,
        "churn": 0.05, "churn_spread": spread, "opening_customers": 120, "opening_age": age,
        "contract_months": contract, "prepaid_months": ahead, "upgrade_rate": 0.01,
    }  # fmt: skip
    ledger = projected({"old": plan, "new": {"price": 300, "share_of_upgrades": 1}}, months=40).ledger
    groups = ClosedCohorts(ledger).groups[0]
    assert groups.there.sum(axis=0) == pytest.approx(ledger.of_member("customers", "old"))
    assert (groups.there * groups.each).sum(axis=0) == pytest.approx(ledger.of_member("mrr", "old"))
