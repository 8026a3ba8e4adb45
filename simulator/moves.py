"""What stands in the file when a lever moves the middle of an assumption: its shape and its doubt are kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from simulator.assumption import Assumption
from simulator.values import RANGE, read_number

# How many of a distribution's numbers are places on its axis; the others are widths of a logarithm.
PLACES = {"pert": 3, "normal": 2, "uniform": 2, "lognormal": 1}
# What a course over months holds beside its level.
NOT_LEVELS = {"monthly_growth", "over"}


def moved(assumption: Assumption, value: float) -> Any:
    """The literal whose central value in the first month is `value`, everything else in proportion.

    A measurement and an assumption at zero have no proportion to keep: the bare number takes their place.
    """
    if assumption.is_plain or assumption.measured or not assumption.central:
        return value
    return _scaled(assumption.literal, value / assumption.central)


def _scaled(literal: Any, factor: float) -> Any:
    if isinstance(literal, Mapping):
        return {key: _part(key, part, factor) for key, part in literal.items()}
    if isinstance(literal, str) and (match := RANGE.fullmatch(literal.strip())):
        low, high = (_rounded(read_number(end) * factor) for end in match.groups()[1:])
        return f"{match[1]} between {low:.10g} and {high:.10g}"
    return _rounded(read_number(literal) * factor)


def _part(key: Any, part: Any, factor: float) -> Any:
    """One entry of a map: the numbers of a distribution, or a step or an end of a course."""
    if key in NOT_LEVELS:
        return part
    if isinstance(part, list | tuple):
        places = PLACES.get(key, len(part))
        return [_scaled(one, factor) if place < places else one for place, one in enumerate(part)]
    return _scaled(part, factor)


def _rounded(number: float) -> float:
    """Ten significant digits: a person reads the file."""
    return float(f"{number:.10g}")
