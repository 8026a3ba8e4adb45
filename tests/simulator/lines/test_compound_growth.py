"""Growth compounds forward: each month takes its own rate on top of the month before."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from companies import written

from simulator.answers.draws import draw
from simulator.answers.variations.inputs import simulation_of
from simulator.engine.model import Array
from simulator.scenario.reading import parse
from simulator.scenario.scenario import Scenario

MONTHS = 60
SALARY = 120_000
TOP = {"opening_cash": 1e7, "tax_rate": 0, "hours_per_month": 730}


def company(folder: Path, growth: Any, annual_raise: Any, **top: Any) -> Scenario:
    """Return a company of one person, in a market whose device prices grow."""
    person = {"heads": 1, "opening_headcount": 1, "salary": SALARY, "annual_raise": annual_raise}
    text = written(
        {"role": {"engineer": person}}, TOP | {"device_price_growth": growth} | top, months=MONTHS, trials=40
    )
    return parse(text, folder, "growing.yaml")


def run(scenario: Scenario, trials: int = 0) -> tuple[dict[str, Array], dict[str, Array]]:
    """Return drawn assumptions by path, and lines without members by name, each of shape (months, 1 + trials)."""
    drawn = draw(scenario, trials)
    names = ("device_price_index", "annual_pay", "token_price_index", "demand_index")
    lines = simulation_of(scenario, drawn).keep(names)
    wide = {path: np.broadcast_to(values, (MONTHS, values.shape[1])) for path, values in drawn.items()}
    return wide, {name: values[:, 0] for name, values in lines.items()}


def steps(*changes: tuple[int, float]) -> Array:
    """Return a schedule by month, written as the month from which each value holds."""
    months = np.arange(MONTHS)
    return np.array([[value for first, value in changes if first <= month][-1] for month in months])


def ramp(first: float, last: float, over: int) -> Array:
    """Return a straight line over some months, then flat."""
    return np.asarray(first + (last - first) * np.minimum(np.arange(MONTHS) / over, 1))


def compounded(rates: Array) -> Array:
    """Return an index by month that is 1 in month 0 and then grows by each month's own rate."""
    return np.cumprod(np.concatenate([np.ones_like(rates[:1]), 1 + rates[1:]]), axis=0)


def raised_yearly(rates: Array) -> Array:
    """Return an index by month that is raised every twelfth month, by the rate of that month."""
    raises = np.zeros_like(rates)
    raises[12::12] = rates[12::12]
    return np.cumprod(1 + raises, axis=0)


COURSES: dict[str, tuple[Any, Array]] = {
    "steady": (-0.02, steps((0, -0.02))),
    "begins later": ({0: 0, 12: -0.03}, steps((0, 0), (12, -0.03))),
    "turns": ({0: -0.05, 7: 0.04, 31: 0}, steps((0, -0.05), (7, 0.04), (31, 0))),
    "slows": ({"from": 0, "to": -0.04, "over": 12}, ramp(0, -0.04, 12)),
    "fades": ({"from": 0.1, "to": 0, "over": 48}, ramp(0.1, 0, 48)),
    "one month": ({0: 0, 24: 0.5, 25: 0}, steps((0, 0), (24, 0.5), (25, 0))),
}


@pytest.mark.parametrize("course", COURSES)
def test_device_prices_take_each_months_rate(course: str, tmp_path: Path):
    """The index is the product of the months' factors so far, for any course of the rate."""
    growth, rates = COURSES[course]
    _, lines = run(company(tmp_path, growth, 0))
    assert lines["device_price_index"][:, 0] == pytest.approx(compounded(rates), rel=1e-12)


@pytest.mark.parametrize("course", COURSES)
def test_pay_takes_the_rate_of_the_month_of_the_raise(course: str, tmp_path: Path):
    """Pay rises once a year, and a later rate changes no earlier raise."""
    rate, rates = COURSES[course]
    _, lines = run(company(tmp_path, 0, rate))
    assert lines["annual_pay"][:, 0] == pytest.approx(SALARY * raised_yearly(rates), rel=1e-12)


# What a schedule or a ramp of a rate gives, by month, worked out by hand.
BY_HAND: dict[str, tuple[Callable[[Path], Scenario], str, dict[int, float]]] = {
    "a first raise of 10 % in month 24": (
        lambda folder: company(folder, 0, {0: 0, 24: 0.1}), "annual_pay", {23: 120_000, 24: 132_000, 36: 145_200},
    ),
    "prices that fall by 3 % from month 12": (
        lambda folder: company(folder, {0: 0, 12: -0.03}, 0), "device_price_index", {11: 1, 12: 0.97, 13: 0.9409},
    ),
    "prices that fall ever faster for a year": (
        lambda folder: company(folder, {"from": 0, "to": -0.04, "over": 12}, 0), "device_price_index",
        {12: 0.768, 24: 0.471},
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", BY_HAND)
def test_growth_never_acts_backwards(case: str, tmp_path: Path):
    """Months before a rate begins keep their prices, and the first month takes it once."""
    made, line, answers = BY_HAND[case]
    _, lines = run(made(tmp_path))
    found = {month: float(lines[line][month, 0]) for month in answers}
    assert found == pytest.approx(answers, rel=1e-3)


def test_a_new_rate_in_a_trial_leaves_its_past_alone(tmp_path: Path):
    """Rates drawn anew each year compound forward in every trial: no trial's price jumps when a year begins."""
    yearly = dict.fromkeys((0, 12, 24, 36), "{normal: [-0.02, 0.01]}")
    scenario = company(tmp_path, yearly, dict.fromkeys((0, 12, 24, 36), "{uniform: [0, 0.1]}"))
    drawn, lines = run(scenario, 40)
    rates, raises = drawn["device_price_growth"], drawn["roles.engineer.annual_raise"]
    assert len(np.unique(rates[:, 1:])) == 4 * 40
    assert lines["device_price_index"] == pytest.approx(compounded(rates), rel=1e-12)
    assert lines["annual_pay"] == pytest.approx(SALARY * raised_yearly(raises), rel=1e-12)


def test_token_prices_follow_the_compounded_index(tmp_path: Path):
    """Half the fall of device prices, in logarithms, reaches the prices of tokens."""
    growth, rates = COURSES["turns"]
    _, lines = run(company(tmp_path, growth, 0, token_price_follows=0.5))
    assert lines["token_price_index"][:, 0] == pytest.approx(np.sqrt(compounded(rates)), rel=1e-12)


def test_levels_multiply_the_indices(tmp_path: Path):
    """A level of 1.2 makes rents 20 % dearer, token prices follow by half, and demand falls with its own level."""
    levels = {"device_price_level": 1.2, "token_price_level": 0.7, "token_price_follows": 0.5, "demand_level": 0.8}
    _, lines = run(company(tmp_path, 0, 0, **levels))
    expected = {"device_price_index": 1.2, "token_price_index": 1.2**0.5 * 0.7, "demand_index": 0.8}
    assert {name: lines[name][5, 0] for name in expected} == pytest.approx(expected)
