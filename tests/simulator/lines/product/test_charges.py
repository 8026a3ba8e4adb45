"""Payment fees: an amount for each charge, and who is charged when."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from companies import written

from simulator.answers.customers.deciles import deciles
from simulator.answers.projection import Projection, project
from simulator.scenario.reading import parse

TOP = {"opening_cash": 0, "tax_rate": 0, "hours_per_month": 730}
CUSTOMER = {"price": 30, "conversion": 0, "churn": 0, "requests_per_customer": 10, "opening_customers": 1_000}
CHAT = {"chat": {"pool": "gpu", "tokens_per_request": 500}}
GPU = {"gpu": {"tokens_per_second": 2_000, "device_price": 0.5, "peak_to_mean": 1}}


def projected(months: int = 12, **plan: Any) -> Projection:
    """Return the projection of a company with one plan that pays 0.30 a charge, unless said otherwise."""
    one = CUSTOMER | {"payment_fee_fixed": 0.30} | plan
    return project(parse(written({"plan": {"app": one}, "feature": CHAT, "pool": GPU}, TOP, months=months), Path()), 0)


def fees(**plan: Any) -> list[float]:
    """Return the payment fees of each month of a year."""
    return list(projected(**plan).ledger.of_member("payment_fees", "app"))


def test_thirty_cents_a_charge_are_3600_a_year_for_a_thousand_customers():
    """A thousand customers who pay each month cost 300 a month, on top of 2.9 % of what they pay."""
    assert fees() == pytest.approx([300] * 12)
    assert fees(payment_fee=0.029) == pytest.approx([300 + 0.029 * 30_000] * 12)


@pytest.mark.parametrize("months", [3, 12])
def test_who_prepays_is_charged_once_a_period(months: int):
    """Customers from before the scenario renew evenly, so a yearly plan costs a twelfth of a monthly one."""
    assert fees(prepaid_months=months) == pytest.approx([300 / months] * 12)


MONTHLY = {
    "overage": {"overage_price": 0.1, "included_requests": 10},
    "metered tokens": {"output_price": 1},
    "a commitment": {"commitment": 5},
    "credits": {"credits_per_customer": 5},
    "services": {"service_fee": 5},
    "a model of its own": {"tuning_fee": 5},
}


@pytest.mark.parametrize("what", MONTHLY)
def test_what_is_billed_by_the_month_is_charged_every_month(what: str):
    """A plan prepaid for a year that also bills something monthly charges every customer each month."""
    assert fees(prepaid_months=12, **MONTHLY[what]) == pytest.approx([300] * 12)


def test_who_pays_nothing_is_not_charged():
    """A free plan has no payment fees; one that asks for setup alone is charged on joining."""
    assert fees(price=0) == pytest.approx([0] * 12)
    assert fees(price=0, setup_fee=100) == pytest.approx([0] * 12)


def test_fixed_fees_are_a_cost_of_each_tenth():
    """The mean margin over the tenths of customers is the plan's margin per customer."""
    found = projected(payment_fee=0.029, prepaid_months=12)
    tenths = deciles(found.ledger, "app")
    assert tenths.margin.mean() == pytest.approx(found.ledger.of_member("plan_margin", "app")[-1] / 1_000)
    assert np.ptp(tenths.revenue) == pytest.approx(0)
