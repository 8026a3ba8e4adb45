"""Recurring revenue of companies that sell use: no fees, so measured use counts once it has been steady."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from companies import written

from simulator.answers.projection import Projection, project
from simulator.scenario.reading import parse

TOP = {"opening_cash": 1e7, "tax_rate": 0, "hours_per_month": 730}
# A million tokens a request for a dollar each: a customer pays 100 a month for use.
POOL = {"tokens_per_second": 1e6, "device_price": 0, "peak_to_mean": 1}
FEATURE = {"pool": "large", "tokens_per_request": 1e6}
API = {"price": 0, "output_price": 1, "requests_per_customer": 100, "churn": 0.05, "conversion": 1}


def projected(plan: Mapping[str, Any], head: str = "", signups: float = 0, **top: Any) -> Projection:
    """Return the base case of a company of 24 months with one plan."""
    channel = {"budget": 0, "cost_per_signup": 1, "most_signups": 1, "organic_signups": signups}
    members = {
        "channel": {"friends": channel},
        "plan": {"api": {**API, "share_of_signups": 1, **plan}},
        "feature": {"chat": FEATURE},
        "pool": {"large": POOL},
    }
    return project(parse(written(members, {**TOP, **top}, months=24) + head, Path()), 0, evidence=False)


def value(found: Projection, name: str) -> float | None:
    """Return a KPI."""
    return found.kpis[name].value


SELLS_USE = [
    {},
    {"output_price": 0, "included_requests": 0.001, "overage_price": 1},
    {"output_price": 0, "credits_per_customer": 100},
]


@pytest.mark.parametrize("plan", SELLS_USE, ids=["metered tokens", "overage", "credits"])
def test_use_is_recurring_where_there_are_no_fees(plan: Mapping[str, Any]):
    """A company that sells use alone has an ARR of twelve times its mean usage revenue of the last six months."""
    found = projected({"opening_customers": 1000, **plan})
    monthly = found.ledger.total("revenue")[-6:].mean()
    assert value(found, "mrr") == pytest.approx(monthly)
    assert value(found, "arr") == pytest.approx(12 * monthly)
    assert "usage" in found.kpis["arr"].definition


def test_retention_of_use_is_that_of_customers():
    """Where each customer uses as much as a year ago, NRR and GRR are what churn leaves of customers: .95^12."""
    found = projected({"opening_customers": 1000}, signups=10)
    assert (value(found, "nrr"), value(found, "grr")) == pytest.approx((0.95**12, 0.95**12))


def test_growing_use_lifts_net_retention_alone():
    """Customers who use 3 % more each month: the means of the last six months grow by 1.03^12."""
    growing = {"requests_per_customer": {"start": 100, "monthly_growth": 0.03}, "opening_customers": 1000}
    found = projected(growing)
    assert value(found, "nrr") == pytest.approx((0.95 * 1.03) ** 12)
    assert value(found, "grr") == pytest.approx(0.95**12)


def test_burn_multiple_of_a_company_that_sells_use():
    """Ten more customers a month who pay 100: ARR by six-month means grows by 12 · 12,000, and the burn is cash."""
    found = projected({"churn": 0}, signups=10, fixed_overhead=50_000)
    ledger = found.ledger
    burnt = -float(np.sum(ledger.total("operating_cash_flow")[-12:]))
    assert value(found, "burn_multiple") == pytest.approx(burnt / (12 * 12_000), rel=1e-6)


def test_fees_stay_the_recurring_revenue_of_those_who_have_them():
    """A company with fees and use counts fees alone, unless its scenario chooses otherwise."""
    found = projected({"price": 20, "opening_customers": 1000})
    assert value(found, "mrr") == pytest.approx(20 * found.ledger.total("customers")[-1])
    assert found.kpis["mrr"].others["fees"] == value(found, "mrr")


def test_each_plan_counts_what_it_sells():
    """One plan sells use for 100 a customer, another a seat for 30: ARR has both, as if each were a company."""
    channel = {"budget": 0, "cost_per_signup": 1, "most_signups": 1, "organic_signups": 0}
    seats = {"price": 0, "seat_price": 30, "requests_per_customer": 0, "opening_customers": 500, "churn": 0.02}
    members = {
        "channel": {"friends": channel},
        "plan": {
            "api": {**API, "share_of_signups": 0.5, "opening_customers": 1000},
            "dashboard": {"share_of_signups": 0.5, "conversion": 1, **seats},
        },
        "feature": {"chat": FEATURE},
        "pool": {"large": POOL},
    }
    found = project(parse(written(members, TOP, months=24), Path()), 0, evidence=False)
    use = found.ledger.of_member("usage_revenue", "api")[-6:].mean()
    fees = found.ledger.of_member("mrr", "dashboard")[-1]
    assert (use > 0, fees) == (True, pytest.approx(30 * found.ledger.of_member("customers", "dashboard")[-1]))
    assert value(found, "mrr") == pytest.approx(use + fees)
    assert value(found, "arr") == pytest.approx(12 * (use + fees))
    paid = np.array([found.ledger.of_member("customers", plan)[-13] for plan in ("api", "dashboard")]) * [100, 30]
    assert value(found, "nrr") == pytest.approx(paid @ [0.95**12, 0.98**12] / paid.sum())


def test_a_scenario_that_chooses_fees_has_none():
    """Under the definition "fees" a company that sells use has no ARR, no retention and no burn multiple."""
    head = "definitions: {mrr: fees, arr: fees}\n"
    found = projected({"opening_customers": 1000}, head, signups=10, fixed_overhead=50_000)
    assert (value(found, "mrr"), value(found, "arr")) == (0, 0)
    assert [value(found, name) for name in ("nrr", "grr", "burn_multiple")] == [None] * 3


def test_retention_follows_the_definition_of_arr():
    """With ARR "with measured usage", fees of 20 that double and steady use of 100 retain 140 of 120, less churn."""
    plan = {"price": {0: 20, 12: 40}, "opening_customers": 1000}
    fees, all_of_it = (
        projected(plan, f"definitions: {{arr: {arr}}}\n") for arr in ("fees or else usage", "with measured usage")
    )
    assert value(fees, "nrr") == pytest.approx(2 * 0.95**12)
    assert value(all_of_it, "nrr") == pytest.approx(140 / 120 * 0.95**12)
    assert value(all_of_it, "grr") == pytest.approx(0.95**12)
