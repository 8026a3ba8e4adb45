"""Devices of a pool: replicas of several devices, billing by the second, and power."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from companies import written
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.answers.capacity import day, sources, vendor_breakeven
from simulator.answers.ledger import Ledger
from simulator.scenario.reading import parse

HOURS = 730
TOKENS_PER_REQUEST = 500


def ledger(pool: dict[str, Any], requests: float = 1_000, months: int = 2, **more: Any) -> Ledger:
    """Return the ledger of one customer who sends requests of 500 output tokens to one pool, and what else is given."""
    plan = {"price": 100, "churn": 0, "opening_customers": 1, "requests_per_customer": requests}
    feature = {"pool": "large", "tokens_per_request": TOKENS_PER_REQUEST}
    base = {"tokens_per_second": 100, "device_price": 2, "peak_to_mean": 1}
    members = {"plan": {"team": plan}, "feature": {"chat": feature}, "pool": {"large": base | pool}, **more}
    top = {"opening_cash": 0, "tax_rate": 0}
    return Ledger.of(parse(written(members, top, months=months), Path()))


def requests_for(devices: float, tokens_per_second: float = 100) -> float:
    """Return the requests in a month that keep so many devices busy all the time."""
    return devices * tokens_per_second * 3600 * HOURS / TOKENS_PER_REQUEST


def test_a_model_on_eight_devices_pays_for_eight():
    """At 30 % of the load of one replica, all eight of its devices are rented."""
    found = ledger({"devices_per_replica": 8}, requests_for(0.3 * 8))
    assert found.total("cloud_rent") == pytest.approx([8 * HOURS * 2] * 2)
    assert found.total("utilisation") == pytest.approx([0.3] * 2)


@pytest.mark.parametrize(
    ("pool", "busy", "rented"),
    [
        ({}, 8.1, 16),  # a hundredth over one replica takes another
        ({"spare_devices": 1}, 2, 16),  # a spare device is a spare replica
        ({"fewest_devices": 9}, 2, 16),
        ({"fewest_devices": 0}, 0, 0),
        ({"reserved_devices": 12}, 9, 8),  # four of the twelve make no replica
        ({"reserved_devices": 16}, 9, 0),
    ],
)
def test_replicas_are_whole(pool: dict[str, Any], busy: float, rented: float):
    """Load, floor, spares and fleet of a model on eight devices count in eights."""
    found = ledger({"devices_per_replica": 8} | pool, requests_for(busy))
    assert found.total("rented_hours") == pytest.approx([rented * HOURS] * 2)


def test_a_vendor_competes_with_whole_replicas():
    """From two devices to a replica on, the first one costs as much as two: twice the requests break even."""
    vendor = {"vendor_output_price": 20}
    one, two = (vendor_breakeven(ledger(vendor | {"devices_per_replica": size}), "large") for size in (1, 2))
    assert one
    assert two
    assert (one.devices, two.devices) == (1, 2)
    assert two.requests == pytest.approx(2 * (one.requests or 0))
    assert two.carried == pytest.approx(one.carried)


def test_a_vendors_prices_halve_every_year():
    """At -50 % a year the bill of a month is half of that a year before, and a level applies from the start."""
    vendor = {"vendor_share": 1, "vendor_output_price": 20}
    steady, halving, dearer = (
        ledger(vendor | more, months=25).total("vendor_cost")
        for more in ({}, {"vendor_price_change": "-50%"}, {"vendor_price_change": "-50%", "vendor_price_level": 3})
    )
    assert steady == pytest.approx([1_000 * TOKENS_PER_REQUEST / 1e6 * 20] * 25)
    assert halving / steady == pytest.approx(0.5 ** (np.arange(25) / 12))
    assert dearer == pytest.approx(3 * halving)


def test_seconds_follow_the_load():
    """A third of a device's load costs a third of a device, and peaks count for as long as they last."""
    found = ledger({"billed_by_second": 1, "fewest_devices": 0, "peak_to_mean": 4}, requests_for(1 / 3))
    assert found.total("cloud_rent") == pytest.approx([HOURS * 2 / 3] * 2)
    idle = ledger({"billed_by_second": 1, "fewest_devices": 0, "idle_seconds": 300}, 0)
    assert not idle.total("device_hours").any()


def test_seconds_follow_the_hours():
    """A day of which one half is empty costs half a day of twice the load, not more."""
    hours = {f"h{hour:02}": {"load": int(hour < 12)} for hour in range(24)}
    found = ledger({"billed_by_second": 1, "fewest_devices": 0}, requests_for(0.4), hour=hours)
    needed = day(found, "large")
    assert needed.devices == pytest.approx([0.8] * 12 + [0] * 12)
    assert found.total("device_hours") == pytest.approx([0.4 * HOURS] * 2)


def test_a_lone_replica_is_up_as_in_a_simulation():
    """Rare requests keep the replica up for their own time and an idle tail; simulated one by one."""
    requests, own, tail = 20_000, 8.0, 60.0
    pool = {"billed_by_second": 1, "fewest_devices": 0, "seconds_per_request": own, "idle_seconds": tail}
    paid = ledger({"tokens_per_second": 1e6, "devices_per_replica": 4} | pool, requests).total("device_hours")[0] / 4
    seconds = HOURS * 3600
    gaps = np.random.default_rng(5).exponential(seconds / requests, 2_000_000)
    # From one request to the next the replica is up for the whole gap, or until the tail is over.
    up = np.minimum(gaps, own + tail)
    share = up.sum() / gaps.sum()
    assert paid / HOURS == pytest.approx(share, rel=0.003)
    assert 0.3 < share < 0.6


@settings(max_examples=20)
@given(busy=st.floats(0, 30), size=st.integers(1, 8), by_second=st.booleans(), tail=st.floats(0, 1_000))
def test_seconds_cost_no_more_than_hours(busy: float, size: int, by_second: bool, tail: float):
    """Devices never fall below the load; by the second they never exceed whole replicas."""
    pool = {"devices_per_replica": size, "fewest_devices": 0, "idle_seconds": tail}
    requests = requests_for(busy)
    paid = ledger(pool | {"billed_by_second": int(by_second)}, requests).total("device_hours")[0] / HOURS
    assert busy <= paid + 1e-9
    whole = int(np.ceil(busy / size - 1e-9)) * size
    assert paid <= max(whole, size if requests else 0) + 1e-6


def test_idle_devices_draw_a_third():
    """Ten idle owned devices of 1 kW at a PUE of 1.3 and 0.1 a kWh: 316 a month, not 949, and the energy agrees."""
    pool = {"opening_owned_devices": 10, "device_power": 1, "power_price": 0.1, "economic_life": 120}
    found = ledger(pool | {"opening_age_spread": 0}, 0)
    full = 10 * HOURS * 1.3 * 0.1
    assert full == pytest.approx(949)
    assert found.total("power_cost") == pytest.approx([full / 3] * 2)
    assert found.total("serving_energy") * 0.1 == pytest.approx(found.total("power_cost"))
    assert ledger(pool | {"opening_age_spread": 0, "idle_power_share": 1}, 0).total("power_cost") == pytest.approx(
        [full] * 2
    )
    half = ledger(pool | {"opening_age_spread": 0}, requests_for(5))
    assert half.total("power_cost") == pytest.approx([full * (1 / 3 + 2 / 3 / 2)] * 2)


OWNING = {
    "device_list_price": 30_000, "economic_life": 36, "residual_share": 0, "wanted_devices": 1, "power_price": 0.1,
    "device_power": 1, "power_overhead": 1, "hosting_price": 73,
}  # fmt: skip


def test_a_dearer_hour_beats_renting_at_no_share_of_hours():
    """A reserved hour for 1.50 pays beyond three quarters of the hours at 2.00 on demand; one for 3.00 never does."""
    for reserved, share in ((1.5, 0.75), (3.0, None)):
        found = {one.name: one for one in sources(ledger({"device_price": 2, "reserved_price": reserved}), "large")}
        assert (found["reserved"].hourly, found["reserved"].breakeven) == (reserved, share)


def owned_hour(**more: float) -> float:
    """Return the price of an owned hour of a device for 30,000 over three years, with a kilowatt and hosting."""
    found = {source.name: source.hourly for source in sources(ledger(OWNING | more), "large")}["owned"]
    assert found is not None
    return found


def test_an_owned_hour_bears_the_cost_of_capital():
    """$30,000 over three years is $1.14 an hour; at 15 % a year the annuity of 36 payments makes it $1.40."""
    assert owned_hour() == pytest.approx(30_000 / 3 / 8760 + 0.1 + 0.1)
    rate = 1.15 ** (1 / 12) - 1
    # The payment that pays off the price: what is owed grows at the rate, and after 36 payments nothing is owed.
    payment = (owned_hour(cost_of_capital=0.15) - 0.2) * HOURS
    owed = 30_000.0
    for _ in range(36):
        owed = owed * (1 + rate) - payment
    assert owed == pytest.approx(0, abs=1e-6)
    assert payment / HOURS == pytest.approx(1.40, abs=0.01)


def test_a_resale_repays_its_part():
    """With a resale of 20 %, a fifth of the price is left to repay at the end."""
    rate, owed = 1.1 ** (1 / 12) - 1, 30_000.0
    payment = (owned_hour(cost_of_capital=0.1, residual_share=0.2) - 0.2) * HOURS
    for _ in range(36):
        owed = owed * (1 + rate) - payment
    assert owed == pytest.approx(6_000)
