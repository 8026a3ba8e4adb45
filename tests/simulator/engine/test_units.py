"""The unit check: a formula has to give the unit that its line declares."""

import numpy as np
from made import echo, model

from simulator.engine.quantities import Heads, Hours, Money, Number, Tokens, TokensPerSecond
from simulator.lines import business


def test_a_forgotten_3600_is_found():
    """Tokens per second times hours is not tokens."""

    def capacity(rate: TokensPerSecond, hours: Hours, devices: Heads) -> Tokens:
        return rate * hours * devices

    (fault,) = model(capacity).check_units()
    assert "made.capacity: the line declares token" in fault
    assert "hour" in fault


def test_adding_money_to_hours_is_found():
    """The message shows both units."""

    def strange(x: Money, y: Hours) -> Money:
        return x + y

    assert model(strange).check_units() == [
        "made.strange: money and hour cannot be added or compared; give both the same unit"
    ]


def test_a_wrong_declared_unit_is_found():
    """A line that declares heads and computes money is named."""

    def strange(x: Money, y: Number) -> Heads:
        return x * y

    assert model(strange).check_units() == [
        "made.strange: the line declares head, but the formula gives money; correct one of the two"
    ]


def test_an_assumption_that_nobody_counts_is_found():
    """One signature must declare the unit of an assumption."""
    made = model(echo("spent", "mystery", Money))
    (fault,) = made.check_units()
    assert (
        fault
        == "made.spent: no line declares the unit of mystery; annotate it in one signature, such as `mystery: Money`"
    )


def test_a_logarithm_of_money_is_found():
    """Only a plain number has a logarithm."""

    def strange(x: Money) -> Number:
        return np.log(x)

    assert model(strange).check_units() == [
        "made.strange: money is used where a plain number is needed; divide it by an amount of the same unit"
    ]


def test_the_business_has_no_misfit():
    """Every line that ships gives the unit that it declares."""
    assert business().check_units() == []
