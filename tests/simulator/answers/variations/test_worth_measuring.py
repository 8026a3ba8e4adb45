"""The value of a measurement is the spread of cash over the quantity's range."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from simulator.answers.projection import project
from simulator.answers.variations.worth_measuring import UNSTATED, hour_costs, worth_measuring
from simulator.scenario.reading import load
from simulator.scenario.scenario import Scenario

SHIPPED = Path(__file__).parents[4] / "scenarios" / "support-copilot.yaml"
RATE = "pools.large.tokens_per_second"


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return load(SHIPPED)


def test_the_spread_is_the_difference_of_projections_at_both_ends(scenario: Scenario) -> None:
    """Two projections, one for each end, give the estimated cash."""
    worth = next(worth for worth in worth_measuring(scenario) if worth.path == RATE)
    ends = [project(scenario.with_value(RATE, rate), 0, evidence=False) for rate in (worth.low, worth.high)]
    cash = [float(plan.series["cash"].base[-1]) for plan in ends]
    assert cash == pytest.approx([worth.cash_at_low, worth.cash_at_high])


def test_the_widest_spread_comes_first(scenario: Scenario) -> None:
    """The list is sorted by spread."""
    spreads = [worth.spread for worth in worth_measuring(scenario)]
    assert spreads == sorted(spreads, reverse=True)
    assert spreads[0] > 0


def test_a_number_without_a_range_is_taken_wide(scenario: Scenario) -> None:
    """A bare number gets a wide range, marked as not stated."""
    worth = next(worth for worth in worth_measuring(scenario.with_value(RATE, 1000)) if worth.path == RATE)
    assert not worth.stated
    assert (worth.low, worth.high) == (pytest.approx(1000 / UNSTATED), pytest.approx(1000 * UNSTATED))


def test_a_pool_served_by_a_vendor_has_no_spread(scenario: Scenario) -> None:
    """Devices that serve no tokens cost the same at any rate."""
    served = scenario.with_value("pools.large.vendor_share", 1)
    worth = next(worth for worth in worth_measuring(served) if worth.path == RATE)
    assert np.isclose(worth.spread, 0)


def test_an_hour_of_devices_costs_what_the_plan_pays(read: Callable[..., Scenario]) -> None:
    """Three dollars from month 2 on, at 0.9 EUR each, for a copy that takes one and a half devices: two whole ones."""
    scenario = read(
        ("currency: EUR", "currency: EUR\nsecond_currency: USD"),
        ("# usage", "exchange_rate: 0.9\n  # usage"),
        (
            "large: {tokens_per_second: 900, device_price: 3,",
            "large: {tokens_per_second: 900, devices_per_replica: 1.5, "
            "device_price: {value: {0: 0, 2: 3}, unit: USD/device/hour},",
        ),
    )
    assert hour_costs(scenario, RATE) == pytest.approx(2 * 3 * 0.9)
    assert hour_costs(scenario.with_value("pools.large.device_price", 0), RATE) is None
