"""Points of a search: what the scenario comes to at values of several choices, and whether that keeps its limits.

Aims and limits of the base case are computed for many points at once. Limits of the trials are judged only where those
of the base case hold, on the same trials at every point.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from simulator.answers.pricing.aims import Aim, outcomes_of
from simulator.answers.pricing.choice import Choice, literals
from simulator.answers.solving.outcome import Judge
from simulator.answers.solving.target import Target
from simulator.engine.model import Array
from simulator.scenario.scenario import Scenario

Flags = np.ndarray[Any, np.dtype[np.bool_]]
# Trials that show roughly how often a limit is kept; all trials then tell exactly.
FEW_TRIALS = 50
# A violation counts at most this many times the bound, so that a limit without a value can be compared, too.
WORST = 1e6


@dataclass(frozen=True)
class Points:
    """Values of the choices, of shape (points, choices), with what they come to.

    `aims` has shape (points,). `outcomes` has shape (points, limits): a KPI, or a share of trials; NaN without a value,
    and for a limit of trials where one of the base case is not kept already. A month that never comes counts as the
    number of months projected where it is the aim, and is infinite where it is a limit.
    """

    values: Array
    aims: Array
    outcomes: Array

    def of(self, places: Sequence[int] | slice) -> Points:
        """Return some of the points."""
        return Points(self.values[places], self.aims[places], self.outcomes[places])


@dataclass(frozen=True)
class Limits:
    """An aim, and the limits that a point has to keep, on the trials of a scenario."""

    scenario: Scenario
    aim: Aim
    targets: tuple[Target, ...]
    trials: int
    # Outcomes of limits of trials so far, by limit, number of trials and values.
    _known: dict[tuple[Target, int | None, str], float] = field(default_factory=dict, compare=False, repr=False)

    @cached_property
    def judges(self) -> tuple[Judge, ...]:
        """The judge of each limit; raises PlanError for one that needs trials where none are run."""
        return tuple(Judge(target, self.scenario, self.trials) for target in self.targets)

    @property
    def need_trials(self) -> bool:
        """Whether any limit is about trials."""
        return any(judge.needs_trials for judge in self.judges)

    def without(self, *targets: Target) -> Limits:
        """Return the aim under the other limits."""
        return Limits(self.scenario, self.aim, tuple(one for one in self.targets if one not in targets), self.trials)

    def at(
        self,
        choices: Sequence[Choice],
        values: Array,
        *,
        trials: int | None = None,
        change: Mapping[str, Array] | None = None,
        complete: bool = False,
    ) -> Points:
        """Return what the points at some values come to, by default on all trials.

        `change` gives further paths other values, the same at every point; it holds for the base case alone. A
        `complete` point has the outcome of every limit, whether or not the others are kept.
        """
        changes = [_joined(choices, row, change or {}) for row in values]
        plain = [place for place, judge in enumerate(self.judges) if not judge.needs_trials]
        kpis = [Aim.of_kpi(self.targets[place].kpi) for place in plain]
        found, _ = outcomes_of(self.scenario, [self.aim, *kpis], changes)
        outcomes = np.full((len(values), len(self.targets)), np.nan)
        outcomes[:, plain] = found[1:, 1:].T
        drawn = [place for place, judge in enumerate(self.judges) if judge.needs_trials]
        for place in drawn:
            kept = np.flatnonzero((self._kept(outcomes, plain) & ~np.isnan(found[0, 1:])) | complete)
            outcomes[kept, place] = self._judged(place, [literals(choices, values[one]) for one in kept], trials)
        return Points(values, np.where(np.isposinf(found[0, 1:]), self.scenario.months, found[0, 1:]), outcomes)

    def _judged(self, place: int, edits: Sequence[Mapping[str, Any]], trials: int | None) -> list[float]:
        """Return the outcome of a limit under each of some edits, on the first trials; none is judged twice."""
        keys = [(self.targets[place], trials, str(one)) for one in edits]
        new = {key: one for key, one in zip(keys, edits, strict=True) if key not in self._known}
        found = self.judges[place].outcomes([self.scenario.with_values(one) for one in new.values()], trials)
        self._known.update(zip(new, (one.value for one in found), strict=True))
        return [self._known[key] for key in keys]

    def _kept(self, outcomes: Array, places: Sequence[int]) -> Flags:
        rows = [[self.judges[place].meets(row[place]) for place in places] for row in outcomes]
        return np.asarray(np.array(rows, dtype=bool).reshape(len(outcomes), len(places)).all(axis=1))

    def kept(self, points: Points) -> Flags:
        """Return whether each point keeps all limits and has an aim at all, of shape (points,)."""
        return np.asarray(self._kept(points.outcomes, range(len(self.judges))) & ~np.isnan(points.aims))

    def violations(self, points: Points) -> Array:
        """Return how far each point is from keeping its limits, in parts of the bounds; of shape (points,)."""
        total = np.zeros(len(points.aims))
        for place, judge in enumerate(self.judges):
            scale = abs(judge.wanted) or 1.0
            gaps = np.array([judge.gap(one) for one in points.outcomes[:, place]])
            missed = np.array([not judge.meets(one) for one in points.outcomes[:, place]])
            short = np.where(np.isnan(gaps), WORST, np.clip(-gaps / scale, 0, WORST))
            total += np.where(missed, np.maximum(short, 1e-12), 0)
        return np.asarray(np.where(np.isnan(points.aims), np.inf, total))


def _joined(choices: Sequence[Choice], values: Array, change: Mapping[str, Array]) -> dict[str, Array]:
    found = dict(change)
    for choice, value in zip(choices, values, strict=True):
        found |= choice.change(float(value))
    return found
