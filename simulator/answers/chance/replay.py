"""One trial again: its cash by month, and what its assumptions are beside those of other trials."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from profiling.errors import Phrase
from simulator.answers.draws import HYPERCUBE, draw, trials_of
from simulator.answers.outcomes import broke_in
from simulator.engine.model import Array
from simulator.errors import PlanError
from simulator.scenario.scenario import Scenario
from simulator.scenario.settings import MOST_TRIALS
from simulator.scenario.typed.entry import spoken_unit


@dataclass(frozen=True)
class Drawn:
    """An assumption in one trial and in the base case, by its mean over the months.

    `rank` is the share of the 1,000 trials around this one that have lower values.
    """

    path: str
    unit: str
    value: float
    base: float
    rank: float


@dataclass(frozen=True)
class Replay:
    """A trial by its number: cash in it and in the base case, of shape (months,), and what it draws.

    `broke` is the month in which cash runs out, None if it never does; the most unusual assumption comes first.
    """

    scenario: Scenario
    number: int
    cash: Array
    base: Array
    broke: int | None
    drawn: tuple[Drawn, ...]


def replay(scenario: Scenario, number: int) -> Replay:
    """Return one trial; raise PlanError where there is no such trial."""
    if number >= MOST_TRIALS:
        raise PlanError(
            Phrase("there is no trial {number:,}", number=number),
            Phrase("give a number below {most:,}", most=MOST_TRIALS),
        )
    cash = trials_of(scenario, 1, number).keep(["cash"])["cash"][:, 0]
    base, mine = cash[:, 0], cash[:, -1]
    around = draw(scenario, HYPERCUBE, number // HYPERCUBE * HYPERCUBE, scenario.uncertain)
    place = 1 + number % HYPERCUBE
    found = []
    for path in scenario.uncertain:
        values = around[path].mean(axis=0)
        rank = float(np.mean(values[1:] < values[place]))
        one = scenario.assumptions[path]
        found.append(Drawn(path, spoken_unit(one), float(values[place]), float(values[0]), rank))
    found.sort(key=lambda one: -abs(one.rank - 0.5))
    return Replay(scenario, number, mine, base, broke_in(mine, scenario.settings.cash_floor), tuple(found))
