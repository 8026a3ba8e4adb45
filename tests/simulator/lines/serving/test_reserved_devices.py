"""Reserved devices: signed for a term, paid to its end at the price agreed, and renewed to the number wanted."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from companies import written

from simulator.answers.ledger import Ledger
from simulator.scenario.reading import parse

HOURS = 730


def ledger(wanted: Any, term: int, price: Any = 2, months: int = 12) -> Ledger:
    """Return the ledger of one idle pool that reserves devices."""
    pool = {"tokens_per_second": 100, "device_price": 4, "peak_to_mean": 1, "fewest_devices": 0}
    reserved = {"reserved_devices": wanted, "reserved_term": term, "reserved_price": price}
    members = {"pool": {"large": pool | reserved}}
    return Ledger.of(
        parse(written(members, {"opening_cash": 0, "tax_rate": 0, "hours_per_month": HOURS}, months=months), Path())
    )


def test_fewer_devices_are_paid_to_the_end_of_their_term():
    """Take or pay: four devices signed for six months cost six months, though none is wanted after two."""
    found = ledger({0: 4, 2: 0}, 6)
    assert found.total("devices_held").tolist() == [4] * 6 + [0] * 6
    assert found.total("reserved_rent") == pytest.approx([4 * 2 * HOURS] * 6 + [0] * 6)
    assert found.total("fleet").tolist() == [4] * 6 + [0] * 6
    assert found.total("rent_committed")[:7] == pytest.approx(4 * 2 * HOURS * np.array([5, 4, 3, 2, 1, 0, 0]))


def test_more_devices_are_signed_beside_those_there_and_each_is_renewed_in_its_time():
    """Two in month 0 and three more in month 2: each group is signed anew after five months."""
    found = ledger({0: 2, 2: 5}, 5)
    assert np.flatnonzero(found.total("devices_signed")).tolist() == [0, 2, 5, 7, 10]
    assert found.total("devices_signed")[[0, 2, 5, 7, 10]].tolist() == [2, 3, 2, 3, 2]
    assert found.total("devices_held").tolist() == [2, 2] + [5] * 10


def test_the_price_agreed_holds_for_the_term():
    """A price that falls in month 1 is paid from the renewal in month 6 on."""
    found = ledger(1, 6, {0: 3, 1: 1})
    assert found.total("reserved_rent") == pytest.approx([3 * HOURS] * 6 + [1 * HOURS] * 6)


def test_without_a_term_reservations_follow_the_month():
    """The number and the price are those of each month, as if it were signed anew."""
    found = ledger({0: 4, 3: 1}, 1, {0: 3, 1: 1})
    assert found.total("reserved_rent") == pytest.approx(HOURS * np.array([12, 4, 4] + [1] * 9))
    assert not found.total("rent_committed").any()
