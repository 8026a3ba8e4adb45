"""Messages: sentences whose English text stands apart from their values.

A page translates the text and formats the values for its reader; a terminal prints the message as it is.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

# A number, its unit (share, month, month index, 1 or currency), and for an estimate from trials its standard error.
Value = tuple[float, str] | tuple[float, str, float]
# A share this close to a whole differs from it by rounding.
ROUNDING = 1e-6


@dataclass(frozen=True)
class Message:
    """A sentence with {named} values."""

    text: str
    values: Mapping[str, Value] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.text.format(**{name: plain(*value) for name, value in self.values.items()})


def plain(number: float, unit: str, error: float | None = None) -> str:
    """Return a number in English for a terminal."""
    if error is not None:
        return give_or_take(number, error) if unit == "share" else f"{plain(number, unit)} ± {plain(error, unit)}"
    if unit in SPELLED:
        return SPELLED[unit](number)
    return f"{number:,.0f} {counted(number, unit)}"


def counted(number: float, unit: str) -> str:
    """Return a unit for English text, in the plural where it counts things: 1 head, 2 heads, 3 tokens/request."""
    first, *per = unit.split("/")
    return "/".join([f"{first}s" if first in THINGS and number != 1 else first, *per])


def _share(number: float) -> str:
    """Return a share in percent; tiny ones keep two digits, since 0% would mean none, and 100% would mean all."""
    if 0 < abs(number) < 0.001:
        return f"{100 * number:.2g}%"
    if digits := short_of_whole(number):
        return f"{number:.{digits}%}"
    return f"{number:.1%}" if 0 < abs(number) < 0.1 else f"{number:.0%}"


def short_of_whole(share: float) -> int:
    """Return the decimals by which a share reads as less than 100%; 0 for one that whole percent tell from it."""
    left = 1 - abs(share)
    return max(1, math.ceil(-math.log10(left) - ROUNDING) - 2) if ROUNDING < left < 0.01 else 0


def _months(number: float) -> str:
    count = f"{number:,.1f}".removesuffix(".0")
    return f"{count} month" if count == "1" else f"{count} months"


def _number(number: float) -> str:
    return f"{number:,.0f}" if abs(number) >= 100 else f"{number:,.2f}".rstrip("0").rstrip(".")


# Units that are words with a plural.
THINGS = frozenset(
    {"call", "charge", "customer", "day", "device", "example", "head", "hour", "parameter"}
    | {"request", "run", "seat", "token", "user"}
)
# Units whose numbers are written in a way of their own.
SPELLED: Mapping[str, Callable[[float], str]] = {
    "share": _share,
    "month": _months,
    "month index": "month {:.0f}".format,
    "1": _number,
}


def give_or_take(share: float, error: float) -> str:
    """Return a share with its standard error in percentage points: 19.8% ± 0.9."""
    digits, more = digits_of(share, error)
    return f"{100 * share:.{digits}f}%" + (f" ± {100 * error:.{more}f}" if more else "")


def digits_of(share: float, error: float) -> tuple[int, int]:
    """Return the decimals of a share and of its standard error, in percent.

    Those of the error show its first digit, one to four, and are 0 where nothing is left to show; a share of all or
    nothing has none.
    """
    digits = min(max(1, -math.floor(math.log10(100 * error))), 4) if error > 0 else 1
    return 0 if share in {0.0, 1.0} else digits, digits if round(100 * error, digits) else 0
