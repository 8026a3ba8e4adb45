"""Scaling of a value as written in a file: its level changes, its shape and relative uncertainty stay."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from simulator.scenario.assumption import Assumption
from simulator.scenario.chances import Fixed
from simulator.scenario.values import HALF_LIFE, LONE, RANGE, VOLATILITY, WALK, is_walk, read_number

# How many of a distribution's first numbers scale with it. The second of a lognormal, the deviation of the logarithm,
# does not; distributions that are not listed here scale as a whole.
SCALED = {"lognormal": 1}
# The entries of a course over months, or of a walk, that do not scale with its level.
NOT_LEVELS = {"monthly_growth", "over", VOLATILITY, HALF_LIFE}


def moved(assumption: Assumption, value: float, level: float | None = None) -> Any:
    """Return the literal whose central value in the first month is `value`, with everything else in proportion.

    `level` is what becomes `value` where that is not the first month's value: a schedule may begin at zero.
    The bare number replaces a measurement or a curve, and an assumption at zero, which has no proportions; zero itself
    is always bare, and so is a number in the place of a range of the other sign, whose ends would change places. For a
    yes-or-no number, `value` is the probability. A walk goes on as before, around the new value.
    """
    old = assumption.central if level is None else level
    found = _moved(assumption, unwalked(assumption.literal), value, old)
    return in_place(assumption.literal, found) if found else found


def first_level(assumption: Assumption, months: int) -> tuple[int, float]:
    """Return the first month in which the base case's value is not zero, and that value; month 0 where all are zero."""
    base = assumption.base(months)
    month = int(np.argmax(base != 0))
    return month, float(base[month])


def unwalked(literal: Any) -> Any:
    """Return the literal of the value that a walk moves; of anything else, the literal itself."""
    return literal[WALK] if is_walk(literal) else literal


def in_place(literal: Any, value: Any) -> Any:
    """Return the literal of another value, which walks as the old literal does if that one walks."""
    return {**literal, WALK: value} if is_walk(literal) else value


def _moved(assumption: Assumption, literal: Any, value: float, level: float) -> Any:
    if isinstance(literal, Mapping) and LONE in literal:
        return {LONE: min(max(value, 0.0), 1.0)}
    parts = assumption.value.parts
    is_number = len(parts) == 1 and isinstance(parts[0], Fixed)
    if is_number or assumption.measured or assumption.on_curve or not level or not value:
        return value
    if value / level < 0 and not all(isinstance(part, Fixed) for part in parts):
        return value
    return scaled(literal, value / level)


def scaled(literal: Any, factor: float) -> Any:
    """Return a literal with all of its levels times a factor: a range, a distribution and a course keep their shape.

    A probability is capped at 1. Raises BadValue where a level is not a number.
    """
    if isinstance(literal, Mapping):
        return {key: _part(key, part, factor) for key, part in literal.items()}
    if isinstance(literal, str) and (match := RANGE.fullmatch(literal.strip())):
        low, high = (_number(end, factor) for end in match.groups()[1:])
        return f"{match[1]} between {low} and {high}"
    return _number(literal, factor) if isinstance(literal, str) else rounded(read_number(literal) * factor)


def _part(key: Any, part: Any, factor: float) -> Any:
    """Return one entry of a map times a factor: the numbers of a distribution, or a step or end of a course."""
    if key in NOT_LEVELS:
        return part
    if key == LONE:
        more = scaled(part, factor)
        return more if read_number(more) <= 1 else 1
    if isinstance(part, list | tuple):
        count = SCALED.get(key, len(part))
        return [scaled(one, factor) if place < count else one for place, one in enumerate(part)]
    return scaled(part, factor)


def _number(text: str, factor: float) -> str:
    """Return a number as text, times a factor; a percentage stays a percentage."""
    percent = "%" if text.rstrip().endswith("%") else ""
    return f"{read_number(text) * (100 if percent else 1) * factor:.10g}{percent}"


def rounded(number: float) -> float:
    """Return a number at ten significant digits, a whole one as an integer, since people read the file."""
    rounded = float(f"{number:.10g}")
    return int(rounded) if rounded.is_integer() else rounded
