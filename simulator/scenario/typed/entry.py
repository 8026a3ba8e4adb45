"""Values as people type them over the value that stood before: amounts, percentages, ranges, months, forms of a file.

A number typed over a range, a course or a walk moves all of it, as `scaling.moved` does; a range replaces it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

import numpy as np

from profiling.errors import Phrase
from simulator.engine.model import Input
from simulator.errors import BadValue
from simulator.lines import business
from simulator.scenario.assumption import Assumption
from simulator.scenario.document import plain, read
from simulator.scenario.scaling import moved, rounded
from simulator.scenario.typed.amounts import Ambiguous, amount_of, as_typed, percent_of
from simulator.scenario.values import LONE, NUMBER, read_number

BETWEEN = re.compile(r"(\S+)\s+between\s+(.+?)\s+and\s+(.+)", re.IGNORECASE)
# A range in the words and signs of the languages that pages have.
SPAN = re.compile(r"(.+?)\s*(?:\bto\b|[-\u2013\u2014~\u301c至到])\s*(.+)")
AROUND = re.compile(r"(.+?)\s*(?:±|\+/-|\+-)\s*(.+)")
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
MONTH = re.compile(r"(?:from\s+)?([a-z]{3})[a-z]*\.?\s+(20\d\d)|(20\d\d)-(\d{1,2})(?:-\d\d)?", re.IGNORECASE)
# A field shows yes and no in the language of its page, so that both are read as they are shown.
ANSWERS = {"yes": "1", "no": "0", "是": "1", "否": "0"}
# A range of two numbers is read as that of 90 % of all draws, as in the files that ship.
LEVEL = "90%"
PERT = "pert"


def is_choice(needed: Input) -> bool:
    """Return whether an assumption is yes (1) or no (0), or a chance of either."""
    return needed.quantity is not None and needed.quantity.asks == "choice"


def is_calendar(needed: Input) -> bool:
    """Return whether an assumption is the index of a month of the projection, and not a number of months."""
    return needed.quantity is not None and needed.quantity.asks == "calendar"


def is_percent(needed: Input) -> bool:
    """Return whether people type an assumption in percent: shares, and rates such as customers per user."""
    return needed.quantity is not None and needed.quantity.in_percent


def spoken_unit(assumption: Assumption) -> str:
    """Return the unit in which people are told an assumption: a part of a whole is a percentage of whatever it is."""
    return "share" if is_percent(business().inputs[assumption.name]) else assumption.unit


def literal_of(text: str) -> Any:
    """Return the literal that a text is in a scenario file, under the same checks; raises ScenarioError."""
    return plain(read(f"value: {text}", "typed text")["value"])


def typed_literal(text: str, old: Assumption, start: date) -> Any:
    """Return the literal that a text means over the value that stands; raises BadValue or ScenarioError.

    `start` is the first month of the scenario, from which months of the calendar are counted.
    """
    text, needed = as_typed(text), business().inputs[old.name]
    if not text:
        raise BadValue("this value has no default", "type a number")
    if is_calendar(needed) and (month := MONTH.fullmatch(text)):
        text = str(month_index(month, start))
    if is_choice(needed):
        text = ANSWERS.get(text.lower(), text)
        if text.endswith("%"):
            return {LONE: text}
    literal = typed_part(text, needed)
    # A number that makes no sense here is refused as it was typed, and not as what the range would become.
    if old.is_plain or not is_number(literal) or old.within(np.array(_value(literal))) != _value(literal):
        return literal
    if is_calendar(needed) and isinstance(old.literal, Mapping) and PERT in old.literal:
        return later(old, _value(literal))
    return moved(old, _value(literal))


def later(old: Assumption, month: float) -> Any:
    """Return the range around a month as it lies around another one: a round that may slip by four months still may."""
    by = month - old.central
    return {PERT: [max(0, rounded(read_number(end) + by)) for end in old.literal[PERT]]}


def typed_part(text: str, needed: Input) -> Any:
    """Return the literal of a number or a range that stands alone, such as one step of a schedule; raises BadValue."""
    try:
        return number_of(text, needed)
    except BadValue as refused:
        return _no_number(text, needed, refused)


def month_index(found: re.Match[str], start: date) -> int:
    """Return how many months after the start a month of the calendar is; raises BadValue for one before it."""
    named, year, digits = found[1], int(found[2] or found[3]), found[4]
    month = int(digits) if digits else MONTHS.index(named.lower()) + 1 if named.lower() in MONTHS else 0
    index = 12 * (year - start.year) + month - start.month
    if not 1 <= month <= 12 or index < 0:
        raise BadValue(
            Phrase("{typed} is not a month of the scenario", typed=found[0]),
            Phrase("give {start:%Y-%m} or later, such as 2028-03", start=start),
        )
    return index


def is_number(literal: Any) -> bool:
    """Return whether a literal is one number or percentage."""
    return isinstance(literal, int | float) or (isinstance(literal, str) and re.fullmatch(NUMBER, literal) is not None)


def _value(literal: float | str) -> float:
    return float(literal.rstrip("%")) / 100 if isinstance(literal, str) else literal


def number_of(text: str, needed: Input) -> float | str:
    """Return a typed number, a percentage as text; raises BadValue for anything else, and if it may mean two things."""
    if text.endswith("%"):
        return f"{percent_of(text):.12g}%"
    number = percent_of(text) if is_percent(needed) else amount_of(text)
    if not is_percent(needed) or number == 0:
        return int(number) if number.is_integer() else number
    if abs(number) <= 1:
        what = Phrase(
            "{text} may be {number:.12g}% or {percent:.12g}%", text=text[:40], number=number, percent=100 * number
        )
        raise Ambiguous(what, Phrase("write {number:.12g}% or {percent:.12g}%", number=number, percent=100 * number))
    return f"{number:.12g}%"


def _no_number(text: str, needed: Input, refused: BadValue) -> Any:
    """Return the literal of a text that is not one number: a range, or a form of the file."""
    if isinstance(refused, Ambiguous):
        raise refused
    literal = literal_of(text) if text[:1] in "{[" or BETWEEN.fullmatch(text) else None
    if isinstance(literal, Mapping | list):
        return literal
    if found := BETWEEN.fullmatch(text):
        return _range(found[1], number_of(found[2], needed), number_of(found[3], needed))
    try:
        if found := AROUND.fullmatch(text):
            return around(_value(number_of(found[1], needed)), *_width(found[2], needed))
        if found := SPAN.fullmatch(text):
            low, high = found.groups()
            alike = f"{low}%" if high.endswith("%") and not low.endswith("%") else low
            return _range(LEVEL, number_of(alike, needed), number_of(high, needed))
    except Ambiguous:
        raise
    except BadValue:
        pass
    raise refused


def _range(level: str, low: float | str, high: float | str) -> str:
    return f"{level} between {low} and {high}"


def _width(text: str, needed: Input) -> tuple[float, bool]:
    """Return half the width of a range, and whether it is relative to the middle; beside percent it is percent, too."""
    if is_percent(needed):
        return percent_of(text) / 100, False
    return _value(number_of(text, needed)), text.endswith("%")


def around(middle: float, width: float, relative: bool = True) -> str:
    """Return a range around a number that keeps it as its centre, such as ±20 %.

    The centre of a range between positive ends is their geometric mean, so a relative width divides and multiplies.
    """
    if relative and middle > 0:
        low, high = middle / (1 + width), middle * (1 + width)
    else:
        more = abs(middle) * width if relative else width
        low, high = middle - more, middle + more
    return _range(LEVEL, f"{low:.10g}", f"{high:.10g}")
