"""The map of two levers: an aim of the base case at every pair of their values."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

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
class LeverMap:
    """An aim by the values of `y` (rows) and of `x` (columns), NaN where it has no value; `now` is today's.

    A month that never comes is infinite.
    """

    scenario: Scenario
    aim: Aim
    x: Choice
    y: Choice
    xs: Array
    ys: Array
    outcomes: Array
    now: float

    @property
    def best(self) -> tuple[int, int]:
        """The row and the column of the highest outcome; of several that are equal, the one nearest to today's."""
        across, up = (
            np.array([choice.place(one) for one in values]) - choice.place(choice.lever.level)
            for choice, values in ((self.x, self.xs), (self.y, self.ys))
        )
        is_best = self.outcomes >= np.nanmax(self.outcomes)
        place = int(np.argmin(np.where(is_best, up[:, None] ** 2 + across**2, np.inf)))
        return place // len(self.xs), place % len(self.xs)

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
        raise PlanError(f"{aim} is not an aim of a map", f"choose from {', '.join(AIMS)}")
    across, up = (Choice.read(scenario, text, near=NEAR) for text in (x, y))
    if across.path == up.path:
        raise PlanError(f"{across.path} is named twice", "name two assumptions")
    if points < 2:
        raise PlanError("a map of fewer than two values of each lever shows nothing", "give --points 2 or more")
    places = np.linspace(0, 1, min(points, MOST_PAIRS))
    xs, ys = (np.array([choice.at(place) for place in places]) for choice in (across, up))
    if points**2 > MOST_PAIRS:
        raise _too_many(scenario, AIMS[aim], points, (across.change(xs[0]), up.change(ys[0])))
    columns, rows = [across.change(float(one)) for one in xs], [up.change(float(one)) for one in ys]
    pairs = [{**row, **column} for row in rows for column in columns]
    found, _ = outcomes_of(scenario, [AIMS[aim]], pairs, progress=progress)
    if np.isnan(found[0, 1:]).all():
        raise PlanError(f"{AIMS[aim].title} has no value anywhere on this map", "choose another aim")
    return LeverMap(scenario, AIMS[aim], across, up, xs, ys, found[0, 1:].reshape(len(ys), len(xs)), float(found[0, 0]))


def _too_many(
    scenario: Scenario, aim: Aim, points: int, changes: tuple[Mapping[str, Array], Mapping[str, Array]]
) -> PlanError:
    """Return the refusal of a map, with the time that it would take by a few of its pairs."""
    began = time.perf_counter()
    outcomes_of(scenario, [aim], [{**changes[0], **changes[1]}] * TIMED)
    seconds = (time.perf_counter() - began) / TIMED * points**2
    long = f"{seconds / 3600:,.1f} hours" if seconds >= 3600 else f"{max(seconds / 60, 1):,.0f} minutes"
    most = int(MOST_PAIRS**0.5)
    what = f"{points:,} values of each lever make {points**2:,} base cases, which would take about {long} here"
    return PlanError(what, f"give --points {most} or fewer, or narrower bounds")
