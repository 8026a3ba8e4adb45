"""Sellers: how fast they become productive, whether they join during the scenario or before it."""

import pytest
from companies import alone
from made import by_month

from simulator.lines import business
from simulator.lines.company.people import ramped_heads


def test_new_sellers_become_productive():
    """With a ramp of three months, 1 - (2/3)^n of a seller works after n months."""
    heads = [0.0]
    for month in range(5):
        heads.append(float(ramped_heads(1.0, min(month, 1), heads[-1], 3.0)))
    assert heads == pytest.approx([1 - (2 / 3) ** months for months in range(6)])


def sellers(heads: list[float], **said: float) -> list[float]:
    """Return the productive sellers by month, with a ramp of four months and two sellers from before the scenario."""
    inputs = {"heads": by_month(*heads), "customers_before": 0, "customers_per_head": 0, "opening_headcount": 2}
    opening = {"ramp_months": 4, "opening_ramped_heads": business().inputs["opening_ramped_heads"].default}
    return alone(("headcount", "ramped_heads"), inputs | opening | said, len(heads))["ramped_heads"]


def test_sellers_from_before_the_scenario_are_productive():
    """Two sell in full from the first month on; a third one sells a quarter in the month of joining."""
    assert sellers([2, 2, 3, 3]) == pytest.approx([2, 2, 2.25, 2.4375])
    assert sellers([1, 1]) == pytest.approx([1, 1])  # who left before the first month sells nothing


def test_a_scenario_may_start_with_new_sellers():
    """One of two sellers starts productive; a quarter of the other's gap closes each month."""
    assert sellers([2, 2], opening_ramped_heads=1) == pytest.approx([1.25, 1.4375])
