"""Rates that change over time: a month's rate acts in that month alone, and growth compounds forward."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from simulator.answers.draws import draw, trials_of
from simulator.engine.model import Array
from simulator.scenario.numbers import base_values, simulation_of
from simulator.scenario.scenario import Scenario

MONTHS = 48


def long(scenario: Scenario, **changes: Any) -> Scenario:
    """Return the scenario with four years, expected counts and some assumptions of the company changed."""
    for path, literal in changes.items():
        scenario = scenario.with_value(path.replace("__", "."), literal)
    return replace(scenario, settings=replace(scenario.settings, months=MONTHS, counts="expected"))


def base(scenario: Scenario, name: str) -> Array:
    """Return the first member of a line by month in the base case."""
    return simulation_of(scenario, base_values(scenario)).keep([name])[name][:, 0, 0]


def test_a_raise_is_that_of_its_month(small: Scenario):
    """No raise for two years and 10 % from then on: 10,000 a month until month 23, 11,000 in month 24, 12,100 in 36."""
    scenario = long(small, roles__engineer__salary=120_000, roles__engineer__annual_raise={0: 0, 24: "10%"})
    pay = base(scenario, "annual_pay") / 12
    assert pay[[0, 12, 23, 24, 35, 36]] == pytest.approx([10_000, 10_000, 10_000, 11_000, 11_000, 12_100])


def test_a_raise_that_ends_leaves_the_pay_as_it_is(small: Scenario):
    """One raise of 4 % in month 12 and none later holds for good."""
    scenario = long(small, roles__engineer__salary=100, roles__engineer__annual_raise={0: "4%", 13: 0})
    assert base(scenario, "annual_pay")[[0, 11, 12, 24, 47]] == pytest.approx([100, 100, 104, 104, 104])


def test_a_steady_raise_compounds_every_year(small: Scenario):
    """4 % a year: 104 from month 12 on, and 108.16 in month 24."""
    scenario = long(small, roles__engineer__salary=100, roles__engineer__annual_raise="4%")
    assert base(scenario, "annual_pay")[[0, 11, 12, 23, 24]] == pytest.approx([100, 100, 104, 104, 108.16])


@pytest.mark.parametrize(
    ("growth", "by_month"),
    [
        ({0: 0, 12: "-3%"}, {0: 1, 11: 1, 12: 0.970, 13: 0.9409}),
        ({"from": 0, "to": "-4%", "over": 12}, {0: 1, 12: 0.768, 24: 0.471}),
        ("-2%", {0: 1, 1: 0.98, 12: 0.7847, 24: 0.6158}),
        ({0: "5%", 1: 0}, {0: 1, 1: 1, 47: 1}),
        ({0: 0, 6: "10%", 8: 0}, {5: 1, 6: 1.1, 7: 1.21, 47: 1.21}),
    ],
    ids=str,
)
def test_prices_of_devices_compound_forward(small: Scenario, growth: Any, by_month: dict[int, float]):
    """The index is 1 in the first month, and each later month changes it by its own rate."""
    index = base(long(small, device_price_growth=growth), "device_price_index")
    assert {month: index[month] for month in by_month} == pytest.approx(by_month, abs=5e-4)


def test_prices_do_not_jump_in_any_trial(small: Scenario):
    """With a range in a schedule of growth, each trial's index is the running product of 1 + its own rates."""
    scenario = long(small, device_price_growth={0: 0, 12: "90% between -6% and -1%", 24: {"uniform": ["-1%", "2%"]}})
    rates = draw(scenario, 20)["device_price_growth"]
    index = trials_of(scenario, 20).keep(["device_price_index"])["device_price_index"][:, 0]
    assert index[0] == pytest.approx(np.ones(21))
    assert index[1:] / index[:-1] == pytest.approx(1 + rates[1:], rel=1e-12)


def test_levels_multiply_the_indices(small: Scenario):
    """A level of 1.2 makes rents 20 % dearer, token prices follow by half, and demand falls with its own level."""
    levels = {"device_price_level": 1.2, "token_price_level": 0.7, "token_price_follows": 0.5, "demand_level": 0.8}
    scenario = long(small, **levels)
    found = {name: base(scenario, name)[5] for name in ("device_price_index", "token_price_index", "demand_index")}
    expected = {"device_price_index": 1.2, "token_price_index": 1.2**0.5 * 0.7, "demand_index": 0.8}
    assert found == pytest.approx(expected)
