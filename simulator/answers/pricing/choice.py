"""Choices: assumptions whose best values are searched together, each between two bounds."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from profiling.errors import Phrase
from simulator.answers.solving.lever import Lever
from simulator.engine.model import Array
from simulator.errors import BadValue, PlanError
from simulator.lines import DEFAULT_WORDS, business
from simulator.scenario.scaling import rounded
from simulator.scenario.scenario import Scenario
from simulator.scenario.values import read_number

# Without bounds of its own, an assumption is searched from a quarter to four times today's value. Where the best lies
# at such an end, the end moves out by the same factor, once.
NEAR = 4.0
# Bounds are written PATH=LOW..HIGH.
BETWEEN = ".."
EXAMPLE = "give bounds, as in --change plans.team.overage_price=0.01..0.5"


@dataclass(frozen=True)
class Choice:
    """An assumption and the bounds of its search; `is_bounded` says that the bounds were given."""

    lever: Lever
    low: float
    high: float
    is_bounded: bool

    @classmethod
    def read(cls, scenario: Scenario, text: str, plan: str = "", near: float = 0.0) -> Choice:
        """Return the choice in a text, PATH or PATH=LOW..HIGH; of a plan, the last part of a path is enough.

        Without bounds, a value above zero is searched up to the factor `near` from today's, if that is given.
        Raise PlanError for an unknown name, bounds that are none, or a value of zero without bounds; BreakevenError for
        bounds that the scenario cannot take.
        """
        name, _, bounds = (part.strip() for part in text.partition("="))
        is_of_plan = plan and business().inputs[name].home == ("plan",) if name in business().inputs else False
        lever = Lever.of(scenario, f"plans.{plan}.{name}" if is_of_plan else name)
        low, high = (
            _bounds(text, bounds) if bounds else _around(lever, near) if near and lever.level > 0 else _usual(lever)
        )
        if low >= high:
            todo = "give the lower bound first" if low > high else "give two different bounds"
            raise PlanError(
                Phrase("{path} would be searched from {low:g} to {high:g}", path=lever.path, low=low, high=high), todo
            )
        if bounds:
            for bound in (low, high):
                lever.at(bound)
        return cls(lever, low, high, bool(bounds))

    @property
    def path(self) -> str:
        """The path of the assumption."""
        return self.lever.path

    def at(self, place: float) -> float:
        """Return the value at a place from 0 to 1: by ratio, or evenly in a range that begins at zero or below."""
        place = min(max(place, 0.0), 1.0)
        if self.low > 0:
            return float(self.low * (self.high / self.low) ** place)
        return self.low + (self.high - self.low) * place

    def place(self, value: float) -> float:
        """Return the place of a value from 0 to 1; the nearest end of one beyond the bounds."""
        value = min(max(value, self.low), self.high)
        if self.low > 0:
            return math.log(value / self.low) / math.log(self.high / self.low)
        return (value - self.low) / (self.high - self.low)

    def change(self, value: float) -> dict[str, Array]:
        """Return the change that brings today's level of the assumption to a value; each of shape (months or 1,)."""
        lever, one = self.lever, self.lever.assumption
        is_scaled = lever.level and value and not (one.measured or one.on_curve)
        if is_scaled and not lever.is_chance:
            return {lever.path: one.within(one.base(lever.scenario.months) * (value / lever.level))}
        return {lever.path: lever.at(value).assumptions[lever.path].base(lever.scenario.months)}

    def wider(self, place: float) -> Choice:
        """Return the choice with the end moved out at which the best lies; itself elsewhere, or with given bounds."""
        if self.is_bounded or self.low <= 0:
            return self
        low = max(self.low / NEAR, self.lever.low) if self.is_low_end(place) else self.low
        high = min(self.high * NEAR, self.lever.high) if self.is_high_end(place) else self.high
        return replace(self, low=low, high=high)

    def is_open(self, end: Literal["low", "high"]) -> bool:
        """Whether only the search ends there, and neither bounds that were given nor the legal range."""
        return not self.is_bounded and (self.low > self.lever.low if end == "low" else self.high < self.lever.high)

    @staticmethod
    def is_low_end(place: float) -> bool:
        """Whether a place is the lower end, or so close that the best may lie beyond."""
        return place < END

    @staticmethod
    def is_high_end(place: float) -> bool:
        """Whether a place is the upper end, or so close that the best may lie beyond."""
        return place > 1 - END


# A best this close to an end of the range counts as lying there.
END = 0.005


def literals(choices: Sequence[Choice], values: Sequence[float]) -> dict[str, Any]:
    """Return what the file would say with each choice at its value."""
    return {one.path: one.lever.literal(rounded(value)) for one, value in zip(choices, values, strict=True)}


def _bounds(text: str, bounds: str) -> tuple[float, float]:
    low, between, high = bounds.partition(BETWEEN)
    try:
        found = read_number(low.strip()), read_number(high.strip())
    except BadValue:
        found = (math.nan, math.nan)
    if not between or not np.isfinite(found).all():
        raise PlanError(
            Phrase("{typed!r} names no bounds", typed=text[:80]), "write PATH=LOW..HIGH, as in plans.team.price=20..80"
        )
    return found


def _usual(lever: Lever) -> tuple[float, float]:
    """Return the range that is searched without bounds: around today's value, or all of a range with two ends."""
    if math.isfinite(lever.low) and math.isfinite(lever.high):
        return lever.low, lever.high
    if lever.assumption.is_default and lever.assumption.name in DEFAULT_WORDS:
        raise PlanError(
            Phrase("{path} is {default}", path=lever.path, default=DEFAULT_WORDS[lever.assumption.name]), EXAMPLE
        )
    if lever.level <= 0:
        raise PlanError(
            Phrase("{path} is {level:g}, so nothing says how far to look", path=lever.path, level=lever.level), EXAMPLE
        )
    return _around(lever, NEAR)


def _around(lever: Lever, factor: float) -> tuple[float, float]:
    return max(lever.level / factor, lever.low), min(lever.level * factor, lever.high)
