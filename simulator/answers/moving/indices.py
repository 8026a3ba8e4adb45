"""The indices of a scenario: which of its uncertain assumptions explain the variance of a KPI, and how much is luck."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from profiling.errors import Phrase
from simulator.answers.blocks.progress import Progress, quietly
from simulator.answers.draws import HYPERCUBE, block_of, draw, lucky
from simulator.answers.kpis.tried import Goal, goals_of
from simulator.answers.moving.groups import LUCK, areas_of, drawn_groups, draws_anything, has_luck
from simulator.answers.moving.sobol import Index, Inputs, indices, sampled
from simulator.engine.model import Array
from simulator.errors import PlanError
from simulator.lines import business
from simulator.scenario.numbers import simulation_of
from simulator.scenario.scenario import Scenario

FEWEST, MOST = 64, 65_536
# Of each sample this many trials run side by side: more are no faster.
BLOCK = 1_024


@dataclass(frozen=True)
class Explained:
    """The variance of a KPI over the trials, by group and by area, each list with the largest total first.

    `mean` and `deviation` are in the KPI's unit. `alone` is the sum of the first orders: what is left of 1 comes from
    interactions.
    """

    goal: Goal
    trials: int
    mean: float
    deviation: float
    groups: tuple[Index, ...]
    areas: tuple[Index, ...]
    paths: Mapping[str, tuple[str, ...]]

    @property
    def alone(self) -> float:
        """The share of the variance that the groups explain without their interactions."""
        return sum(one.first.value for one in self.groups)


def explained(scenario: Scenario, kpi: str, trials: int = 1_024, progress: Progress = quietly) -> Explained:
    """Return the first-order and total indices of a KPI over samples of `trials` trials each.

    Sample A is the scenario's first trials, sample B the same number from the next hypercube on. Raise PlanError where
    nothing is drawn, the KPI never differs or has no value in a trial, or the number of trials is out of range.
    """
    goal = Goal.of(scenario, kpi)
    if not FEWEST <= trials <= MOST:
        raise PlanError(
            Phrase("{trials:,} trials do not make a sample", trials=trials),
            Phrase("give {fewest} to {most:,}", fewest=FEWEST, most=MOST),
        )
    if not draws_anything(scenario):
        raise PlanError("nothing in this scenario is drawn", "give an assumption a range, or set counts: drawn")
    groups = drawn_groups(scenario)
    luck = {LUCK: business().counted} if has_luck(scenario) else {}
    areas = {**areas_of(groups.values()), **luck}
    every: dict[str, Collection[str]] = {**groups, **areas}
    size = min(BLOCK, block_of(scenario))
    runs = -(-trials // size) * (2 + len(every))
    found = sampled(
        lambda values: _outcome(scenario, goal, values),
        _samples(scenario, trials, size),
        every,
        lambda done: progress(done / runs),
    )
    by_name = {one.group: one for one in indices(found, scenario.seed)}
    both = np.concatenate([found.a, found.b])
    by_group, by_area = (_sorted(by_name[name] for name in names) for names in ((*groups, *luck), areas))
    return Explained(goal, trials, float(both.mean()), float(both.std()), by_group, by_area, groups)


def _sorted(found: Iterable[Index]) -> tuple[Index, ...]:
    return tuple(sorted(found, key=lambda one: -one.total.value))


def _samples(scenario: Scenario, trials: int, size: int) -> Iterator[tuple[Inputs, Inputs]]:
    """Yield blocks of the samples A and B, each with assumptions by path and luck by line."""
    other = -(-trials // HYPERCUBE) * HYPERCUBE  # trials of one hypercube are not quite independent
    for first in range(0, trials, size):
        count = min(size, trials - first)
        yield _drawn(scenario, count, first), _drawn(scenario, count, other + first)


def _drawn(scenario: Scenario, count: int, first: int) -> Inputs:
    """Return the values of some trials without the base case, each with an axis of trials or of length one."""
    values = {**draw(scenario, count, first), **lucky(scenario, count, first)}
    return {name: one[..., 1:] if one.shape[-1] > 1 else one for name, one in values.items()}


def _outcome(scenario: Scenario, goal: Goal, values: Inputs) -> Array:
    """Return the KPI of each trial, of shape (trials,)."""
    luck = {name: values[name] for name in business().counted if name in values}
    return goals_of(scenario, simulation_of(scenario, values, luck), [goal])[0]
