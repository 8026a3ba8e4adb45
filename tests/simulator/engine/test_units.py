"""The check of a line: its formula gives the unit that it declares, and it reads its own month and those before."""

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from made import echo, model

from simulator.engine.quantities import Heads, Hours, Money, Number, Tokens, TokensPerSecond
from simulator.errors import ModelError, UnitError
from simulator.lines import MONTHS


def line(body: Callable[..., Any], returns: Any, **units: Any) -> Callable[..., Any]:
    """Return a line `strange` whose signature declares these units."""
    body.__name__, body.__annotations__ = "strange", {"return": returns, **units}
    return body


@pytest.mark.parametrize(
    ("strange", "says"),
    [
        (
            line(lambda x, y, z: x * y * z, Tokens, x=TokensPerSecond, y=Hours, z=Heads),
            "the line declares token, but the formula gives head*hour*token/device/s; correct one of the two",
        ),
        (
            line(lambda x, y: x + y, Money, x=Money, y=Hours),
            "money and hour cannot be added or compared; give both the same unit",
        ),
        (
            line(lambda x, y: x * y, Heads, x=Money, y=Number),
            "the line declares head, but the formula gives money; correct one of the two",
        ),
        (
            line(lambda mystery: mystery, Money),
            "no line declares the unit of mystery; annotate it in one signature, such as `mystery: Money`",
        ),
        (
            line(lambda x: 2 * np.log(x), Number, x=Money),
            "money is used where a plain number is needed; divide it by an amount of the same unit",
        ),
    ],
    ids=["a forgotten 3600", "money and hours added", "a wrong declaration", "no declaration", "a logarithm of money"],
)
def test_a_wrong_unit_is_found(strange: Callable[..., Any], says: str):
    """The message names the line and says what does not fit."""
    made = model(strange)
    with pytest.raises(UnitError, match=re.escape(f"made.strange: {says}") + "$"):
        made.check(made.lines, ())


def test_a_line_that_sums_a_year_is_refused():
    """Windows on several months are for key figures; a line that read one would have this month alone."""
    made = model(echo("income", "x", Money), echo("reader", "year_income", Money))
    says = "made.reader: year_income cannot be read here; read last_income, "
    with pytest.raises(ModelError, match=re.escape(says)):
        made.check(["reader"], MONTHS)
