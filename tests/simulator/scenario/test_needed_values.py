"""What a scenario must say only if something of its own needs it."""

from pathlib import Path

import numpy as np
import pytest

from simulator.answers.ledger import Ledger
from simulator.errors import ScenarioError
from simulator.scenario.reading import parse

SMALLEST = """\
breakeven: 1
title: Smallest
start: 2027-01
assumptions: {opening_cash: 100000, tax_rate: 0}
plans:
  team: {price: 40, churn: 3%, requests_per_customer: 100, opening_customers: 50}
features:
  chat: {pool: api, tokens_per_request: 400}
pools:
  api: {vendor_share: 100%, vendor_output_price: 15}
channels:
  word: {organic_signups: 10}
roles:
  founder: {heads: 2, salary: 60000, recruiting_fee: 20%}
"""


def test_the_smallest_scenario_has_no_mistakes():
    """A vendor's pool needs no devices, a channel without budget no price, a role no word on who was there before."""
    lines = Ledger.of(parse(SMALLEST, Path())).lines
    # 50 customers, 100 requests each, 400 tokens a request, at 15 a million.
    assert lines["vendor_cost"][0, 0] == pytest.approx(50 * 100 * 400 * 15e-6)
    assert not lines["device_cost"].any()
    assert not lines["device_hours"].any()


def test_people_of_the_first_month_were_there_before():
    """Without an opening headcount nobody is hired in the first month, and later people are."""
    later = SMALLEST.replace("heads: 2", "heads: {0: 2, 3: 4}")
    fees = Ledger.of(parse(later, Path())).lines["recruiting"][:, 0]
    assert fees[3] == pytest.approx(2 * 60_000 * 0.2)
    assert np.flatnonzero(fees).tolist() == [3]


@pytest.mark.parametrize(
    ("old", "new", "needed"),
    [
        ("vendor_share: 100%", "vendor_share: 99%", ("tokens_per_second", "device_price", "peak_to_mean")),
        ("vendor_share: 100%", "vendor_share: {0: 1, 9: 0.5}", ("tokens_per_second", "device_price", "peak_to_mean")),
        ("vendor_share: 100%", "vendor_share: {uniform: [0.5, 1]}", ("tokens_per_second", "device_price")),
        ("{organic_signups: 10}", "{budget: {0: 0, 6: 500}}", ("cost_per_signup", "most_signups")),
        ("price: 40", "price: 40, share_of_signups: 50%", ("conversion",)),
    ],
)
def test_what_serves_or_spends_says_how_much(old: str, new: str, needed: tuple[str, ...]):
    """Devices that serve, a budget and sign-ups each need their numbers; each missing one is a mistake of its own."""
    with pytest.raises(ScenarioError) as refused:
        parse(SMALLEST.replace(old, new), Path())
    for name in needed:
        assert f"{name}: the " in str(refused.value)
        assert f"add `{name}:` in " in str(refused.value)
