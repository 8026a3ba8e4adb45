"""The forms of an assumption's value: a number, a course over months, a distribution, a measurement.

A value is a *course* (how it changes over the months) over one or more *parts*, each a fixed number or a distribution:
`{start: 100, monthly_growth: 90% between 2% and 6%}` is growth over the parts 100 and a range. A *walk* moves it by
chance from month to month. Everything here is plain data; `answers.draws` does the sampling. A scenario's hash is made
from these classes as Python prints them, so renaming a class or a field changes it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Protocol

import numpy as np
from scipy import special

from profiling.errors import Phrase
from simulator.engine.model import Array
from simulator.errors import BadValue
from simulator.scenario.chances import Fixed, LogNormal, Normal, Part, Pert, Samples, Uniform, Walk, YesOrNo

# Limits on what a file from a stranger can ask for. A schedule may have a step for each month of the longest scenario.
LONGEST_TEXT = 120
MOST_PARTS = 240
LONGEST_RAMP = 1_200
MOST_SAMPLES = 10_000
# In a usual month, a value of the largest volatility doubles or halves.
LARGEST_VOLATILITY = 1.0
SHORTEST_HALF_LIFE, LONGEST_HALF_LIFE = 0.1, 1_200.0
# Beyond this, products of a few assumptions would overflow.
LARGEST_NUMBER = 1e18
NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d{1,3})?\s*%?"
RANGE = re.compile(rf"({NUMBER})\s+between\s+({NUMBER})\s+and\s+({NUMBER})")


# The entries of a walk: the value that it moves, the deviation of its logarithm a month, and a shock's half-life.
WALK, VOLATILITY, HALF_LIFE = "walk", "monthly_volatility", "half_life"


class Course(Protocol):
    """The way a value changes over the months, given its parts as an array of shape (parts, trials)."""

    def over(self, parts: Array, months: int) -> Array:
        """Return the value by month, of shape (months, trials), or (1, trials) where it never changes."""


@dataclass(frozen=True)
class Steps:
    """A schedule: each part holds from its month on; a single part holds in every month."""

    starts: tuple[int, ...] = (0,)

    def over(self, parts: Array, months: int) -> Array:
        """Return the part that holds in each month."""
        if len(self.starts) == 1:
            return parts
        return parts[np.searchsorted(self.starts, np.arange(months), side="right") - 1]


@dataclass(frozen=True)
class Growth:
    """Compound growth; the parts are the start and the monthly growth."""

    @np.errstate(over="ignore")  # an overflow is reported as an error of the first line that it makes infinite
    def over(self, parts: Array, months: int) -> Array:
        """Return start × (1 + growth) ^ month."""
        return np.asarray(parts[0] * (1 + parts[1]) ** np.arange(months)[:, None])


@dataclass(frozen=True)
class Ramp:
    """A straight line of `months` months from the first part to the second, then flat."""

    months: int

    def over(self, parts: Array, months: int) -> Array:
        """Return the line, then the second part."""
        along = np.minimum(np.arange(months) / self.months, 1)[:, None]
        return np.asarray(parts[0] + (parts[1] - parts[0]) * along)


@dataclass(frozen=True)
class Value:
    """A course over parts; `names` distinguishes the parts, and the first name, "", means the value itself.

    A `walk` multiplies the course by a random path, which is 1 in the base case.
    """

    parts: tuple[Part, ...]
    course: Course = Steps()
    names: tuple[str, ...] = ("",)
    walk: Walk | None = None

    @cached_property
    def is_uncertain(self) -> bool:
        """Whether any part is a distribution, or the value walks."""
        return self.walk is not None or any(not isinstance(part, Fixed) for part in self.parts)

    @property
    def is_steady(self) -> bool:
        """Whether the value is the same in every month."""
        return self.course == Steps() and self.walk is None

    def bounds(self, low: float | None, high: float | None) -> list[tuple[float, float]]:
        """Return the legal range of each part, where the value itself must stay within [low, high]."""
        own = (-math.inf if low is None else low, math.inf if high is None else high)
        # A growth of −100% ends at zero; below that, the sign would alternate.
        return [(-1.0, math.inf) if name == "monthly_growth" else own for name in self.names]

    def central(self, months: int) -> Array:
        """Return the base case's numbers, of shape (months or 1,)."""
        if self.is_steady:
            return np.array([self.parts[0].central])
        parts = np.array([[part.central] for part in self.parts])
        return self.course.over(parts, months)[:, 0]


MeasuredReader = Callable[[Mapping[str, Any]], Part]


def read_value(literal: Any, measured: MeasuredReader) -> Value:
    """Return the value that a literal of the file stands for; raises BadValue.

    `measured` reads a reference to a record, or a curve written in the scenario.
    """
    if not isinstance(literal, Mapping):
        return Value((read_part(literal, measured),))
    keys = set(literal)
    if keys and all(isinstance(key, int) and not isinstance(key, bool) for key in keys):
        return _steps(literal, measured)
    if keys == {"start", "monthly_growth"}:
        parts = tuple(read_part(literal[key], measured) for key in ("start", "monthly_growth"))
        return Value(parts, Growth(), ("", "monthly_growth"))
    if keys == {"from", "to", "over"}:
        return _ramp(literal, measured)
    if is_walk(literal):
        if is_walk(literal[WALK]):
            raise BadValue("a walk moves another walk", "keep one of the two")
        return replace(read_value(literal[WALK], measured), walk=_walk(literal))
    return Value((read_part(literal, measured),))


def _steps(literal: Mapping[int, Any], measured: MeasuredReader) -> Value:
    starts = tuple(sorted(literal))
    if starts[0] != 0:
        raise BadValue(Phrase("the schedule begins in month {month}", month=starts[0]), "add a value for month 0")
    if len(starts) > MOST_PARTS:
        raise BadValue(
            Phrase("the schedule has {count} steps", count=len(starts)), Phrase("give at most {most}", most=MOST_PARTS)
        )
    parts = tuple(read_part(literal[start], measured) for start in starts)
    return Value(parts, Steps(starts), tuple("" if start == 0 else f"month {start}" for start in starts))


def _ramp(literal: Mapping[str, Any], measured: MeasuredReader) -> Value:
    over = literal["over"]
    if not isinstance(over, int) or isinstance(over, bool) or not 1 <= over <= LONGEST_RAMP:
        raise BadValue(
            Phrase("`over` is {over}", over=str(over)[:40]),
            Phrase("give a whole number of months from 1 to {most:,}", most=LONGEST_RAMP),
        )
    return Value((read_part(literal["from"], measured), read_part(literal["to"], measured)), Ramp(over), ("", "to"))


def is_walk(literal: Any) -> bool:
    """Return whether a literal of the file is a walk."""
    return isinstance(literal, Mapping) and WALK in literal


def _walk(literal: Mapping[str, Any]) -> Walk:
    """Return how a literal walks, apart from the value that it moves."""
    if not {WALK, VOLATILITY} <= set(literal) <= {WALK, VOLATILITY, HALF_LIFE}:
        todo = "write {walk: 1, monthly_volatility: 6%, half_life: 24}, or leave out half_life"
        raise BadValue("the walk is incomplete, or says more than a walk does", todo)
    volatility = read_number(literal[VOLATILITY])
    if not 0 < volatility <= LARGEST_VOLATILITY:
        todo = Phrase(
            "give one above 0% and at most {most:.0%}, or write the value without a walk", most=LARGEST_VOLATILITY
        )
        raise BadValue(Phrase("the monthly volatility is {volatility:.4g}", volatility=volatility), todo)
    half_life = read_number(literal[HALF_LIFE]) if HALF_LIFE in literal else None
    if half_life is not None and not SHORTEST_HALF_LIFE <= half_life <= LONGEST_HALF_LIFE:
        todo = Phrase(
            "give {least:g} to {most:,.0f} months, or leave it out",
            least=SHORTEST_HALF_LIFE,
            most=LONGEST_HALF_LIFE,
        )
        raise BadValue(Phrase("the half-life is {half_life:g} months", half_life=half_life), todo)
    return Walk(volatility, half_life)


def read_part(literal: Any, measured: MeasuredReader) -> Part:
    """Return one number or distribution; raises BadValue."""
    if _is_short(literal) and (match := RANGE.fullmatch(literal.strip())):
        return _range(read_number(match[1]), read_number(match[2]), read_number(match[3]))
    if isinstance(literal, Mapping):
        if "measured" in literal or "curve" in literal:
            return measured(literal)
        if len(literal) == 1 and next(iter(literal)) in CHANCES:
            return _chance(*next(iter(literal.items())))
        if literal and all(isinstance(key, str) and key.isdecimal() for key in literal):
            todo = "write them without quotes, as in {0: 20, 12: 25}"
            raise BadValue("the months of the schedule are texts", todo)
        shown = ", ".join(map(str, list(literal)[:6]))
        known = ", ".join((*CHANCES, "measured", "curve", WALK))
        raise BadValue(
            Phrase("{{{shown}}} is not a value", shown=shown[:LONGEST_TEXT]),
            Phrase("use a number, a schedule or one of {known}", known=known),
        )
    return Fixed(read_number(literal))


def _is_short(literal: Any) -> bool:
    """Return whether a literal is a text short enough for a number or a range."""
    return isinstance(literal, str) and len(literal) <= LONGEST_TEXT


def read_number(literal: Any) -> float:
    """Return the finite number that a literal stands for, 0.04 for `4%`; raises BadValue."""
    if _is_short(literal) and re.fullmatch(NUMBER, literal.strip()):
        text = literal.strip()
        return read_number(float(text.rstrip("% "))) / (100 if text.endswith("%") else 1)
    if isinstance(literal, bool) or not isinstance(literal, int | float):
        raise BadValue(
            Phrase("{literal!r} is not a number", literal=str(literal)[:LONGEST_TEXT]),
            _as_number(str(literal)[:LONGEST_TEXT]),
        )
    if abs(literal) > LARGEST_NUMBER or not math.isfinite(literal):
        what = Phrase("{literal} is not a usable number", literal=str(literal)[:LONGEST_TEXT])
        raise BadValue(what, Phrase("give one from {least:g} to {most:g}", least=-LARGEST_NUMBER, most=LARGEST_NUMBER))
    return float(literal)


# What people write for thousands, millions and billions.
SHORT = {"": 1.0, "k": 1e3, "m": 1e6, "bn": 1e9, "b": 1e9}
AMOUNT = re.compile(r"[$€£]?\s*(\d{1,3}(?:,\d{3})+|\d+(?:\.\d+)?)\s*(k|m|bn|b|)\s*(%?)", re.IGNORECASE)
SPAN = re.compile(rf"({AMOUNT.pattern})\s*(?:-|–|to)\s*({AMOUNT.pattern})", re.IGNORECASE)
MONTH = re.compile(r"20\d\d-\d\d(?:-\d\d)?")


def _as_number(text: str) -> str:
    """Return how a text that is no number would be written."""
    if MONTH.fullmatch(text):
        return Phrase("months count from 0, the first month of the file")
    if match := AMOUNT.fullmatch(text.strip()):
        return Phrase("write {value}", value=_plain_amount(*match.groups()))
    if match := SPAN.fullmatch(text.strip()):
        low, high = _plain_amount(*match.groups()[1:4]), _plain_amount(*match.groups()[5:])
        return Phrase("write 90% between {low} and {high}", low=low, high=high)
    if RANGE.fullmatch(text.strip()):
        return Phrase("a range cannot stand here; write one number, such as 4%")
    return Phrase("write 1200, 4% or 90% between 2 and 5")


def _plain_amount(digits: str, unit: str, percent: str) -> str:
    return f"{float(digits.replace(',', '')) * SHORT[unit.lower()]:.12g}{percent}"


def _range(level: float, low: float, high: float) -> Part:
    """Return the lognormal between two positive ends, otherwise the normal, with `level` of its mass between them."""
    if not 0.01 <= level <= 0.999:
        raise BadValue(
            Phrase("a range with {level:.1%} of all draws is not supported", level=level),
            "use 1% to 99.9%, such as 90%",
        )
    if low >= high:
        raise BadValue(
            Phrase("the range runs from {low:g} to {high:g}", low=low, high=high), "swap the two, or widen the range"
        )
    deviations = float(special.ndtri(0.5 + level / 2))
    # The logarithms of two large ends that lie close together may be equal in floating point.
    if low > 0 and (first := math.log(low)) < (last := math.log(high)):
        return LogNormal((first + last) / 2, (last - first) / 2 / deviations)
    return Normal((low + high) / 2, (high - low) / 2 / deviations)


def _normal(mean: float, deviation: float) -> Part:
    _need(deviation > 0, Phrase("the deviation is {deviation:g}", deviation=deviation), "give one above zero")
    return Normal(mean, deviation)


def _lognormal(median: float, sigma: float) -> Part:
    todo = "give a median above 0, and a deviation of the logarithm between 0 and 10, such as 0.3"
    _need(
        median > 0 and 0 < sigma < 10,
        Phrase("a lognormal cannot have median {median:g} and sigma {sigma:g}", median=median, sigma=sigma),
        todo,
    )
    return LogNormal(math.log(median), sigma)


def _pert(low: float, mode: float, high: float) -> Part:
    what = Phrase("the PERT numbers are {low:g}, {mode:g}, {high:g}", low=low, mode=mode, high=high)
    _need(low <= mode <= high and low < high, what, "give least, most likely and most, in that order")
    return Pert(low, mode, high)


def _uniform(low: float, high: float) -> Part:
    _need(
        low < high,
        Phrase("the range runs from {low:g} to {high:g}", low=low, high=high),
        "swap the two, or widen the range",
    )
    return Uniform(low, high)


def _samples(*numbers: float) -> Part:
    _need(
        2 <= len(numbers) <= MOST_SAMPLES,
        Phrase("the number of samples is {count:,}", count=len(numbers)),
        Phrase("give 2 to {most:,}", most=MOST_SAMPLES),
    )
    return Samples(tuple(sorted(numbers)))


def _yes_or_no(probability: float) -> Part:
    _need(
        0 <= probability <= 1,
        Phrase("the probability is {probability:g}", probability=probability),
        "give a probability from 0% to 100%",
    )
    return YesOrNo(probability)


def _need(holds: bool, what: str, todo: str) -> None:
    if not holds:
        raise BadValue(what, todo)


# How each distribution is made of its numbers, and how these are written.
CHANCES: Mapping[str, tuple[Callable[..., Part], str]] = {
    "normal": (_normal, "[mean, deviation]"),
    "lognormal": (_lognormal, "[median, sigma]"),
    "pert": (_pert, "[least, most likely, most]"),
    "uniform": (_uniform, "[least, most]"),
    "samples": (_samples, "[3, 4, 4, 7]"),
    "chance": (_yes_or_no, "30%"),
}
# Takes one bare number, where the others take a list.
LONE = "chance"


def _chance(name: str, numbers: Any) -> Part:
    made, example = CHANCES[name]
    if name == LONE:
        return made(read_number(numbers))
    if not isinstance(numbers, Sequence) or isinstance(numbers, str):
        what = Phrase("{name} is followed by {numbers}, not by a list", name=name, numbers=str(numbers)[:LONGEST_TEXT])
        raise BadValue(what, Phrase("write {{{name}: {example}}}", name=name, example=example))
    try:
        return made(*map(read_number, numbers))
    except TypeError:
        raise BadValue(
            Phrase("{name} has {count} numbers", name=name, count=len(numbers)),
            Phrase("write {{{name}: {example}}}", name=name, example=example),
        ) from None
