"""Points of a search: what the scenario comes to at values of several choices, and whether that keeps its limits.

Aims and limits of the base case are computed for many points at once. Limits of the trials are judged only where those
of the base case hold, on the same trials at every point.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from typing import Any

import numpy as np

from simulator.answers.blocks.progress import Meter, Progress
from simulator.answers.pricing.aims import Aim, outcomes_of
from simulator.answers.pricing.choice import Choice, literals
from simulator.answers.pricing.over import BASE, OverTrials
from simulator.answers.solving.outcome import Judge
from simulator.answers.solving.target import Target
from simulator.engine.model import Array
from simulator.scenario.scenario import Scenario

Flags = np.ndarray[Any, np.dtype[np.bool_]]
# Trials that show roughly how often a limit is kept, or what an aim is over the trials; all trials then tell exactly.
FEW_TRIALS = 50
# Fixed cost of a run, as the number of columns that take the same time.
OF_A_RUN = 150
# A violation counts at most this many times the bound, so that a limit without a value can be compared, too.
WORST = 1e6


@dataclass(frozen=True)
class Points:
    """Values of the choices, of shape (points, choices), with what they come to.

    `aims` has shape (points,), NaN where the aim has no value, be it in one of the trials that it is read off.
    `outcomes` has shape (points, limits): a KPI, or a share of trials; NaN without a value, and for a limit of trials
    where one of the base case is not kept already. A month that never comes counts as the number of months projected
    where it is the aim, and is infinite where it is a limit.
    """

    values: Array
    aims: Array
    outcomes: Array

    def of(self, places: Sequence[int] | slice) -> Points:
        """Return some of the points."""
        return Points(self.values[places], self.aims[places], self.outcomes[places])


@dataclass(frozen=True)
class Limits:
    """An aim, and the limits that a point has to keep, on the trials of a scenario.

    `over` says whether the aim is that of the base case, or which number of its trials.
    """

    scenario: Scenario
    aim: Aim
    targets: tuple[Target, ...]
    trials: int
    over: str = BASE
    meter: Meter = field(default_factory=Meter, compare=False, repr=False)
    # What trials have told so far, by limit (or how the aim was read), number of trials and values.
    _known: dict[tuple[Target | str, int, str], float] = field(default_factory=dict, compare=False, repr=False)

    @cached_property
    def judges(self) -> tuple[Judge, ...]:
        """The judge of each limit; raises PlanError for one that needs trials where none are run."""
        return tuple(Judge(target, self.scenario, self.trials) for target in self.targets)

    @property
    def need_trials(self) -> bool:
        """Whether any limit is about trials."""
        return any(judge.needs_trials for judge in self.judges)

    @cached_property
    def over_trials(self) -> OverTrials | None:
        """How the aim is read off the trials; None for that of the base case. Raises PlanError where none tell it."""
        return None if self.over == BASE else OverTrials(self.scenario, self.aim, self.over, self.trials)

    @property
    def are_drawn(self) -> bool:
        """Whether the aim or any limit is about trials."""
        return self.need_trials or self.over != BASE

    @property
    def few(self) -> int | None:
        """The number of trials that tell roughly what all of them do; None where none are needed."""
        return min(FEW_TRIALS, self.trials) if self.are_drawn else None

    def without(self, *targets: Target) -> Limits:
        """Return the aim under the other limits."""
        return replace(self, targets=tuple(one for one in self.targets if one not in targets))

    def work(self, points: int, trials: int | None = None) -> float:
        """Return about how long some points take on some trials, by default all, in columns of a run."""
        drawn = min(self.trials if trials is None else trials, self.trials)
        count = self.need_trials + (self.over != BASE)
        return OF_A_RUN + points + (OF_A_RUN + points * drawn) * count

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
        `complete` point has the outcome of every limit, whether or not the others are kept, and the exact percentile as
        an aim; others have the one that jumps less, so that a search is not led by the trial that happens to be there.
        """
        plain = [place for place, judge in enumerate(self.judges) if not judge.needs_trials]
        drawn = [place for place, judge in enumerate(self.judges) if judge.needs_trials]
        told = [self.aim] * (self.over == BASE) + [Aim.of_kpi(self.targets[place].kpi) for place in plain]
        aims, outcomes = np.empty(len(values)), np.full((len(values), len(self.targets)), np.nan)
        if told:
            changes = [_joined(choices, row, change or {}) for row in values]
            part = self.meter.part(OF_A_RUN + len(values))
            found, _ = outcomes_of(self.scenario, told, changes, progress=part)
            aims = np.where(np.isposinf(found[0, 1:]), self.scenario.months, found[0, 1:])
            outcomes[:, plain] = found[len(told) - len(plain) :, 1:].T
        if (over := self.over_trials) is not None:
            edits = [literals(choices, row) for row in values]
            number = over.number if complete else over.steadier
            asked = "exactly" if complete else "steadily"
            aims = self._told(asked, edits, trials, lambda new, tell: number(over.by_trial(new, trials, tell)))
        for place in drawn:
            kept = np.flatnonzero((self._kept(outcomes, plain) & ~np.isnan(aims)) | complete)
            edits = [literals(choices, values[one]) for one in kept]
            tell = partial(_judged, self.judges[place], trials)
            outcomes[kept, place] = self._told(self.targets[place], edits, trials, tell)
        return Points(values, aims, outcomes)

    def _told(
        self,
        asked: Target | str,
        edits: Sequence[Mapping[str, Any]],
        trials: int | None,
        tell: Callable[[list[Scenario], Progress], Sequence[float] | Array],
    ) -> Array:
        """Return what the first trials tell of each of some edits, of shape (edits,); nothing is told twice."""
        drawn = self.trials if trials is None else min(trials, self.trials)
        keys = [(asked, drawn, str(one)) for one in edits]
        new = {key: one for key, one in zip(keys, edits, strict=True) if key not in self._known}
        if new:
            part = self.meter.part(OF_A_RUN + len(new) * drawn)
            found = tell([self.scenario.with_values(one) for one in new.values()], part)
            self._known.update(zip(new, map(float, found), strict=True))
        return np.array([self._known[key] for key in keys])

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


def _judged(judge: Judge, trials: int | None, variants: Sequence[Scenario], progress: Progress) -> list[float]:
    return [one.value for one in judge.outcomes(variants, trials, progress)]


def _joined(choices: Sequence[Choice], values: Array, change: Mapping[str, Array]) -> dict[str, Array]:
    found = dict(change)
    for choice, value in zip(choices, values, strict=True):
        found |= choice.change(float(value))
    return found
