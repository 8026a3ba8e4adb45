"""Formulas read from lines: as text for people and as Excel."""

import math
from collections.abc import Callable
from inspect import signature
from typing import Any

import numpy as np
import pytest
from made import lines
from scipy.special import ndtr

from simulator.engine.formula import Read, excel, text, trace
from simulator.engine.model import Model
from simulator.engine.quantities import SECONDS_PER_HOUR, Number
from simulator.errors import FormulaError


def written(body: Callable[..., Any]) -> tuple[str, str]:
    """Return a formula as text and in Excel, where each read is its own name."""
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
        (lambda x, y, z: 2 * np.where(x == y, z, 0), "2 × (if x = y then z else 0)", "2.0*IF(x=y,z,0.0)"),
        (lambda x, y, z: (x != y) * z, "(x ≠ y) × z", "(x<>y)*z"),
        (lambda x, y: np.logical_and(x > 0, y > 0), "(x > 0 and y > 0)", "AND(x>0.0,y>0.0)"),
        (lambda x, y: np.logical_or(x <= 0, y >= 0), "(x ≤ 0 or y ≥ 0)", "OR(x<=0.0,y>=0.0)"),
        (lambda x: np.exp(np.log(x)), "exp(ln(x))", "EXP(LN(x))"),
        (lambda x: -np.expm1(-x), "−(exp(−x) − 1)", "-(2*TANH((-x)/2)/(1-TANH((-x)/2)))"),
        (lambda x: ndtr(-x), "Φ(−x)", "NORM.S.DIST(-x,TRUE)"),
        (lambda x: abs(x - 1), "|x − 1|", "ABS(x-1.0)"),
        (lambda x, y, z: np.vecdot(x, y) + z, "(sum of x × y) + z", "SUMPRODUCT(x,y)+z"),
        (lambda x: x * SECONDS_PER_HOUR, "x × 3600 s/hour", "x*3600.0"),
        (lambda x: x * 1e-7, "x × 1e-07", "x*1E-07"),
    ],
)
def test_a_formula_reads_as_it_was_written(body: Callable[..., Any], for_people: str, for_excel: str):
    """Brackets are written only where the formula would otherwise mean something else."""
    assert written(body) == (for_people, for_excel)


def test_a_reversed_past_says_so():
    """`past_survival[..., ::-1]` is one read, marked as backwards."""
    tree = trace(lambda past_x, past_y: np.vecdot(past_x, past_y[..., ::-1]), ("past_x", "past_y"))
    assert text(tree) == "sum of past_x × past_y backwards"


def test_operations_are_written_in_the_readers_language():
    """Each is a pattern of its own, also inside another; names stay as they are."""
    tree = trace(lambda past_x, y: np.where(y > 0, np.ceil(y), np.vecdot(past_x, past_x[..., ::-1])), ("past_x", "y"))
    said = {
        "if {} then {} else {}": "si {} alors {} sinon {}",
        "round up({})": "arrondi({})",
        "{} backwards": "{} inversé",
    }
    assert text(tree, lambda pattern: said.get(pattern, pattern)) == (
        "si y > 0 alors arrondi(y) sinon sum of past_x × past_x inversé"
    )


def test_two_reads_of_one_name_are_not_compared():
    """Comparing symbols builds a formula instead of a truth value."""
    assert isinstance(Read("x") == Read("x"), type(trace(lambda x: x == 1, ("x",))))


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (lambda x: 1 if x > 0 else 2, "np.where"),
        (lambda x: max(x, 0), "np.maximum"),
        (math.ceil, "no single value"),
        (float, "no single value"),
        (lambda x: x in (1, 2), "no single value"),
        (lambda x: np.clip(x, 0, 1), "np.clip has no formula; use one of"),
        (np.sum, "np.sum has no formula"),
        (np.sqrt, "sqrt has no formula"),
        (lambda x: x // 2, "floor_divide has no formula"),
        (lambda x: x.sum(), "no attribute 'sum'"),
        (round, "__round__"),
        (lambda x: x[0], "use only past_x"),
        (lambda x: np.minimum(x, np.inf), "inf is not allowed in a formula"),
        (lambda x: [x, x], "list is not allowed in a formula"),
        (lambda x: f"{x}", "str is not allowed in a formula"),
        (lambda x: x * np.array([1, 2]), "ndarray is not allowed in a formula"),
        (lambda x: x * np.random.default_rng().random(), "differs from call to call"),
    ],
)
def test_what_has_no_formula_is_refused_by_name(body: Callable[..., Any], says: str):
    """The message names the line and what to use instead."""

    def culprit(x: Number) -> Number:
        return body(x)

    with pytest.raises(FormulaError) as caught:
        Model(lines(culprit, topic="serving"), ())
    assert str(caught.value).startswith("serving.culprit: ")
    assert says in str(caught.value)
