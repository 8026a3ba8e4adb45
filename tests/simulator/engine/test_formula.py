"""Formulas read from lines: as text for people, as Excel, and the same numbers when LibreOffice computes them."""

from collections.abc import Callable
from inspect import signature
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from made import by_month, echo, joined, lines, simulation
from scipy.special import ndtr
from sheet import Sheet, recalculated

from simulator.answers.inputs import base_values, simulation_of
from simulator.engine.formula import Read, excel, text, trace
from simulator.engine.quantities import SECONDS_PER_HOUR, DirectCost, Money, Number, Share
from simulator.engine.run import Simulation
from simulator.engine.wiring import Members
from simulator.scenario.scenario import Scenario


def written(body: Callable[..., Any]) -> tuple[str, str]:
    """A formula as text and in Excel, where each read is its own name."""
    tree = trace(body, tuple(signature(body).parameters))
    return text(tree), excel(tree, lambda read: read.name)


@pytest.mark.parametrize(
    ("body", "for_people", "for_excel"),
    [
        (lambda x, y, z: x + y * z, "x + y × z", "x+y*z"),
        (lambda x, y, z: (x + y) * z, "(x + y) × z", "(x+y)*z"),
        (lambda x, y, z: x - (y - z), "x − (y − z)", "x-(y-z)"),
        (lambda x, y, z: x - y - z, "x − y − z", "x-y-z"),
        (lambda x, y, z: x / (y / z), "x ÷ (y ÷ z)", "x/(y/z)"),
        (lambda x, y, z: x**y**z, "x ^ (y ^ z)", "x^(y^z)"),
        (lambda x, y, z: (x**y) ** z, "(x ^ y) ^ z", "(x^y)^z"),
        (lambda x: -(x**2), "−(x ^ 2)", "-(x^2.0)"),
        (lambda x, y: x**-y, "x ^ (−y)", "x^(-y)"),
        (lambda x, y: x - -y, "x − (−y)", "x-(-y)"),
        (lambda x: x * -2, "x × (-2)", "x*(-2.0)"),
        (lambda x, y: np.maximum(x, np.ceil(y)), "max(x, round up(y))", "MAX(x,CEILING.MATH(y))"),
        (lambda x, y: np.minimum(x, np.floor(y)), "min(x, round down(y))", "MIN(x,FLOOR.MATH(y))"),
        (lambda x, y, z: np.where(x > y, z, 0), "if x > y then z else 0", "IF(x>y,z,0.0)"),
        (
            lambda x, y, z: 2 * np.where(x == y, z, 0),
            "2 × (if x = y then z else 0)",
            "2.0*IF(x=y,z,0.0)",
        ),
        (lambda x, y, z: (x != y) * z, "(x ≠ y) × z", "(x<>y)*z"),
        (lambda x, y: np.logical_and(x > 0, y > 0), "(x > 0 and y > 0)", "AND(x>0.0,y>0.0)"),
        (lambda x, y: np.logical_or(x <= 0, y >= 0), "(x ≤ 0 or y ≥ 0)", "OR(x<=0.0,y>=0.0)"),
        (lambda x: np.exp(np.log(x)), "exp(ln(x))", "EXP(LN(x))"),
        (lambda x: ndtr(-x), "Φ(−x)", "NORM.S.DIST(-x,TRUE)"),
        (lambda x: abs(x - 1), "|x − 1|", "ABS(x-1.0)"),
        (lambda x, y, z: np.vecdot(x, y) + z, "(sum of x × y) + z", "SUMPRODUCT(x,y)+z"),
        (lambda x: x * SECONDS_PER_HOUR, "x × 3600 s/hour", "x*3600.0"),
        (lambda x: x * 1e-7, "x × 1e-07", "x*1E-07"),
    ],
)
def test_a_formula_reads_as_it_was_written(body: Callable[..., Any], for_people: str, for_excel: str):
    """Brackets stand where another reader would otherwise compute something else, and nowhere else."""
    assert written(body) == (for_people, for_excel)


def test_a_reversed_past_says_so():
    """`past_survival[..., ::-1]` is one read, backwards."""
    tree = trace(lambda past_x, past_y: np.vecdot(past_x, past_y[..., ::-1]), ("past_x", "past_y"))
    assert text(tree) == "sum of past_x × past_y backwards"


def test_two_reads_of_one_name_are_not_compared():
    """Comparing symbols builds a formula; it gives no truth value."""
    assert isinstance(Read("x") == Read("x"), type(trace(lambda x: x == 1, ("x",))))


def agree(made: Simulation, folder: Path) -> int:
    """Compare every formula's cell with the engine; gives how many there were."""
    sheet = Sheet(made)
    computed = recalculated(sheet, folder)
    compared = 0
    for name, values in made.keep().items():
        for month, member in np.ndindex(values.shape[:2]):
            found = computed[sheet.address(name, member, month)]
            expected = pytest.approx(values[month, member, 0], rel=1e-9, abs=1e-9)
            assert found == expected, f"{name}, member {member}, month {month}"
            compared += 1
    return compared


def every_operation() -> Simulation:
    """A table, pointers, cohorts, a group, last month's values, and each operation that Excel might read otherwise."""

    def signed(x: Number) -> Number:
        return x

    def survival(month, last_survival=1.0) -> Share:
        return np.where(month == 0, 1, last_survival * 0.5)

    def stock(past_signed, past_survival) -> Number:
        return np.vecdot(past_signed, past_survival[..., ::-1])

    def plain_past(past_signed) -> Number:
        return np.vecdot(past_signed, past_signed)

    def signs(x, month) -> Number:
        return -(x**2) + 2**-x - -x + np.ceil(-x / 2) + np.floor(-x / 2) + abs(x - 3) + (x > 2) * 5

    def choices(x, month) -> Number:
        both = np.where(np.logical_and(x > 1, month < 2), 1, 2)
        return both + np.where(np.logical_or(x != 3, month >= 1), np.exp(-x), np.log(x)) + ndtr(x / 10)

    def rent(price: Money) -> DirectCost:
        return price

    def spent(total_direct_cost, last_spent) -> Money:
        return total_direct_cost + last_spent / 2

    def served(total_use) -> Number:
        return total_use

    def owed(pool_served) -> Number:
        return pool_served

    made = joined(
        lines(signed, survival, stock, plain_past, signs, choices, spent),
        lines(rent, served, per="pool"),
        lines(owed, per="plan"),
        lines(echo("use", "plan_amount", Number, "feature_length", Number), per=("plan", "feature")),
    )
    members = Members(
        {"plan": ("a", "b"), "feature": ("f", "g"), "pool": ("p", "q")},
        {("feature", "pool"): (0, 1), ("plan", "pool"): (1, 0)},
    )
    inputs = {
        "x": by_month(1, 3, 4.5, 2), "opening_survival": 1, "opening_spent": 8,
        "price": [3, 4], "amount": [1, 10], "length": [2, 3],
    }  # fmt: skip
    return simulation(made, inputs, members, 4)


@pytest.mark.office
def test_libreoffice_computes_every_operation_alike(tmp_path: Path):
    """A small model with all naming rules and operations gives the same numbers in a spreadsheet."""
    assert agree(every_operation(), tmp_path) > 50


@pytest.mark.office
def test_libreoffice_computes_the_business_alike(shipped: Scenario, tmp_path: Path):
    """Every cell of the shipped plan's first 18 months, computed by the spreadsheet, is the engine's number."""
    made = simulation_of(shipped, base_values(shipped))
    cells = sum(made.members.count(line.per) for line in made.model.lines.values()) * shipped.months
    assert agree(made, tmp_path) == cells
