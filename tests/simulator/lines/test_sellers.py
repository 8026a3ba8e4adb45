"""Sellers: who is up to speed when, whether they came with the plan or before it."""

import pytest
from companies import alone
from made import by_month

from simulator.lines import business
from simulator.lines.company.people import ramped_heads


def test_new_sellers_come_up_to_speed():
    """With a ramp of three months, 1 - (2/3)^n of a seller works after n months."""
    heads = [0.0]
    for month in range(5):
        heads.append(float(ramped_heads(1.0, min(month, 1), heads[-1], 3.0)))
    assert heads == pytest.approx([1 - (2 / 3) ** months for months in range(6)])


def sellers(heads: list[float], **said: float) -> list[float]:
    """Sellers counted by what they sell, with a ramp of four months; two of them are there when the plan begins."""
    inputs = {
        "heads": by_month(*heads), "customers_before": 0, "customers_per_head": 0, "opening_headcount": 2,
        "ramp_months": 4, "opening_ramped_heads": business().inputs["opening_ramped_heads"].default,
    }  # fmt: skip
    return alone(("headcount", "ramped_heads"), inputs | said, len(heads))["ramped_heads"]


def test_sellers_of_before_the_plan_are_up_to_speed():
    """Two sell from the first month on; of a third, a quarter works in the month in which it comes."""
    assert sellers([2, 2, 3, 3]) == pytest.approx([2, 2, 2.25, 2.4375])


def test_a_plan_may_say_that_sellers_are_new():
    """Of two, one is up to speed: a quarter of the other's gap closes each month."""
    assert sellers([2, 2], opening_ramped_heads=1) == pytest.approx([1.25, 1.4375])


def test_who_leaves_before_the_plan_sells_nothing():
    """Of two sellers one is left in the first month."""
    assert sellers([1, 1]) == pytest.approx([1, 1])
