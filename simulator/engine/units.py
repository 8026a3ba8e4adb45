"""Units, and the annotations that declare them in a line's signature.

A unit is a product of powers of base names, such as `money / device / hour`. There are no prefixes and no automatic
conversions: seconds and hours are different bases, and a formula converts between them with a `Constant`, so the unit
check finds a missing 3,600.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Any, get_args, get_origin

from simulator.errors import UnitError

# Every line is an amount per month, so a month is not a dimension; a share and a plain count have none either.
WITHOUT_DIMENSION = frozenset({"1", "share", "month"})
# Limits on a unit in a file from a stranger: a long text or a large power would take long to compute.
LONGEST_UNIT_TEXT = 80
FACTOR = re.compile(r"([A-Za-z]+|1)(?:\^(-?[1-9]))?")
# Sizes of units that measure one thing, which people confuse: the thing, and the size relative to the first.
SIZES: dict[str, tuple[str, float]] = {
    "month": ("time", 1.0),
    "year": ("time", 12.0),
    "quarter": ("time", 3.0),
    "week": ("time", 7 * 12 / 365),
    "day": ("time", 12 / 365),
    "hour": ("time", 12 / 365 / 24),
    "s": ("time", 12 / 365 / 24 / 3600),
    "token": ("tokens", 1.0),
    "ktoken": ("tokens", 1e3),
    "Mtoken": ("tokens", 1e6),
    "W": ("power", 1.0),
    "kW": ("power", 1e3),
    "g": ("mass", 1.0),
    "kg": ("mass", 1e3),
}


@dataclass(frozen=True)
class Unit:
    """A product of powers of base names; the empty product is a plain number."""

    powers: tuple[tuple[str, float], ...] = ()

    @classmethod
    def of(cls, powers: Iterable[tuple[str, float]]) -> Unit:
        """Return the unit with these powers, without zeros and in canonical order."""
        return cls(tuple(sorted((name, power) for name, power in powers if power)))

    @classmethod
    def parse(cls, text: str, currency: str = "money", without: frozenset[str] = WITHOUT_DIMENSION) -> Unit:
        """Return the unit that a text such as `USD/device/hour` or `token*head^2` means; raises UnitError.

        `currency` is the code that means money; names in `without` have no dimension.
        """
        unit = cls()
        parts = re.split(r"([*/])", text.replace(" ", "")) if len(text) <= LONGEST_UNIT_TEXT else [""]
        for sign, part in zip(["*", *parts[1::2]], parts[::2], strict=True):
            match = FACTOR.fullmatch(part)
            if match is None:
                raise UnitError(f"{text[:LONGEST_UNIT_TEXT]!r} is not a unit", f"write it like {currency}/device/hour")
            name = "money" if match[1] == currency else match[1]
            factor = cls() if name in without else cls(((name, 1),)) ** int(match[2] or 1)
            unit = unit * factor if sign == "*" else unit / factor
        return unit

    def __mul__(self, other: Unit) -> Unit:
        """Return the unit of a product."""
        powers = dict(self.powers)
        for name, power in other.powers:
            powers[name] = powers.get(name, 0) + power
        return Unit.of(powers.items())

    def __truediv__(self, other: Unit) -> Unit:
        """Return the unit of a quotient."""
        return self * other**-1

    def __pow__(self, exponent: float) -> Unit:
        """Return the unit of a power."""
        return Unit.of((name, power * exponent) for name, power in self.powers)

    def size(self) -> float | None:
        """Return the number that the unit is, as 12 is year/month; None where it is not a number."""
        size, left = 1.0, dict[str, float]()
        for name, power in self.powers:
            thing, one = SIZES.get(name, (name, 1.0))
            size, left[thing] = size * one**power, left.get(thing, 0) + power
        return None if any(left.values()) else size

    def text(self, currency: str = "money") -> str:
        """Return the unit as people write it, such as `USD/device/hour`; a plain number is `1`."""
        named = [(currency if name == "money" else name, power) for name, power in self.powers]
        above = [_power(name, power) for name, power in named if power > 0]
        below = [_power(name, -power) for name, power in named if power < 0]
        # Money comes first, as in USD*hour; the other names keep their order.
        above.sort(key=lambda part: part != currency)
        return "/".join(["*".join(above) or "1", *below])


def _power(name: str, power: float) -> str:
    return name if power == 1 else f"{name}^{power:g}"


@dataclass(frozen=True)
class Quantity:
    """The annotation of a number: its unit, its legal range, and the group that it is summed in.

    A line that returns a quantity of the group `g` is part of every `total_g`. An assumption of a steady quantity is
    one number, or one distribution, for all months. `label` is the text for a unit without dimension. `per` is the
    period that the number is about, `month` or `year`, where the unit does not say it. `asks` is what people
    answer with where that is no number: `choice` for yes (1) or no (0), `calendar` for a month of the calendar.
    """

    unit: Unit
    low: float | None = None
    high: float | None = None
    group: str | None = None
    label: str = ""
    steady: bool = False
    per: str = ""
    asks: str = ""

    def text(self, currency: str = "money") -> str:
        """Return the unit for people, with its period; the label (`share`, `month`) where it has no dimension."""
        return self.label or "/".join(filter(None, (self.unit.text(currency), self.per)))

    @property
    def in_percent(self) -> bool:
        """Whether people give it in percent: a share, or a rate such as customers per user."""
        return self.asks != "choice" and (self.text() == "share" or (self.low, self.high) == (0, 1))


def quantity(
    unit: str,
    low: float | None = None,
    high: float | None = None,
    *,
    group: str | None = None,
    steady: bool = False,
    per: str = "",
    asks: str = "",
) -> Quantity:
    """Return the quantity measured in `unit`, within [`low`, `high`]."""
    label = unit if unit in WITHOUT_DIMENSION - {"1"} else ""
    return Quantity(Unit.parse(unit), low, high, group, label, steady, per, asks)


def quantity_of(annotation: Any) -> Quantity | None:
    """Return the quantity inside an `Annotated[...]` type, or None where there is none."""
    if get_origin(annotation) is not Annotated:
        return None
    return next((part for part in get_args(annotation)[1:] if isinstance(part, Quantity)), None)


class Constant(float):
    """A fixed number with a unit and a name, such as the 3,600 seconds of an hour."""

    name: str
    unit: Unit

    def __new__(cls, value: float, unit: str, name: str) -> Constant:
        """Return a float that formulas show as `name` and the unit check reads as `unit`."""
        constant = super().__new__(cls, value)
        constant.name, constant.unit = name, Unit.parse(unit)
        return constant
