"""The search for the value of an assumption that meets a target.

A grid over the whole range, on a few trials, shows where the target begins or ceases to be met. A root finder then
narrows the bracket nearest today's value on all trials. Every value is judged on the same ones, so inside the bracket
only those that turn out differently at its two ends run again. The value found is the end of the last bracket that
meets the target.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise

import numpy as np
from scipy.optimize import elementwise

from simulator.answers.blocks.progress import Meter, Progress, quietly
from simulator.answers.facts import ERRORS_APART
from simulator.answers.outcomes import Estimate, Flags, share_of
from simulator.answers.solving.lever import USUAL, Lever, Within
from simulator.answers.solving.outcome import Judge
from simulator.answers.solving.target import Target
from simulator.engine.model import Array
from simulator.errors import PlanError
from simulator.scenario.scaling import rounded
from simulator.scenario.scenario import Scenario

# Trials that show on a grid roughly where a share of them crosses a bound; all trials then tell where exactly.
FEW_TRIALS = 100
# Values that a search looks at on few and on all trials, as were seen in most, for its progress.
ON_FEW, ON_ALL = 26, 10
# The last bracket's width: in the base case over the value, on trials over the standard error of the value.
PRECISE, OF_AN_ERROR = 1e-9, 0.1
MOST_ROUNDS = 60


@dataclass(frozen=True)
class Point:
    """A value of the assumption, what the scenario comes to there, and whether that meets the target."""

    value: float
    outcome: Estimate
    met: bool


@dataclass(frozen=True)
class Solution:
    """The value nearest today's at which a target begins or ceases to be met; `root` itself meets it.

    `root` is None where all values searched meet the target, or none does; `best` is the one that comes nearest to it.
    `is_met_above` says on which side of the root the target is met.
    `error` is the standard error of the root from the number of trials, 0 for the base case. `others` counts further
    places at which the target changes between met and unmet, and `curve` holds all values looked at, in rising order.
    """

    lever: Lever
    target: Target
    trials: int
    now: Point
    root: Point | None
    is_met_above: bool
    error: float
    others: int
    best: Point
    curve: tuple[Point, ...]

    @property
    def is_met_everywhere(self) -> bool:
        """Whether every value searched meets the target."""
        return self.root is None and self.best.met

    @property
    def sure(self) -> float:
        """The value found, moved on by three standard errors within the legal range, so that more trials confirm it.

        Raise PlanError where there is none.
        """
        if self.root is None:
            raise PlanError("there is no value that meets the target")
        step = ERRORS_APART * self.error * (1 if self.is_met_above else -1)
        return rounded(min(max(self.root.value + step, self.lever.low), self.lever.high))


def solve(
    scenario: Scenario,
    change: str,
    target: Target,
    within: Within = USUAL,
    trials: int | None = None,
    *,
    progress: Progress = quietly,
) -> Solution:
    """Return the value of an assumption that meets a target, searched between two bounds.

    `trials` defaults to the scenario's number. Raise PlanError for a name that the scenario does not have, reversed
    bounds, or a target of trials without any; BreakevenError for a bound that the scenario cannot take.
    """
    judge = Judge(target, scenario, scenario.trials if trials is None else trials)
    return Search(Lever.of(scenario, change), judge, Meter(progress, effort_of(judge))).solution(within)


def effort_of(judge: Judge) -> float:
    """Return the size of a search as its meter counts it: the values times the trials of each."""
    few, every = (min(FEW_TRIALS, judge.trials), judge.trials) if judge.needs_trials else (1, 1)
    return float(ON_FEW * few + ON_ALL * every)


@dataclass(frozen=True)
class Search:
    """One lever of the judge's scenario, moved until the judge is content; several may share a meter."""

    lever: Lever
    judge: Judge
    meter: Meter = field(default_factory=Meter)

    def solution(self, within: Within = USUAL) -> Solution:
        """Return the value nearest today's at which the target begins or ceases to be met."""
        grid = self.lever.grid(within)
        rough = self._look(grid, FEW_TRIALS)
        cells = [(left, right) for left, right in pairwise(rough) if left.met is not right.met]
        cells.sort(key=self._distance)
        checked = filter(None, (self._checked(one, rough) for one in cells))
        cell = next(checked, None) if cells else self._from_best(rough)
        root = None if cell is None else self._closed(*cell)
        error = 0.0 if cell is None or root is None else self._error(cell, root)
        now = Point(self.lever.level, self.judge.now, self.judge.meets(self.judge.now.value))
        best = self._look([max(rough, key=self._merit).value])[0] if root is None else root
        trials = self.judge.trials if self.judge.needs_trials else 0
        others = max(len(cells) - 1, 0)
        is_above = cell is not None and cell[1].met
        curve = self._curve(rough)
        return Solution(self.lever, self.judge.target, trials, now, root, is_above, error, others, best, curve)

    @cached_property
    def _known(self) -> dict[float, Point]:
        """What all trials have told so far, by value."""
        return {}

    @cached_property
    def _rows(self) -> dict[float, Flags]:
        """Which trials meet the target, by value, where it asks for a share of them."""
        return {}

    def _look(self, values: Iterable[float], trials: int | None = None) -> list[Point]:
        """Return the points at some values on the first trials, by default on all of them, which are kept."""
        given = [rounded(float(value)) for value in values]
        every = self.judge.trials if self.judge.needs_trials else 1
        count = every if trials is None else min(trials, every)
        few = count < every
        new = given if few else [value for value in dict.fromkeys(given) if value not in self._known]
        variants, part = [self.lever.at(value) for value in new], self.meter.part(len(new) * count)
        told = self.judge.told(variants, count if few else None, part)
        points = [self._point(value, one) for value, one in zip(new, told, strict=True)]
        if few:
            return points
        self._known.update((one.value, one) for one in points)
        self._rows.update((value, one) for value, one in zip(new, told, strict=True) if isinstance(one, np.ndarray))
        return [self._known[value] for value in given]

    def _between(self, value: float) -> Point:
        """Return the point at a value as if each trial that is alike at the nearest on both sides were like them there.

        Only the other trials run. That is exact where more of the assumption helps, or hurts, every trial.
        """
        value = rounded(value)
        below, above = (one for one in self._rows if one <= value), (one for one in self._rows if one >= value)
        low, high = max(below, default=None), min(above, default=None)
        if low is None or high is None or not self.judge.tells_trials_apart:
            return self._look([value])[0]
        row, differs = self._rows[low].copy(), self._rows[low] != self._rows[high]
        if differs.any():
            row[differs] = self.judge.of_some(self.lever.at(value), np.flatnonzero(differs).tolist())
        self._rows[value] = row
        return self._point(value, row)

    def _point(self, value: float, told: Estimate | Flags) -> Point:
        outcome = share_of(told) if isinstance(told, np.ndarray) else told
        return Point(value, outcome, self.judge.meets(outcome.value))

    def _distance(self, cell: tuple[Point, Point]) -> float:
        """Return how far a cell lies from today's value: by ratio, or by difference beside zero."""
        level, (low, high) = self.lever.level, (one.value for one in cell)
        if low <= level <= high:
            return 0.0
        near = low if level < low else high
        return abs(math.log(near / level)) if near * level > 0 else abs(near - level) / max(abs(level), 1e-300)

    def _merit(self, point: Point) -> float:
        """Return how near a point comes to the target; no value at all comes last."""
        gap = self.judge.gap(point.outcome.value)
        return -math.inf if math.isnan(gap) else gap

    def _checked(self, cell: tuple[Point, Point], rough: Sequence[Point]) -> tuple[Point, Point] | None:
        """Return the cell on all trials; one beside it where a few trials were mistaken, None if there is none."""
        values = [one.value for one in rough]
        places = [values.index(one.value) for one in cell]
        rises = cell[1].met
        while True:
            left, right = self._look(values[place] for place in places)
            if left.met is not right.met:
                return left, right
            step = -1 if left.met is rises else 1
            places = [place + step for place in places]
            if not 0 <= places[0] < places[1] < len(values):
                return None

    def _from_best(self, rough: Sequence[Point]) -> tuple[Point, Point] | None:
        """Return a cell that a few trials have missed: beside the value that comes nearest, or farthest, of all."""
        place = rough.index((min if rough[0].met else max)(rough, key=self._merit))
        around = [rough[other].value for other in (place - 1, place, place + 1) if 0 <= other < len(rough)]
        return next((pair for pair in pairwise(self._look(around)) if pair[0].met is not pair[1].met), None)

    def _closed(self, left: Point, right: Point, *, on_all: bool = False) -> Point:
        """Return the point between two that meets the target, with one that does not right beside it.

        All trials confirm both; where they do not, all run at every value.
        """
        scale = max(1e-12, *(abs(gap) for gap in map(self._merit, (left, right)) if math.isfinite(gap)), 0.0)

        def gaps(values: Array) -> Array:
            wanted = map(float, np.ravel(values))
            points = self._look(wanted) if on_all else [self._between(one) for one in wanted]
            found = [np.clip(self._merit(one), -scale, scale) for one in points]
            # A gap of zero may belong to either side: `>` is not met at the bound itself.
            signed = [gap if (gap >= 0) is one.met and gap else math.copysign(1e-300, one.met - 0.5)
                      for gap, one in zip(found, points, strict=True)]  # fmt: skip
            return np.reshape(signed, np.shape(values))

        width = PRECISE * max(abs(left.value), abs(right.value))
        if error := max(left.outcome.error, right.outcome.error):
            width = max(width, OF_AN_ERROR * error / abs(self._slope(left, right)))
        ends = left.value, right.value
        found = elementwise.find_root(gaps, ends, tolerances={"xatol": width, "xrtol": 0}, maxiter=MOST_ROUNDS)
        near = self._look([*map(float, found.bracket), float(found.x)])
        if not on_all and len({one.met for one in near}) < 2:
            return self._closed(left, right, on_all=True)
        outside = right if left.met else left
        return min((one for one in (*near, left, right) if one.met), key=lambda one: abs(one.value - outside.value))

    def _error(self, cell: tuple[Point, Point], root: Point) -> float:
        """Return how far the root would move with the outcome's standard error: that over the slope around the root."""
        error, slope = root.outcome.error, self._slope(*cell)
        if not error or not math.isfinite(slope) or not slope:
            return 0.0
        # The trials that change sides within one error are few, and so the slope between them is noisy.
        reach = 2 * error / abs(slope)
        ends = (root.value + step for step in (-reach, reach))
        around = self.lever.fitting(min(max(end, self.lever.low), self.lever.high) for end in ends)
        near = self._slope(*map(self._between, around)) if len(around) > 1 else slope
        return error / abs(near) if near and math.isfinite(near) else reach / 2

    def _slope(self, left: Point, right: Point) -> float:
        """Return by how much the gap grows between two points, over the distance of their values."""
        return (self._merit(right) - self._merit(left)) / (right.value - left.value)

    def _curve(self, rough: Sequence[Point]) -> tuple[Point, ...]:
        every = {**{one.value: one for one in rough}, **self._known}
        return tuple(every[value] for value in sorted(every))
