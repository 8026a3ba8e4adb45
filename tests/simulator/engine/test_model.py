"""The model of several lines: what its inputs say, and which lines do not fit together."""

import math
import re
import sys
from collections.abc import Callable

import pytest
from made import company, echo, joined, lines, model, run, typed

from simulator.engine.model import Model, lines_of
from simulator.engine.quantities import DirectCost, Money, Number, Share, Tokens
from simulator.errors import ModelError


def doubled(x: Number) -> Number:
    return 2 * x


def test_a_default_is_what_may_be_left_out():
    """A default in one signature holds for every line that reads the name."""

    def first(rate: Share = 0.25) -> Share:
        return rate

    assert model(first, echo("second", "rate", Share)).inputs["rate"].default == 0.25


def test_inputs_say_who_reads_them():
    """An input lists its readers, for messages and for the schema."""

    def tripled(x) -> Number:
        return 3 * x

    assert model(doubled, tripled).inputs["x"].readers == ["doubled", "tripled"]


def test_the_first_months_past_depends_on_what_its_line_reads():
    """In the first month, every month so far is that month."""
    assert model(echo("a", "past_b", Number), echo("b", "x", Number)).inputs_behind(["a"]) == {"x"}


def test_an_assumption_may_begin_with_self():
    """The word is no kind of member, so the name stays whole."""
    assert set(model(echo("signups", "self_serve_share", Share)).inputs) == {"self_serve_share"}


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


READER = {name: echo("reader", name, Money) for name in ("total_incme", "past_weather", "direct_cost", "fee")}
MISFITS = [
    (
        "a misspelt total suggests the line that was meant",
        lambda: model(READER["total_incme"], echo("income", "x", Money)),
        "total_incme is read, but incme is not a line; did you mean income",
    ),
    (
        "only lines have a past",
        lambda: model(READER["past_weather"]),
        "made.reader: past_weather is read, but weather is not a line",
    ),
    (
        "a group is many lines, so its total is read",
        lambda: model(READER["direct_cost"], echo("rent", "x", DirectCost)),
        "made.reader: direct_cost is a group of lines; read total_direct_cost",
    ),
    (
        "a company line cannot read the value of one plan without saying whose",
        lambda: joined(lines(READER["fee"]), lines(echo("fee", "price", Money), per="plan")),
        "made.reader: fee exists once per plan; read total_fee to sum it",
    ),
    (
        "two signatures must agree on the unit and range of an assumption",
        lambda: model(doubled, typed("spent", "x", Money, Money)),
        "made.spent: x has another unit or range in doubled",
    ),
    (
        "a line is given once",
        lambda: joined(lines(doubled), lines(echo("doubled", "x", Number), topic="one")),
        "one.doubled: made already has a line of this name; rename one",
    ),
    (
        "a line and a group of one name would make the total ambiguous",
        lambda: model(echo("rent", "x", DirectCost), echo("direct_cost", "y", Money)),
        "direct_cost is the name of a line and of a group",
    ),
    (
        "in a table, `length` alone does not say whether it is the plan's or the feature's",
        lambda: joined(lines(echo("use", "length", Tokens), per=("plan", "feature"))),
        "write plan_length or feature_length",
    ),
]


@pytest.mark.parametrize(("made", "says"), [case[1:] for case in MISFITS], ids=[fact for fact, _, _ in MISFITS])
def test_lines_that_do_not_fit_together_are_refused(made: Callable[[], Model], says: str):
    """The message names the line and says what to write instead."""
    with pytest.raises(ModelError, match=re.escape(says)):
        made()


def test_two_defaults_for_one_name_are_refused():
    """Two signatures must not disagree on a default."""

    def first(rate: Share = 0.25) -> Share:
        return rate

    def second(rate: Share = 0.5) -> Share:
        return rate

    with pytest.raises(ModelError, match=r"made\.second: rate has another default in first"):
        model(first, second)
