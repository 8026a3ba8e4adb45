"""Percentages: allowed where a number is a share, a factor or a rate, and refused where an amount is meant."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from profiling.errors import Phrase
from simulator.engine.units import Quantity, Unit
from simulator.errors import BadValue
from simulator.scenario.values import RANGE, VOLATILITY

# Of a growing value, this is a share whatever the value counts.
GROWTH = ("monthly_growth", VOLATILITY)
# Of a distribution by name, this is a chance.
CHANCE = "chance"
# Units of what one thing is per other thing of its kind: customers out of users.
RATIOS = (Unit(), Unit.parse("customer/user"))


def refuse_percentages(literal: Any, counted: Quantity, currency: str) -> None:
    """Raise BadValue where a literal of the file gives an amount, such as an amount of cash, as a percentage."""
    if counted.unit not in RATIOS and (found := next(_percentages(literal), None)):
        what = Phrase(
            "{found} is a share, but the value is an amount in {unit}", found=found, unit=counted.text(currency)
        )
        raise BadValue(what, "write the amount, such as 1200")


def _percentages(literal: Any) -> Iterator[str]:
    """Yield the numbers of a value that are written with a percent sign."""
    if isinstance(literal, Mapping):
        for key, part in literal.items():
            yield from () if key in GROWTH or key == CHANCE else _percentages(part)
    elif isinstance(literal, list):
        for part in literal:
            yield from _percentages(part)
    elif isinstance(literal, str):
        match = RANGE.fullmatch(literal.strip())
        yield from (one for one in (match.groups()[1:] if match else (literal.strip(),)) if one.endswith("%"))
