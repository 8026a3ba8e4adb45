"""Queues, the devices of a day, and from how many requests devices of one's own pay."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.answers.capacity import (
    VendorBreakeven,
    day,
    erlang_c,
    mean_wait,
    served_within,
    vendor_breakeven,
    whole_devices_against,
)
from simulator.answers.ledger import Ledger
from simulator.scenario.reading import parse


def test_erlang_c_agrees_with_the_textbook():
    """Ten erlangs on 14 servers: 17.4 % wait, 88.8 % of three-minute calls start in 20 s; M/M/1: P(wait) = ρ."""
    assert erlang_c(10, 14) == pytest.approx(0.1741319335950)
    assert served_within(10, 14, 180, 20) == pytest.approx(0.8883500191795)
    assert erlang_c(0.8, 1) == pytest.approx(0.8)
    assert mean_wait(0.8, 1, 2.0) == pytest.approx(0.8 / 0.2 * 2.0)


def test_a_queue_that_cannot_keep_up_says_so():
    """With more load than servers, every request waits, without end."""
    assert (erlang_c(5, 5), mean_wait(5, 5, 1.0), served_within(6, 5, 1.0, 1.0)) == (1.0, np.inf, 0.0)


@given(load=st.floats(0.01, 50), more=st.integers(1, 60))
def test_another_server_never_makes_it_worse(load: float, more: int):
    """The probability of waiting never rises with another server."""
    servers = int(load) + more
    assert erlang_c(load, servers + 1) <= erlang_c(load, servers)


def test_a_day_has_whole_devices(whole: Ledger):
    """Each hour's devices are whole and cover the need."""
    for pool in whole.names("pool"):
        found = day(whole, pool)
        assert np.all(found.devices >= found.needed - 1e-9)
        assert np.all(found.devices == np.round(found.devices))


def against_a_vendor(pool: str) -> VendorBreakeven | None:
    """Return the break-even of a pool with requests of 400 tokens: $.004 at the vendor, $2.50 a device hour."""
    text = (
        "breakeven: 1\ntitle: T\nstart: 2027-01\nmonths: 2\n"
        "assumptions: {hours_per_month: 730, opening_cash: 1, tax_rate: 0}\n"
        "plans: {a: {price: 1, conversion: 1, churn: 0, opening_customers: 10, requests_per_customer: 10}}\n"
        "features: {f: {pool: p, tokens_per_request: 400}}\n"
        f"pools: {{p: {{device_price: 2.5, {pool}}}}}\n"
    )
    return vendor_breakeven(Ledger.of(parse(text, Path())), "p")


@pytest.mark.parametrize(
    ("pool", "requests", "devices", "carried"),
    [("peak_to_mean: 1", 625, 1, 900), ("peak_to_mean: 2", None, None, 450),
     ("peak_to_mean: 1, spare_devices: 1", 2_500, 4, 900)],
    ids=["625 of the 900 a device carries", "450 never pay", "three at work pay for a spare"],
)  # fmt: skip
def test_break_even_with_a_vendor_is_the_hour_over_the_request(pool: str, requests, devices, carried: float):
    """$2.50 a GPU-hour against $.004 a request; a peak of twice the mean halves what a device carries."""
    found = against_a_vendor(f"tokens_per_second: 100, vendor_output_price: 10, {pool}")
    assert found is not None
    assert (found.requests, found.devices) == (requests and pytest.approx(requests), devices)
    assert (found.carried, found.by_vendor) == (pytest.approx(carried), pytest.approx(0.004))
    assert found.full == pytest.approx(2.5 / carried)
    assert found.why == ("" if requests else "Even a full device costs more per request than the vendor.")


def test_without_a_vendors_price_there_is_nothing_to_compare():
    """Without a vendor's price there is no break-even."""
    assert against_a_vendor("tokens_per_second: 100, peak_to_mean: 1") is None


@given(carried=st.integers(2, 60), ratio=st.floats(0.05, 1.5), fewest=st.integers(0, 4), spares=st.integers(0, 3))
def test_no_smaller_number_of_requests_pays_for_whole_devices(carried: int, ratio: float, fewest: int, spares: int):
    """Below the break-even every volume costs more on devices than at the vendor, and at the break-even it does not."""
    hourly = ratio * carried * 0.01
    found = whole_devices_against(0.01, hourly, carried, fewest, spares)

    def dearer(requests: float) -> bool:
        devices = max(fewest, int(np.ceil(requests / carried - 1e-9)), 1) + spares
        return devices * hourly > 0.01 * requests * (1 + 1e-9)

    end = 40 * carried if found.requests is None else found.requests * (1 - 1e-6)
    assert all(map(dearer, np.linspace(0.01, end, 400)))
    assert found.requests is None or not dearer(found.requests)
