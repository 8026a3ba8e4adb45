"""The frontier of a target in two assumptions: for each value of one, the value that the other needs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from profiling.errors import Phrase
from simulator.answers.blocks.progress import Progress, quietly
from simulator.answers.blocks.progress import within as part
from simulator.answers.solving.lever import USUAL, Lever, Within
from simulator.answers.solving.search import Solution, solve
from simulator.answers.solving.target import Target
from simulator.errors import PlanError
from simulator.scenario.scenario import Scenario

# From half to twice today's value of the second assumption, in steps of a square root of two.
STEPS = 2.0 ** (np.arange(-2, 3) / 2)


@dataclass(frozen=True)
class Frontier:
    """A row for each value of the second assumption, in rising order: that value, and the solution for the first."""

    first: Lever
    second: Lever
    rows: tuple[tuple[float, Solution], ...]


def frontier(
    scenario: Scenario,
    changes: tuple[str, str],
    target: Target,
    within: Within = USUAL,
    trials: int | None = None,
    *,
    progress: Progress = quietly,
) -> Frontier:
    """Return the frontier of a target in two assumptions; the bounds are those of the first assumption.

    Raise PlanError as `solve` does, for the same assumption twice, and for a second one at zero.
    """
    one, other = (Lever.of(scenario, name) for name in changes)
    if one.path == other.path:
        raise PlanError(Phrase("{path} is named twice", path=one.path), "name two assumptions")
    if not other.level:
        raise PlanError(
            Phrase("{path} is 0, so there are no values around it to try", path=other.path), "name it first, or set it"
        )
    steps = [value for value in other.level * STEPS if other.low <= value <= other.high]
    values = other.fitting(steps)
    rows = []
    for place, value in enumerate(values):
        tell = part(progress, place / len(values), (place + 1) / len(values))
        rows.append((value, solve(other.at(value), one.path, target, within, trials, progress=tell)))
    return Frontier(one, other, tuple(rows))
