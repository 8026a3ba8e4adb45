"""What founders ask: the cost of the free tier, own devices or the vendor by month, and vendors' prices that fall."""

from pathlib import Path

import numpy as np
import pytest

from simulator.answers.capacity import Bills, both_bills
from simulator.answers.customers.free_tier import free_tier
from simulator.answers.ledger import Ledger
from simulator.begin.writing import scenario_text
from simulator.scenario.overlays import read_overlay
from simulator.scenario.reading import load, parse
from simulator.scenario.scenario import Scenario

SHIPPED = Path(__file__).parents[3] / "scenarios"
HALVES = SHIPPED / "overlays" / "vendor-prices-halve.yaml"


@pytest.fixture(scope="module")
def assistant() -> Ledger:
    """A consumer assistant, whose free plan is served by a vendor."""
    return Ledger.of(load(SHIPPED / "consumer-assistant.yaml"))


def test_the_free_tier_costs_what_its_lines_say(assistant: Ledger):
    """The total is serving and care for nothing, less cloud credits, in every month."""
    found = free_tier(assistant)
    lines = ("free_inference", "free_care", "credits_for_free_plans")
    assert found.month == pytest.approx(sum(assistant.total(name) for name in lines))
    assert found.total == pytest.approx(found.month.sum())
    credits = assistant.total("credits_for_free_plans").sum()
    assert sum(found.plans.values()) + credits == pytest.approx(found.total)


def test_a_scenario_without_a_free_plan_has_no_free_tier():
    """Nothing is shown where nobody is served for nothing."""
    assert free_tier(Ledger.of(load(SHIPPED / "support-copilot.yaml"))) is None


def test_the_vendors_line_is_its_bill_where_it_serves_everything(assistant: Ledger):
    """For a pool that a vendor serves alone, the line drawn is the bill in the accounts."""
    found = both_bills(assistant, "frontier")
    assert assistant.assumed("vendor_share", "frontier")[-1] == 1
    assert found.vendor[-1] == pytest.approx(assistant.of_member("vendor_cost", "frontier")[-1])


def test_own_devices_are_whole(assistant: Ledger):
    """The line of own devices is a whole number of them at the month's rent."""
    hourly = assistant.assumed("device_price", "frontier") * assistant.total("device_price_index")
    count = both_bills(assistant, "frontier").own / (hourly * assistant.assumed("hours_per_month", "frontier"))
    known = count[np.isfinite(count)]
    assert known == pytest.approx(np.round(known))


@pytest.mark.parametrize(
    ("own", "vendor", "month"),
    [
        ([3, 3, 3], [1, 2, 4], 2),
        ([3, 3, 3], [1, 4, 2], None),  # cheaper for one month only
        ([1, 1, 1], [2, 2, 2], 0),
        ([np.nan, 3, 3], [np.nan, 4, 4], 1),
        ([2, 2, 2], [2, 2, 2], None),
    ],
)
def test_own_devices_win_from_the_month_after_the_last_in_which_they_lose(
    own: list[float], vendor: list[float], month: int | None
):
    """One cheaper month does not make the vendor dearer for good."""
    assert Bills(np.array(own), np.array(vendor)).from_month == month


def test_both_prices_are_needed(small: Scenario):
    """Without a vendor's price there is nothing to compare."""
    assert both_bills(Ledger.of(small), "large") is None


def test_a_rate_that_nobody_gave_compares_nothing():
    """A device whose rate is unknown is no device of one token a second, which would need a thousand of them."""
    company = parse(scenario_text({"start": "2027-01"}), SHIPPED)
    (pool,) = company.entities["pool"]
    priced = company.with_value(f"pools.{pool}.device_price", 3.99)
    assert both_bills(Ledger.of(priced), pool) is None
    assert both_bills(Ledger.of(priced.with_value(f"pools.{pool}.tokens_per_second", 2600)), pool) is not None


def test_vendors_prices_halve_every_year():
    """After twelve months the bill for the same requests is half of what it was, and own prices are the same."""
    file = SHIPPED / "consumer-assistant.yaml"
    before, after = (Ledger.of(load(file, overlays)) for overlays in ([], [HALVES]))
    factor = after.total("vendor_cost") / before.total("vendor_cost")
    assert factor[[0, 12, 24]] == pytest.approx([1, 0.5, 0.25], rel=1e-3)
    assert after.total("revenue") == pytest.approx(before.total("revenue"))
    assert read_overlay(HALVES).title == "Vendors' prices halve every year"


def test_a_scenario_without_a_vendor_does_not_change():
    """Devices of one's own keep their price."""
    file = SHIPPED / "support-copilot.yaml"
    before, after = (Ledger.of(load(file, overlays)) for overlays in ([], [HALVES]))
    assert after.total("cash") == pytest.approx(before.total("cash"))
