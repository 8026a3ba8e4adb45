"""Units: what a number counts, and the annotations that say so in a line's signature.

A unit is a product of powers of base names, such as `money / device / hour`. There are no prefixes and no
conversions: seconds and hours are different bases, and a formula crosses from one to the other by a
`Constant` that says so, so that a forgotten 3,600 is found.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Any, get_args, get_origin

from simulator.errors import UnitError

# Every line is one month's amount, so "per month" adds nothing; a share and a plain count have no unit.
WITHOUT_DIMENSION = frozenset({"1", "share", "month"})
# A unit is short and its powers are small: a stranger's text must not become a long computation.
LONGEST_UNIT_TEXT = 80
FACTOR = re.compile(r"([A-Za-z]+|1)(?:\^(-?[1-9]))?")


@dataclass(frozen=True)
class Unit:
    """A product of powers of base names; the empty product is a plain number."""

    powers: tuple[tuple[str, float], ...] = ()

    @classmethod
    def of(cls, powers: Iterable[tuple[str, float]]) -> Unit:
        """The unit with these powers, zeros dropped, in one canonical order."""
        return cls(tuple(sorted((name, power) for name, power in powers if power)))

    @classmethod
    def parse(cls, text: str, currency: str = "money") -> Unit:
        """Read `USD/device/hour` or `token*head^2`; `currency` is the code that stands for money.

        Raises UnitError for a text that is no unit.
        """
        unit = cls()
        parts = re.split(r"([*/])", text.replace(" ", "")) if len(text) <= LONGEST_UNIT_TEXT else [""]
        for sign, part in zip(["*", *parts[1::2]], parts[::2], strict=True):
            match = FACTOR.fullmatch(part)
            if match is None:
                raise UnitError(f"{text[:LONGEST_UNIT_TEXT]!r} is not a unit: write it like {currency}/device/hour")
            name = "money" if match[1] == currency else match[1]
            factor = cls() if name in WITHOUT_DIMENSION else cls(((name, 1),)) ** int(match[2] or 1)
            unit = unit * factor if sign == "*" else unit / factor
        return unit

    def __mul__(self, other: Unit) -> Unit:
        """The unit of a product."""
        powers = dict(self.powers)
        for name, power in other.powers:
            powers[name] = powers.get(name, 0) + power
        return Unit.of(powers.items())

    def __truediv__(self, other: Unit) -> Unit:
        """The unit of a quotient."""
        return self * other**-1

    def __pow__(self, exponent: float) -> Unit:
        """The unit of a power."""
        return Unit.of((name, power * exponent) for name, power in self.powers)

    def text(self, currency: str = "money") -> str:
        """As people write it: `USD/device/hour`; a plain number is `1`."""
        named = [(currency if name == "money" else name, power) for name, power in self.powers]
        above = [_power(name, power) for name, power in named if power > 0]
        below = [_power(name, -power) for name, power in named if power < 0]
        # Money leads, as in USD/head; the rest keeps its order.
        above.sort(key=lambda part: part != currency)
        return "/".join(["*".join(above) or "1", *below])


def _power(name: str, power: float) -> str:
    return name if power == 1 else f"{name}^{power:g}"


@dataclass(frozen=True)
class Quantity:
    """What an annotation says of a number: its unit, its legal range, and the group that sums it.

    A line that returns a quantity with a group `g` is part of `total_g`, wherever that is read. An assumption
    of a steady quantity is one number, or one chance, for all months.
    """

    unit: Unit
    low: float | None = None
    high: float | None = None
    group: str | None = None
    label: str = ""
    steady: bool = False

    def text(self, currency: str = "money") -> str:
        """The unit for people: its label (`share`, `month`) where it has no dimension."""
        return self.label or self.unit.text(currency)


def quantity(
    unit: str, low: float | None = None, high: float | None = None, *, group: str | None = None, steady: bool = False
) -> Quantity:
    """The quantity measured in `unit`, within [`low`, `high`]."""
    label = unit if unit in WITHOUT_DIMENSION - {"1"} else ""
    return Quantity(Unit.parse(unit), low, high, group, label, steady)


def quantity_of(annotation: Any) -> Quantity | None:
    """The quantity inside an `Annotated[...]` type, or None where there is none."""
    if get_origin(annotation) is not Annotated:
        return None
    return next((part for part in get_args(annotation)[1:] if isinstance(part, Quantity)), None)


class Constant(float):
    """A fixed number with a unit and a name, such as the 3,600 seconds of an hour."""

    name: str
    unit: Unit

    def __new__(cls, value: float, unit: str, name: str) -> Constant:
        """A float that formulas show by `name` and the unit check reads as `unit`."""
        constant = super().__new__(cls, value)
        constant.name, constant.unit = name, Unit.parse(unit)
        return constant
