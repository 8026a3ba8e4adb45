"""Assumptions as cells that people can edit: each number of a value is a field, and a changed field gives a new value.

A bare number or a range is one field, which holds the number of the base case; a course over months has several. The
workbook is written from these, and read back into them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from simulator.errors import BadValue
from simulator.output.book.excel import LIKE_A_CELL
from simulator.scenario.assumption import Assumption
from simulator.scenario.chances import Fixed, Part
from simulator.scenario.records.measured import Measured
from simulator.scenario.scaling import in_place, rounded, scaled, unwalked
from simulator.scenario.scenario import Scenario
from simulator.scenario.values import LONE, Growth, Ramp, Steps, Value, read_number

# A setting that formulas read, so that it can be edited beside the assumptions.
CASH_FLOOR = "cash_floor"
OVER = "over"
NOT_IN_A_NAME = re.compile(r"[^A-Za-z0-9_.]")
# Spreadsheets keep 15 digits.
NEAR = 1e-12


@dataclass(frozen=True)
class Field:
    """One number of an assumption: `part` is empty for the value itself, or names a part of a course over months.

    `month` is the month from which a step of a schedule holds, None for anything else; `low` and `high` are the ends of
    what makes sense.
    """

    path: str
    part: str
    value: float
    month: int | None = None
    low: float | None = None
    high: float | None = None

    @property
    def key(self) -> tuple[str, str]:
        """The path and the part, by which the field is found again."""
        return self.path, self.part


def fields_of(assumption: Assumption) -> list[Field]:
    """Return the fields of an assumption, in the order in which they stand below each other."""
    value, course = assumption.value, assumption.value.course
    starts: Sequence[int | None] = [None] * len(value.parts)
    if isinstance(course, Steps) and len(value.parts) > 1:
        starts = course.starts
    bounds = value.bounds(assumption.low, assumption.high)
    found = [
        Field(assumption.path, name, part.central, start, *bound)
        for name, part, start, bound in zip(value.names, value.parts, starts, bounds, strict=True)
    ]
    return [*found, Field(assumption.path, OVER, course.months)] if isinstance(course, Ramp) else found


def setting_of(scenario: Scenario) -> Field:
    """Return the field of the cash floor."""
    return Field(CASH_FLOOR, "", scenario.settings.cash_floor)


def names_of(fields: list[Field]) -> dict[tuple[str, str], str]:
    """Return the name of each field's cell, such as `plans.team.price`; no two are alike to Excel."""
    names: dict[tuple[str, str], str] = {}
    taken: set[str] = set()
    for one in fields:
        name = NOT_IN_A_NAME.sub("_", ".".join(filter(None, one.key)))
        while name.lower() in taken or LIKE_A_CELL.fullmatch(name):
            name += "_"
        taken.add(name.lower())
        names[one.key] = name
    return names


def same(one: float, other: float) -> bool:
    """Return whether two numbers are equal at the digits that a spreadsheet keeps."""
    return abs(one - other) <= NEAR * max(abs(one), abs(other))


def with_fields(assumption: Assumption, numbers: Mapping[str, float], months: Mapping[str, int]) -> Any:
    """Return the literal of an assumption with other numbers by part, and other months of the steps of a schedule.

    A range keeps its shape around the new number. Raises BadValue where the numbers make no value.
    """
    value, literal = assumption.value, unwalked(assumption.literal)
    if len(value.parts) == 1:
        return in_place(assumption.literal, _renewed(literal, value.parts[0], numbers.get("")))
    changed: dict[Any, Any] = {}
    for key, name, part in zip(_keys(value), value.names, value.parts, strict=True):
        new = months.get(name, key)
        if new in changed:
            raise BadValue(f"two steps of the schedule begin in month {new}", "give each step a month of its own")
        changed[new] = _renewed(literal[key], part, numbers.get(name))
    if isinstance(value.course, Ramp):
        changed[OVER] = _whole(numbers[OVER]) if OVER in numbers else value.course.months
    return in_place(assumption.literal, changed)


def _keys(value: Value) -> Sequence[Any]:
    """Return the names of a course's parts in its literal."""
    if isinstance(value.course, Steps):
        return value.course.starts
    return ("start", "monthly_growth") if isinstance(value.course, Growth) else ("from", "to")


def _whole(number: float) -> int:
    if not number.is_integer():
        raise BadValue(f"`{OVER}` is {number:g}", "give a whole number of months")
    return int(number)


def _renewed(literal: Any, part: Part, number: float | None) -> Any:
    """Return the literal of one part around another number; None leaves it as it is."""
    if number is None:
        return literal
    if isinstance(part, Fixed | Measured) or _has_no_proportion(literal, part, number):
        return _written(number, literal)
    return scaled(literal, number / part.central)


def _has_no_proportion(literal: Any, part: Part, number: float) -> bool:
    """Return whether a range cannot be scaled to a number, or means something else than its level."""
    is_other = isinstance(literal, Mapping) and bool({LONE, "measured", "curve"} & set(literal))
    return is_other or part.central * number <= 0


def _written(number: float, literal: Any) -> Any:
    """Return a number as people write it, in percent where the old literal was, if that loses nothing."""
    percent = f"{100 * number:.12g}%"
    if isinstance(literal, str) and literal.strip().endswith("%") and same(read_number(percent), number):
        return percent
    short = rounded(number)
    return short if same(short, number) else number
