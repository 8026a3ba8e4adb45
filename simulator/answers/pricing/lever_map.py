"""The map of two levers: an aim of the base case at every pair of their values."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from profiling.errors import Phrase
from simulator.answers.blocks.progress import Progress, quietly
from simulator.answers.pricing.aims import AIMS, Aim, outcomes_of
from simulator.answers.pricing.choice import Choice
from simulator.answers.pricing.priced import EQUAL
from simulator.engine.model import Array
from simulator.errors import PlanError
from simulator.scenario.scenario import Scenario

# Values of each lever, and how far from today's value they go by default.
POINTS, NEAR = 40, 2.0
# A map of more pairs takes minutes, and shows no more to an eye.
MOST_PAIRS = 100_000
# So many pairs are timed to say what a map that is refused would take.
TIMED = 400


@dataclass(frozen=True)
class Pairs:
    """Values of two assumptions: those of `y` are rows, those of `x` columns."""

    scenario: Scenario
    x: Choice
    y: Choice
    xs: Array
    ys: Array

    @classmethod
    def read(cls, scenario: Scenario, x: str, y: str, points: int) -> Self:
        """Return `points` values of each of two assumptions, PATH or PATH=LOW..HIGH.

        Raise PlanError for an unknown name, the same assumption twice, bounds that are none, and too few values.
        """
        across, up = (Choice.read(scenario, text, near=NEAR) for text in (x, y))
        if across.path == up.path:
            raise PlanError(Phrase("{path} is named twice", path=across.path), "name two assumptions")
        if points < 2:
            raise PlanError("a map of fewer than two values of each lever shows nothing", "give --points 2 or more")
        places = np.linspace(0, 1, min(points, MOST_PAIRS))
        return cls(scenario, across, up, *(np.array([one.at(place) for place in places]) for one in (across, up)))

    def nearest(self, wanted: NDArray[np.bool_]) -> tuple[int, int]:
        """Return the row and the column of the wanted pair, of shape (rows, columns), that is nearest to today's."""
        across, up = (
            np.array([choice.place(one) for one in values]) - choice.place(choice.lever.level)
            for choice, values in ((self.x, self.xs), (self.y, self.ys))
        )
        place = int(np.argmin(np.where(wanted, up[:, None] ** 2 + across**2, np.inf)))
        return place // len(self.xs), place % len(self.xs)

    def literals(self, row: int, column: int) -> dict[str, Any]:
        """Return what the file would say with the values of a pair."""
        values = (self.x, self.xs[column]), (self.y, self.ys[row])
        return {choice.path: choice.lever.literal(float(value)) for choice, value in values}


@dataclass(frozen=True)
class LeverMap:
    """An aim at each pair, of shape (rows, columns), NaN where it has no value; `now` is today's.

    A month that never comes is infinite.
    """

    pairs: Pairs
    aim: Aim
    outcomes: Array
    now: float

    @property
    def best(self) -> tuple[int, int]:
        """The row and the column of the highest outcome; of several that are equal, the one nearest to today's."""
        return self.pairs.nearest(self.outcomes >= np.nanmax(self.outcomes))

    @property
    def is_level(self) -> bool:
        """Whether the outcome is the same at every pair, and the same as today's."""
        return bool(np.all(np.isclose(self.outcomes, self.now, rtol=EQUAL, atol=0)))

    @property
    def worst(self) -> float:
        """The lowest outcome."""
        return float(np.nanmin(self.outcomes))


def lever_map(
    scenario: Scenario, x: str, y: str, aim: str = "end_cash", points: int = POINTS, *, progress: Progress = quietly
) -> LeverMap:
    """Return the map of two assumptions, each PATH or PATH=LOW..HIGH, of `points` values each.

    Every pair is a base case of its own, and all run side by side. Raise PlanError for an unknown aim or name, the same
    assumption twice, bounds that are none, an aim that has no value anywhere, and a map that would take too long, with
    what it would take.
    """
    if aim not in AIMS:
        raise PlanError(
            Phrase("{aim} is not an aim of a map", aim=aim), Phrase("choose from {near}", near=", ".join(AIMS))
        )
    pairs = Pairs.read(scenario, x, y, points)
    if points**2 > MOST_PAIRS:
        raise _too_many(pairs, AIMS[aim], points)
    columns, rows = [pairs.x.change(float(one)) for one in pairs.xs], [pairs.y.change(float(one)) for one in pairs.ys]
    changes = [{**row, **column} for row in rows for column in columns]
    found, _ = outcomes_of(scenario, [AIMS[aim]], changes, progress=progress)
    if np.isnan(found[0, 1:]).all():
        raise PlanError(
            Phrase("{title} has no value anywhere on this map", title=AIMS[aim].title), "choose another aim"
        )
    return LeverMap(pairs, AIMS[aim], found[0, 1:].reshape(len(rows), len(columns)), float(found[0, 0]))


def _too_many(pairs: Pairs, aim: Aim, points: int) -> PlanError:
    """Return the refusal of a map, with the time that it would take by one of its pairs, several times."""
    change = {**pairs.x.change(float(pairs.xs[0])), **pairs.y.change(float(pairs.ys[0]))}
    began = time.perf_counter()
    outcomes_of(pairs.scenario, [aim], [change] * TIMED)
    long = long_words((time.perf_counter() - began) / TIMED * points**2)
    most = int(MOST_PAIRS**0.5)
    what = Phrase(
        "{points:,} values of each lever make {cases:,} base cases, which would take {long} here",
        points=points,
        cases=points**2,
        long=long,
    )
    return PlanError(what, Phrase("give --points {most} or fewer", most=most))


def long_words(seconds: float) -> str:
    """Return a time that is too long to wait for."""
    if seconds >= 3600:
        return Phrase("about {hours:,.1f} hours", hours=seconds / 3600)
    return Phrase("about {minutes:,.0f} minutes", minutes=max(seconds / 60, 1))
