"""Levers: one assumption of a scenario that a search may move, everything of it in proportion."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np

from profiling.errors import Phrase
from simulator.engine.model import Array
from simulator.errors import BreakevenError, PlanError
from simulator.scenario.assumption import Assumption
from simulator.scenario.scaling import first_level, moved, rounded, unwalked
from simulator.scenario.scenario import Scenario
from simulator.scenario.typed.entry import spoken_unit
from simulator.scenario.values import LONE, read_number

# A search without bounds of its own looks this far from today's value, in steps of a cube root of two, 26 %.
FARTHEST = 16.0
STEPS = 2.0 ** (np.arange(-12, 13) / 3)
# Evenly spaced values between two bounds, beside those around today's value.
POINTS = 13


class Within(NamedTuple):
    """The bounds of a search; None stands for where it usually ends."""

    low: float | None = None
    high: float | None = None


USUAL = Within()


@dataclass(frozen=True)
class Lever:
    """An assumption with today's level: its value in the first month, or in the first in which it is not zero.

    `low` and `high` are the ends of the range that makes sense.
    """

    scenario: Scenario
    path: str
    assumption: Assumption
    level: float
    month: int = 0
    low: float = -math.inf
    high: float = math.inf

    @classmethod
    def of(cls, scenario: Scenario, name: str) -> Lever:
        """Return the lever for a path, or the last part of one; raise PlanError for an unknown name."""
        path = scenario.find_path(name)
        owner, _, last = path.rpartition(".")
        assumption = scenario.assumption_of(last, owner.partition(".")[2] or None)
        month, level = first_level(assumption, scenario.months)
        found = cls(scenario, path, assumption, level, month)
        if found.is_chance:
            return replace(found, level=read_number(unwalked(assumption.literal)[LONE]), month=0, low=0.0, high=1.0)
        low, high = assumption.low, assumption.high
        return replace(found, low=-math.inf if low is None else low, high=math.inf if high is None else high)

    @property
    def is_chance(self) -> bool:
        """Whether the assumption is yes or no, so that its probability moves."""
        literal = unwalked(self.assumption.literal)
        return isinstance(literal, Mapping) and LONE in literal

    @property
    def unit(self) -> str:
        """The unit of the level; a yes-or-no number moves by its probability."""
        return "share" if self.is_chance else self.assumption.unit

    @property
    def spoken_unit(self) -> str:
        """The unit in which people are told the level."""
        return "share" if self.is_chance else spoken_unit(self.assumption)

    def literal(self, value: float) -> Any:
        """Return what the file would say with the level at a value."""
        return moved(self.assumption, value, self.level)

    def at(self, value: float) -> Scenario:
        """Return the scenario with the level at a value; raise BreakevenError where that does not fit."""
        return self.scenario.with_value(self.path, self.literal(value))

    def fitting(self, values: Iterable[float]) -> list[float]:
        """Return the values that fit the scenario, in rising order; raise BreakevenError where none does."""
        found, refusal = [], None
        for value in sorted({rounded(float(value)) for value in values}):
            try:
                self.at(value)
            except BreakevenError as error:
                refusal = error
            else:
                found.append(value)
        if refusal is not None and not found:
            raise refusal
        return found

    def grid(self, within: Within = USUAL) -> list[float]:
        """Return values to look at, in rising order, today's among them where it lies between the bounds.

        Without bounds the ends of the legal range are included. Raise PlanError for bounds that are reversed, and for a
        level of zero without any; BreakevenError for a bound that does not fit.
        """
        low, high = within
        for bound in within:
            if bound is not None:
                self.at(bound)
        ends = self.low if low is None else low, self.high if high is None else high
        if ends[0] >= ends[1]:
            raise PlanError(
                Phrase("the search would go from {low:g} to {high:g}", low=ends[0], high=ends[1]),
                "give a lower --from, or a higher --to",
            )
        values = [*self._around(*ends), *filter(math.isfinite, ends), self.level]
        return self.fitting(value for value in values if ends[0] <= value <= ends[1])

    def _around(self, low: float, high: float) -> Iterable[float]:
        """Return values between two ends: near today's level by ratio, and evenly spaced where both ends are finite.

        A single finite end that is farther than the usual steps is reached by ratio.
        """
        if math.isfinite(low) and math.isfinite(high):
            return np.concatenate([self.level * STEPS, np.linspace(low, high, POINTS)])
        if not self.level:
            raise PlanError(
                Phrase("{path} is 0, so nothing says how far to look", path=self.path), "give --from and --to"
            )
        return np.concatenate([self.level * STEPS, *(self._far(end) for end in (low, high))])

    def _far(self, end: float) -> Array:
        is_far = math.isfinite(end) and end * self.level > 0 and abs(end) > FARTHEST * abs(self.level)
        return np.geomspace(self.level, end, POINTS) if is_far else np.array([])
