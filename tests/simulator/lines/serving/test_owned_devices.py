"""Owned devices from before the scenario: they retire, are replaced and sold, and the books follow."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from companies import written, yaml
from hypothesis import given, settings
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


@settings(max_examples=15)
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
    # Without devices the equipment is other than these, and takes a book life of five years.
    assert written_off.sum() == pytest.approx(value)
    assert owned or written_off[:60] == pytest.approx([value / 60] * 60)


PROGRAM = {
    "run_every": 1, "examples_per_run": 1_000, "tokens_per_example": 3_600, "training_tokens_per_second": 1,
    "training_device_price": 2.5,
}  # fmt: skip


def trained(share: float, hours: float, program: int = 1, **pool: Any) -> dict[str, Any]:
    """Return the lines of 64 owned devices that lend this share of their idle hours to training of so many hours."""
    made = scenario(
        3, opening_owned_devices=64, economic_life=120, opening_age_spread=0, lent_to_training=share, **pool
    )
    each = PROGRAM | {"examples_per_run": hours / program}
    programs = "".join(f"\n  tune{number}: {yaml(each)}" for number in range(program))
    text = f"{made.text}programs:{programs}\n"
    return {name: line.sum(axis=1) for name, line in Ledger.of(parse(text, Path())).lines.items()}


@pytest.mark.parametrize("programs", [1, 3])
def test_training_within_idle_hours_pays_no_rent(programs: int):
    """64 owned devices, one of them busy, have 45,990 idle hours a month: 40,000 of training rent nothing."""
    found = trained(1, 40_000, programs)
    assert found["training_device_hours"] == pytest.approx([40_000] * 3)
    assert found["lent_hours"] == pytest.approx([63 * 730] * 3)
    assert found["training_rent"] == pytest.approx([0] * 3)
    assert trained(0, 40_000, programs)["training_rent"] == pytest.approx([40_000 * 2.5] * 3)


def test_training_beyond_idle_hours_rents_the_rest():
    """Half of 45,990 idle hours are lent; of 40,000 hours of training 17,005 are rented."""
    found = trained(0.5, 40_000)
    assert found["training_rent"] == pytest.approx([(40_000 - 63 * 730 / 2) * 2.5] * 3)


def test_devices_that_train_draw_full_power():
    """Idle devices that train draw what busy ones do: all 64 busy all month, less one that serves a little."""
    power = {"device_power": 1, "power_overhead": 1, "power_price": 0.1}
    busy, idle = (trained(share, 63 * 730, 1, **power)["power_cost"] for share in (1, 0))
    assert (busy - idle) == pytest.approx([63 * 730 * 0.1 * 2 / 3] * 3)
