"""What moves a cost is told by its evidence, and rates of devices apart from prices and demand."""

from __future__ import annotations

from pathlib import Path

import pytest

from simulator import load, parse, project
from simulator.answers.variations.cost_drivers import COSTS, cost_drivers

SHIPPED = Path(__file__).parents[4] / "scenarios"
# One pool that is busy to the last token: its rent is a price times tokens over a rate.
COMPANY = """
breakeven: 1
title: One pool
start: 2027-01
months: 3
counts: expected
assumptions: {opening_cash: 1000000, tax_rate: 0}
channels: {ads: {budget: 0, cost_per_signup: 1, most_signups: 1}}
plans:
  pro: {price: 1, opening_customers: 1000, share_of_signups: 1, conversion: 0, churn: 0, requests_per_customer: 1000}
features: {chat: {pool: model, tokens_per_request: 1000}}
pools:
  model:
    billed_by_second: 1
    tokens_per_second: {value: 1000, source: a datasheet, as_of: 2026-11-01}
    device_price: 2
    peak_to_mean: 1
    fewest_devices: 0
"""


def test_a_rate_moves_rent_as_much_as_price_and_demand_do():
    """Rent is price × customers × requests × tokens / rate: of five drivers, one is a rate, and it has a source."""
    found = cost_drivers(parse(COMPANY, Path()))["cost_of_revenue"]
    rate, each = 1 / 0.9 - 1 / 1.1, 1.1 - 0.9
    share = rate / (rate + 4 * each)
    assert found.by_kind == pytest.approx({"measured": 0, "calibrated": 0, "published": share, "assumed": 1 - share})
    assert found.rates == pytest.approx({"measured": 0, "calibrated": 0, "published": share, "assumed": 0})


def test_a_rate_of_all_pools_is_a_rate():
    """Told once for all, it has the share that it has as the pool's own."""
    rate = "tokens_per_second: {value: 1000, source: a datasheet, as_of: 2026-11-01}"
    for_all = COMPANY.replace(f"    {rate}\n", "").replace("tax_rate: 0}", f"tax_rate: 0, {rate}}}")
    assert cost_drivers(parse(for_all, Path())) == cost_drivers(parse(COMPANY, Path()))


@pytest.mark.parametrize("cost", COSTS)
def test_shares_are_a_whole_and_rates_a_part(cost: str):
    """All kinds sum to one, and no kind has more rates than drivers."""
    found = project(load(SHIPPED / "sentiment-api.yaml"), 0).evidence[cost]
    assert sum(found.by_kind.values()) == pytest.approx(1)
    assert all(found.rates[kind] <= share + 1e-12 for kind, share in found.by_kind.items())
    assert 0 < sum(found.rates.values()) < 1


def test_measured_evidence_is_all_rates():
    """Nothing but a profile run measures, so what is measured is a rate."""
    found = cost_drivers(load(SHIPPED / "support-copilot.yaml"))["cost_of_revenue"]
    assert found.by_kind["measured"] > 0
    assert found.rates["measured"] == pytest.approx(found.by_kind["measured"])


def test_costs_that_nothing_moves_have_no_drivers():
    """A company without customers and devices has no cost of revenue to explain."""
    idle = COMPANY.replace("opening_customers: 1000", "opening_customers: 0")
    assert sum(cost_drivers(parse(idle, Path()))["cost_of_revenue"].by_kind.values()) == 0
