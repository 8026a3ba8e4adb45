"""The model of several lines: what its inputs say, and which lines do not fit together."""

import math
import sys
from collections.abc import Callable
from typing import Any

import pytest
from made import company, echo, joined, lines, model, run, typed

from simulator.engine.model import lines_of
from simulator.engine.quantities import DirectCost, Money, Number, Share, Tokens
from simulator.errors import ModelError


def doubled(x: Number) -> Number:
    return 2 * x


def test_a_default_is_what_may_be_left_out():
    """A default in one signature holds for every line that reads the name."""

    def first(rate: Share = 0.25) -> Share:
        return rate

    def second(rate) -> Share:
        return rate

    assert model(first, second).inputs["rate"].default == 0.25


def test_inputs_say_who_reads_them():
    """An input lists its readers, for messages and for the schema."""

    def tripled(x) -> Number:
        return 3 * x

    assert model(doubled, tripled).inputs["x"].readers == ["doubled", "tripled"]


# What is refused


def test_a_line_without_a_unit_is_refused():
    """The message shows how to declare a unit."""

    def lost(x):
        """A line."""

    with pytest.raises(ModelError, match=r"made\.lost: the line declares no unit; annotate what it returns"):
        lines(lost)


def test_a_line_without_a_sentence_is_refused():
    """Every line needs a docstring."""
    module = type(sys)("bare")
    module.f = echo("f", "x", Number)
    module.f.__module__, module.f.__doc__ = "bare", None
    with pytest.raises(ModelError, match=r"bare\.f: the line has no docstring"):
        lines_of(module)


def test_private_and_imported_functions_are_no_lines():
    """A function with a leading underscore, or from another module, is not a line."""

    def _helper(x):
        return x

    module = type(sys)("bare")
    _helper.__module__ = "bare"
    module._helper, module.ceil = _helper, math.ceil
    module.doubled = doubled  # defined in this module, not in `bare`
    assert lines_of(module) == []


def _reads(parameter: str) -> Callable[..., Any]:
    """Return a company line that reads one name."""
    return echo("reader", parameter, Money)


def test_an_unknown_total_suggests_the_nearest_line():
    """The message for a misspelt total suggests the line that was meant."""
    with pytest.raises(ModelError, match="total_incme is read, but incme is not a line; did you mean income"):
        model(_reads("total_incme"), echo("income", "x", Money))


def test_an_unknown_past_is_refused():
    """Only lines have a past."""
    with pytest.raises(ModelError, match=r"made\.reader: past_weather is read, but weather is not a line"):
        model(_reads("past_weather"))


def test_a_group_read_bare_is_refused():
    """A group is many lines, and the message asks for its total."""
    with pytest.raises(ModelError, match=r"made\.reader: direct_cost is a group of lines; read total_direct_cost"):
        model(_reads("direct_cost"), echo("rent", "x", DirectCost))


def test_lines_that_wait_for_each_other_are_named():
    """The message shows the circle and how to break it."""
    circle = [echo("a", "b", Number), echo("b", "c", Number), echo("c", "a", Number)]
    with pytest.raises(
        ModelError, match=r"read each other in a circle \(.*a.*→.*\); read last_… in one of them"
    ) as caught:
        model(*circle)
    assert all(name in str(caught.value) for name in "abc")


def test_last_months_value_makes_no_circle():
    """Two lines may read each other's last month."""
    made = model(echo("a", "last_b", Number), echo("b", "last_a", Number))
    assert company(run(made, {"opening_a": 1, "opening_b": 2})["a"]) == [2, 1, 2]


def test_reading_a_line_of_plans_bare_says_to_sum_it():
    """A company line cannot read one plan's value without saying whose."""
    with pytest.raises(ModelError, match=r"made\.reader: fee exists once per plan; read total_fee to sum it"):
        joined(lines(_reads("fee")), lines(echo("fee", "price", Money), per="plan"))


def test_two_defaults_for_one_name_are_refused():
    """Two signatures must not disagree on a default."""

    def first(rate: Share = 0.25) -> Share:
        return rate

    def second(rate: Share = 0.5) -> Share:
        return rate

    with pytest.raises(ModelError, match=r"made\.second: rate has another default in first"):
        model(first, second)


def test_two_meanings_for_one_name_are_refused():
    """Two signatures must agree on the unit and range of an assumption."""
    with pytest.raises(ModelError, match=r"made\.spent: x has another unit or range in doubled"):
        model(doubled, typed("spent", "x", Money, Money))


def test_the_same_line_twice_is_refused():
    """The message names both modules."""
    with pytest.raises(ModelError, match=r"one\.doubled: made already has a line of this name; rename one"):
        joined(lines(doubled), lines(echo("doubled", "x", Number), topic="one"))


def test_a_line_named_as_a_group_is_refused():
    """A line and a group of one name would make `total_direct_cost` ambiguous."""
    with pytest.raises(ModelError, match="direct_cost is the name of a line and of a group"):
        model(echo("rent", "x", DirectCost), echo("direct_cost", "y", Money))


def test_an_assumption_read_per_pair_needs_an_owner():
    """In a table, `length` alone does not say whether it is the plan's or the feature's."""
    with pytest.raises(ModelError, match="write plan_length or feature_length"):
        joined(lines(echo("use", "length", Tokens), per=("plan", "feature")))
