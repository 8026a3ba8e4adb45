"""Owned devices from before the scenario: they retire, are replaced and sold, and the books follow."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from companies import written
from hypothesis import given
from hypothesis import strategies as st
from invariants import check

from simulator.answers.ledger import Ledger
from simulator.scenario.numbers import base_values, simulation_of
from simulator.scenario.reading import parse
from simulator.scenario.scenario import Scenario

POOL = {
    "tokens_per_second": 100, "device_price": 2, "peak_to_mean": 1, "device_list_price": 30_000, "residual_share": 0.1,
    "opening_owned_devices": 10, "economic_life": 12, "opening_equipment": 78_000,
}  # fmt: skip


def scenario(months: int = 40, **pool: Any) -> Scenario:
    """Return a company whose pool owns ten devices with a life of a year, unless said otherwise."""
    plan = {"price": 100, "churn": 0, "opening_customers": 1, "requests_per_customer": 1_000}
    members = {"plan": {"team": plan}, "feature": {"chat": {"pool": "own", "tokens_per_request": 500}}}
    text = written(members | {"pool": {"own": POOL | pool}}, {"opening_cash": 9e6, "tax_rate": 0}, months=months)
    return parse(text, Path())


def lines(months: int = 40, **pool: Any) -> dict[str, Any]:
    """Return the lines of that company by month."""
    return {name: line.sum(axis=1) for name, line in Ledger.of(scenario(months, **pool)).lines.items()}


def test_devices_of_the_start_are_replaced():
    """Ten devices with a life of 12 months stay ten over 40 months, and each place is bought every year."""
    found = lines(wanted_devices=10)
    assert found["owned_devices"] == pytest.approx([10] * 40)
    assert found["devices_bought"][:12].sum() == pytest.approx(10)
    assert found["devices_bought"].tolist() == np.round(found["devices_bought"]).tolist()
    assert found["device_capex"][:36].sum() == pytest.approx(3 * 10 * 30_000)
    assert (found["equipment"] > 0).all()


def test_devices_of_the_start_leave_if_nobody_wants_more():
    """Without wanted devices the ten retire over a year, sell for a tenth of the list price, and nothing is left."""
    found = lines()
    assert np.diff(found["owned_devices"], prepend=10)[12:] == pytest.approx([0] * 28)
    assert found["owned_devices"][11] == 0
    assert found["disposal_proceeds"].sum() == pytest.approx(10 * 3_000)
    assert found["device_depreciation"].sum() == pytest.approx(78_000)
    assert found["equipment"][11:] == pytest.approx([0] * 29, abs=1e-6)
    assert found["disposal_gain"].sum() == pytest.approx(10 * 3_000)


def test_devices_bought_together_retire_together():
    """Ten devices of age 5 without a spread serve seven more months, and are written off in equal parts."""
    found = lines(opening_device_age=5, opening_age_spread=0)
    assert found["owned_devices"].tolist() == [10] * 7 + [0] * 33
    assert found["device_depreciation"][:7] == pytest.approx([78_000 / 7] * 7)
    assert found["disposal_proceeds"][7] == pytest.approx(30_000)


def test_a_fleet_bought_month_by_month_goes_on_as_it_began():
    """Twelve devices, one bought each month before the start, retire one a month, as those bought since do."""
    found = lines(opening_owned_devices=12, wanted_devices=12)
    assert found["devices_retired"] == pytest.approx([1] * 40)
    assert found["devices_bought"] == pytest.approx([1] * 40)
    # At month t the twelve have 12, 11 … 1 service months to come, as at the start.
    assert found["devices_of_start_retired"][:12] == pytest.approx([1] * 12)


@given(
    owned=st.integers(0, 50),
    life=st.integers(1, 60),
    age=st.integers(0, 70),
    spread=st.integers(0, 120),
    value=st.floats(0, 1e6),
)
def test_the_books_hold_at_any_age(owned: int, life: int, age: int, spread: int, value: float):
    """Whatever the ages: all retire within their life, all of the book value is written off, and the books balance."""
    given_ages = {"opening_device_age": age, "opening_age_spread": spread, "economic_life": life}
    made = scenario(72, opening_owned_devices=owned, opening_equipment=value, **given_ages)
    simulation = simulation_of(made, base_values(made))
    assert check(simulation) == []
    found = simulation.keep(["devices_of_start_retired", "depreciation_of_start"])
    retired, written_off = (line[:, 0, 0] for line in found.values())
    assert retired.sum() == owned
    assert retired.min() >= 0
    assert retired.max() <= np.ceil(owned / max(min(spread, max(life - age, 0)), 1))
    assert written_off.sum() == pytest.approx(value)
