"""The map of a target over two levers: what it comes to at each pair of their values, all on the same trials."""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from profiling.errors import Phrase
from simulator.answers.blocks.progress import Progress, quietly
from simulator.answers.outcomes import Estimate
from simulator.answers.pricing.lever_map import Pairs, long_words
from simulator.answers.solving.outcome import Judge
from simulator.answers.solving.target import Target
from simulator.engine.model import Array
from simulator.errors import PlanError
from simulator.scenario.scenario import Scenario

# Values of each lever, and trials, by default: 24,200 trials in all take some ten seconds.
POINTS, TRIALS = 11, 200
# More trials in all take ten minutes.
MOST_IN_ALL = 1_000_000


@dataclass(frozen=True)
class TargetMap:
    """What a target comes to at each pair, and its standard errors, both of shape (rows, columns); `now` is today's.

    That is a share of the trials, or a KPI: NaN without a value, infinite for a month that never comes. `met` says
    where it meets the target, and `is_met_today` whether the scenario does. `trials` is 0 for a target of the base
    case.
    """

    pairs: Pairs
    target: Target
    trials: int
    outcomes: Array
    errors: Array
    met: NDArray[np.bool_]
    now: Estimate
    is_met_today: bool

    @property
    def best(self) -> tuple[int, int]:
        """The row and the column nearest to today's values that meet the target, or that come closest to it."""
        if self.met.any():
            return self.pairs.nearest(self.met)
        gaps = self.outcomes if self.target.share is not None else self.target.gap(self.outcomes)
        return self.pairs.nearest(gaps >= np.nanmax(gaps))


def target_map(
    scenario: Scenario,
    x: str,
    y: str,
    target: Target,
    *,
    points: int = POINTS,
    trials: int | None = None,
    progress: Progress = quietly,
) -> TargetMap:
    """Return the map of a target over two assumptions, each PATH or PATH=LOW..HIGH, of `points` values each.

    All pairs run on the same trials, by default up to `TRIALS` of the scenario's, so that what they have in common
    cancels where they are compared. Raise PlanError as `Pairs.read` does, where no trials tell what is asked, for a
    target without a value anywhere, and for a map that would take too long, with what it would take.
    """
    judge = Judge(target, scenario, min(scenario.trials, TRIALS) if trials is None else trials)
    pairs = Pairs.read(scenario, x, y, points)
    each = judge.trials if judge.needs_trials else 1
    if points**2 * each > MOST_IN_ALL:
        raise _too_many(judge, pairs, points, each)
    places = [(row, column) for row in range(points) for column in range(points)]
    variants = [scenario, *(scenario.with_values(pairs.literals(*place)) for place in places)]
    now, *found = judge.outcomes(variants, None, progress)
    values, errors = np.array(found).T.reshape(2, points, points)
    if np.isnan(values).all():
        raise PlanError(Phrase("{title} has no value anywhere on this map", title=target.title), "choose another KPI")
    met = np.array([judge.meets(value) for value in values.flat]).reshape(values.shape)
    ran = each if judge.needs_trials else 0
    return TargetMap(pairs, target, ran, values, errors, met, now, judge.meets(now.value))


def _too_many(judge: Judge, pairs: Pairs, points: int, each: int) -> PlanError:
    """Return the refusal of a map, with the time that it would take by some trials of one of its pairs."""
    some, began = min(each, TRIALS), time.perf_counter()
    judge.outcomes([judge.scenario.with_values(pairs.literals(0, 0))], some)
    long = long_words((time.perf_counter() - began) * points**2 * each / some)
    what = Phrase(
        "{points:,} values of each lever on {each:,} trials make {trials:,} trials, which would take {long} here",
        **{"points": points, "each": each, "trials": points**2 * each, "long": long},
    )
    return PlanError(what, "give fewer --points, or fewer --trials")
