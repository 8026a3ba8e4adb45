"""Values as people type them over the value that stood before: amounts, percentages, ranges, months, forms of a file.

A number typed over a range, a course or a walk moves all of it, as `scaling.moved` does; a range replaces it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
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
from simulator.scenario.typed.amounts import (
    FACTORS,
    Ambiguous,
    amount_of,
    as_typed,
    check_currency,
    known_currencies,
    percent_of,
)
from simulator.scenario.typed.courses import MONTH, course_of, month_in
from simulator.scenario.typed.units import without_unit
from simulator.scenario.values import LONE, NUMBER, read_number

# A range in the words and signs of the languages that pages have.
BETWEEN = re.compile(r"(?:(\S+) )?between (.+?) and (.+)", re.IGNORECASE)
SPAN = re.compile(r"(?:from |从 ?)?(.+?) ?(?:\bto\b|[-\u2013\u2014~\u301c至到]|\.{3}) ?(.+)", re.IGNORECASE)
AROUND = re.compile(r"(.+?) ?(?:±|\+/-|\+-) ?(.+)")
CALENDAR = re.compile(rf"(?:from )?(?:{MONTH})", re.IGNORECASE)
SIZED = re.compile(rf" ?(?:{'|'.join(FACTORS)})$", re.IGNORECASE)
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
    """Return the unit in which people are told an assumption: a part of a whole is a percentage of whatever it is.

    A name that has the word `task` is about requests that finished their task.
    """
    if is_percent(business().inputs[assumption.name]):
        return "share"
    first, *per = assumption.unit.split("/")
    task = "task" in assumption.name.split("_")
    return "/".join([first, *("task" if task and one == "request" else one for one in per)])


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
    check_unit(text, old)
    if is_calendar(needed):
        text = with_indices(text, start)
    if is_choice(needed):
        text = ANSWERS.get(text.lower(), text)
        if text.endswith("%"):
            return {LONE: text}
    plain_course = None if is_calendar(needed) else course_of(text, start, lambda one: typed_part(one, needed))
    literal = typed_part(text, needed) if plain_course is None else plain_course
    # A number that makes no sense here is refused as it was typed, and not as what the range would become.
    if old.is_plain or not is_number(literal) or old.within(np.array(_value(literal))) != _value(literal):
        return literal
    if is_calendar(needed) and isinstance(old.literal, Mapping) and PERT in old.literal:
        return later(old, _value(literal))
    return moved(old, _value(literal))


def check_unit(text: str, stands: Assumption) -> None:
    """Raise BadValue for a text that names another currency than that of an amount that stands."""
    first = stands.unit.partition("/")[0]
    if first in known_currencies():
        check_currency(text, first)


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


def with_indices(text: str, start: date) -> str:
    """Return a text with its months of the calendar, also those of a range, counted from the start."""
    return CALENDAR.sub(lambda found: str(month_in(found[0], start)), text)


def is_number(literal: Any) -> bool:
    """Return whether a literal is one number or percentage."""
    return isinstance(literal, int | float) or (isinstance(literal, str) and re.fullmatch(NUMBER, literal) is not None)


def _value(literal: float | str) -> float:
    return float(literal.rstrip("%")) / 100 if isinstance(literal, str) else literal


def number_of(text: str, needed: Input) -> float | str:
    """Return a typed number, a percentage as text; raises BadValue for anything else, and if it may mean two things."""
    return numbers_of([text], needed)[0]


def numbers_of(texts: Sequence[str], needed: Input) -> list[float | str]:
    """Return numbers that belong together, such as the ends of a range; raises BadValue as `number_of` does.

    One of them says for all that they are percent: by its sign, or, in a field of percent, since it is above 1.
    """
    apart = [without_unit(text, needed) for text in texts]
    typed, factors = [text for text, _ in apart], [factor for _, factor in apart]
    if any(text.endswith("%") for text in typed):
        return [f"{percent_of(text):.12g}%" for text in typed]
    if is_percent(needed):
        return _percentages(typed)
    # A sign or word for a size stands once, behind the last of them: 500-800k, 1-2M.
    size = SIZED.search(typed[-1])
    numbers = [amount_of(text) for text in typed]
    if size and len(typed) > 1 and not any(map(SIZED.search, typed[:-1])):
        scaled = [*(amount_of(f"{text}{size[0]}") for text in typed[:-1]), numbers[-1]]
        numbers = scaled if scaled == sorted(scaled) else numbers
    numbers = [number * factor for number, factor in zip(numbers, factors, strict=True)]
    return [int(number) if number.is_integer() else number for number in numbers]


def _percentages(typed: Sequence[str]) -> list[float | str]:
    numbers = [percent_of(text) for text in typed]
    if any(abs(number) > 1 for number in numbers) or not any(numbers):
        return [f"{number:.12g}%" if number else 0 for number in numbers]
    text, number = next((text, number) for text, number in zip(typed, numbers, strict=True) if number)
    what = Phrase(
        "{text} may be {number:.12g}% or {percent:.12g}%", text=text[:40], number=number, percent=100 * number
    )
    raise Ambiguous(what, Phrase("write {number:.12g}% or {percent:.12g}%", number=number, percent=100 * number))


def _no_number(text: str, needed: Input, refused: BadValue) -> Any:
    """Return the literal of a text that is not one number: a range, or a form of the file."""
    if isinstance(refused, Ambiguous):
        raise refused
    between = BETWEEN.fullmatch(text)
    literal = literal_of(text) if text[:1] in "{[" or (between and between[1]) else None
    if isinstance(literal, Mapping | list):
        return literal
    if between:
        return _range(between[1] or LEVEL, *numbers_of(between.groups()[1:], needed))
    try:
        if found := AROUND.fullmatch(text):
            return _around(found[1], found[2], needed)
        if found := SPAN.fullmatch(text):
            return _range(LEVEL, *numbers_of(found.groups(), needed))
    except Ambiguous:
        raise
    except BadValue:
        pass
    raise refused


def _range(level: str, low: float | str, high: float | str) -> str:
    return f"{level} between {low} and {high}"


def _around(middle: str, width: str, needed: Input) -> str:
    """Return a range around a number; a width in percent is relative, but beside percent it is percent, too."""
    if width.endswith("%") and not is_percent(needed):
        return around(_value(number_of(middle, needed)), _value(number_of(width, needed)))
    # A word for a size behind the width is that of the middle, too: 2.5 ± 0.5M.
    if (size := SIZED.search(width)) and not SIZED.search(middle) and amount_of(middle) < amount_of(width):
        middle += size[0]
    centre, half = map(_value, numbers_of([middle, width], needed))
    counted = needed.quantity
    ends = () if counted is None else ((counted.low, centre - half), (counted.high, centre + half))
    for edge, end in ends:
        # Draws beyond an end that makes sense are cut off, which nobody means who types a width.
        if edge is not None and (end < edge <= centre or centre <= edge < end):
            told = f"{100 * edge:g}%" if is_percent(needed) else f"{edge:g}"
            what = Phrase("{typed!r} goes beyond {edge}", typed=f"{middle} ± {width}"[:40], edge=told)
            raise Ambiguous(what, "type both ends of the range")
    return around(centre, half, relative=False)


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
