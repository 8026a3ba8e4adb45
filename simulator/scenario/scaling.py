"""What stands in the file when a lever moves the middle of an assumption: its shape and its doubt are kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from simulator.scenario.assumption import Assumption
from simulator.scenario.values import LONE, RANGE, read_number

# How many of a distribution's numbers are places on its axis; the others are widths of a logarithm.
PLACES = {"pert": 3, "normal": 2, "uniform": 2, "lognormal": 1}
# What a course over months holds beside its level.
NOT_LEVELS = {"monthly_growth", "over"}


def moved(assumption: Assumption, value: float) -> Any:
    """The literal whose central value in the first month is `value`, everything else in proportion.

    A measurement and an assumption at zero have no proportion to keep: the bare number takes their place. Of a
    yes-or-no number the value is the probability.
    """
    if isinstance(assumption.literal, Mapping) and LONE in assumption.literal:
        return {LONE: min(max(value, 0.0), 1.0)}
    if assumption.is_plain or assumption.measured or not assumption.central:
        return value
    return scaled(assumption.literal, value / assumption.central)


def scaled(literal: Any, factor: float) -> Any:
    """A literal with all of its levels times a factor: a range, a distribution and a course keep their shape.

    A probability ends at 1. Raises BadValue for what is no number.
    """
    if isinstance(literal, Mapping):
        return {key: _part(key, part, factor) for key, part in literal.items()}
    if isinstance(literal, str) and (match := RANGE.fullmatch(literal.strip())):
        low, high = (_number(end, factor) for end in match.groups()[1:])
        return f"{match[1]} between {low} and {high}"
    return _number(literal, factor) if isinstance(literal, str) else _rounded(read_number(literal) * factor)


def _part(key: Any, part: Any, factor: float) -> Any:
    """One entry of a map: the numbers of a distribution, or a step or an end of a course."""
    if key in NOT_LEVELS:
        return part
    if key == LONE:
        more = scaled(part, factor)
        return more if read_number(more) <= 1 else 1
    if isinstance(part, list | tuple):
        places = PLACES.get(key, len(part))
        return [scaled(one, factor) if place < places else one for place, one in enumerate(part)]
    return scaled(part, factor)


def _number(text: str, factor: float) -> str:
    """A number as text, times a factor; a percentage stays one."""
    percent = "%" if text.rstrip().endswith("%") else ""
    return f"{read_number(text) * (100 if percent else 1) * factor:.10g}{percent}"


def _rounded(number: float) -> float:
    """Ten significant digits, and no point behind a whole number: a person reads the file."""
    rounded = float(f"{number:.10g}")
    return int(rounded) if rounded.is_integer() else rounded
