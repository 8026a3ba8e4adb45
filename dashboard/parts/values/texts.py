"""Values and units of assumptions in the words of a form: 4%, Mar 2027, $ per customer per month, range: 44 to 62."""

import re
from collections.abc import Mapping
from typing import Any

from dashboard.parts.literals import as_text
from dashboard.parts.words import Words, escape
from simulator.answers.search import readable
from simulator.engine.model import Input
from simulator.scenario.assumption import Assumption
from simulator.scenario.chances import Fixed, YesOrNo
from simulator.scenario.typed.entry import LEVEL, is_calendar, is_choice, is_number, is_percent
from simulator.scenario.typed.spread import spread
from simulator.scenario.values import RANGE, Growth, Ramp, Steps, read_number

# Units of one thing of which several are counted, and of one thing that others are counted per.
PLURALS = {
    **{one: f"{one}s" for one in ("month", "user", "customer", "request", "token", "device", "hour", "day", "seat")},
    **{one: f"{one}s" for one in ("run", "example", "unit", "call", "charge", "parameter")},
    **{"head": "people", "stock": "shares", "s": "seconds", "Mtoken": "million tokens", "1": ""},
}
SINGULARS = {
    "head": "person",
    "task": "finished task",
    "stock": "share",
    "s": "second",
    "Mtoken": "million tokens",
    "hour/kW": "kWh",
}
# Markdown reads these as markup within a label; one dollar sign alone is none.
MARKUP = re.compile(r"[\\`*_\[\]<>~:#|]|\$.*\$")
# Digits of a centre that was computed from a range.
DIGITS = 3


def label_text(text: str) -> str:
    """Return a text as the label of a field, which screen readers get with every backslash that is in it."""
    return escape(text) if MARKUP.search(text) else text


def unit_in_words(needed: Input, unit: str, say: Words) -> str:
    """Return what a field's number counts, as far as its name does not say it: `$ per customer per month`, `%`."""
    if is_percent(needed):
        a_year = needed.quantity is not None and needed.quantity.per == "year"
        return say("% a year") if a_year else "%"
    if is_calendar(needed) or is_choice(needed):
        return ""
    first, *per = unit.replace("hour/kW", "hour*kW").split("/")
    counted = say.currency_symbol if first == say.currency else say(PLURALS.get(first, first))
    # The name of `requests_per_customer` says what it counts, and per what; that of `seat_price` says neither.
    named = {word.removesuffix("s") for word in needed.name.split("_")}
    others = [say(singular(one.replace("*", "/"), named)) for one in per if f"per_{one}" not in needed.name]
    if say.language == "zh" and first not in named:
        return "/".join(filter(None, (counted, *others)))
    apart = "" if say.language == "zh" else " "
    return " ".join(
        filter(None, ("" if first in named else counted, apart.join(say("per {unit}", unit=one) for one in others)))
    )


def singular(unit: str, named: set[str]) -> str:
    """Return one of what is counted per; a name that has the word `task` means a request that finished its task."""
    return SINGULARS.get("task" if unit == "request" and "task" in named else unit, unit)


def label(needed: Input, unit: str, say: Words) -> str:
    """Return the label of a field: its name and its unit."""
    return label_text(say.beside(say(readable(needed.name)), unit_in_words(needed, unit, say)))


def number_text(value: float, needed: Input, say: Words) -> str:
    """Return a number as people type it into the field of an assumption: 500,000, 4%, Mar 2027, yes."""
    if is_calendar(needed) and value >= 0:
        return say.month_number(round(value))
    if is_choice(needed) and value in {0, 1}:
        return say("yes") if value else say("no")
    percent = is_percent(needed) or is_choice(needed)
    scaled = float(f"{100 * value if percent else value:.10g}")
    text = f"{scaled:,.0f}" if scaled.is_integer() else f"{scaled:,.10g}"
    return f"{text}%" if percent else text


def field_text(assumption: Assumption, needed: Input, say: Words) -> str:
    """Return what a field shows: the number, or the centre of what is no single number."""
    part = assumption.value.parts[0]
    if isinstance(part, YesOrNo):
        return f"{100 * part.probability:.10g}%"
    return number_text(readable_level(assumption, assumption.central), needed, say)


def readable_level(assumption: Assumption, level: float) -> float:
    """Return a level of a value as fields show it: as it was given, or to three digits if it comes of a range."""
    return level if isinstance(assumption.value.parts[0], Fixed) else float(f"{level:.{DIGITS}g}")


def cell_text(assumption: Assumption, needed: Input, say: Words) -> str:
    """Return what a cell of the table shows: a value as people type it, or as in the file where that has more to it."""
    if assumption.is_plain:
        return field_text(assumption, needed, say)
    return _as_typed(assumption.literal, needed, say) or as_text(assumption.literal)


def _as_typed(literal: Any, needed: Input, say: Words) -> str:
    """Return a range, a schedule, growth or a straight line as people type it; empty for any other form."""
    if not isinstance(literal, Mapping):
        return _part(literal, needed, say)
    if {*literal} == {"start", "monthly_growth"} and is_number(literal["monthly_growth"]):
        start, growth = _part(literal["start"], needed, say), 100 * read_number(literal["monthly_growth"])
        return say("{start}, {growth} a month", start=start, growth=f"{growth:+.10g}%") if start else ""
    if {*literal} == {"from", "to", "over"}:
        ends = _part(literal["from"], needed, say), _part(literal["to"], needed, say)
        words = {"start": ends[0], "end": ends[1], "count": str(literal["over"])}
        return (
            say("{start} to {end} over {count} months", **words)
            if all(ends) and all(is_number(literal[end]) for end in ("from", "to"))
            else ""
        )
    if not all(isinstance(month, int) for month in literal):
        return ""
    (_, first), *others = sorted(literal.items())
    text, steps = _part(first, needed, say), [(month, _part(value, needed, say)) for month, value in others]
    for month, value in steps:
        text = say("{before}, then {value} from {month}", before=text, value=value, month=say.month_number(month))
    return text if all(value for _, value in steps) and _part(first, needed, say) else ""


def _part(literal: Any, needed: Input, say: Words) -> str:
    """Return a number or a 90 % range as people type it; empty for any other form."""
    if is_number(literal):
        return number_text(read_number(literal), needed, say)
    if not (isinstance(literal, str) and (found := RANGE.fullmatch(literal)) and found[1] == LEVEL):
        return ""
    low, high = (number_text(read_number(end), needed, say) for end in found.groups()[1:])
    return say("{low} to {high}", low=low, high=high)


def range_text(assumption: Assumption, needed: Input, say: Words) -> str:
    """Return P5 and P95 of the first month's value as `44 to 62`; empty where it is certain."""
    ends = spread(assumption)
    if ends is None:
        return ""
    low, high = (number_text(float(f"{end:.{DIGITS}g}"), needed, say) for end in ends)
    return say("{low} to {high}", low=low, high=high)


def shape_text(assumption: Assumption, needed: Input, say: Words) -> str:
    """Return what a value is besides its first month's centre, in a few words; empty for one certain number."""
    ends = range_text(assumption, needed, say)
    if assumption.measured or assumption.on_curve:
        return say("measured: {range}", range=ends) if ends else say("measured")
    if assumption.value.walk:
        return say("moves by chance")
    if isinstance(assumption.value.parts[0], YesOrNo):
        return say("by chance")
    return course_text(assumption, needed, say) or (say("range: {range}", range=ends) if ends else "")


def course_text(assumption: Assumption, needed: Input, say: Words) -> str:
    """Return how a value changes over the months in a few words; empty where it does not."""
    course, last = assumption.value.course, assumption.value.parts[-1].central
    if isinstance(course, Growth):
        return say("{share} a month", share=f"{100 * last:+.3g}%")
    if isinstance(course, Steps) and len(course.starts) == 1:
        return ""
    month = course.months if isinstance(course, Ramp) else getattr(course, "starts", (0,))[-1]
    end = number_text(float(f"{last:.{DIGITS}g}"), needed, say)
    return say("to {end} by {month}", end=end, month=say.month_number(month))
