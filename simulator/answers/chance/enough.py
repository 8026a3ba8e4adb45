"""Whether there are enough trials: how exact the figures are that decide, and running more until they are."""

from __future__ import annotations

import math
import time
from concurrent.futures import Executor
from dataclasses import dataclass

from simulator.answers.blocks.progress import Progress, quietly
from simulator.answers.chance.survival import percentiles
from simulator.answers.projection import Projection, with_more_trials

# Half of the 95 % interval of the chance of running out of cash, and of P5 of cash at the end as a part of the distance
# from P5 to P95, that most decisions can live with: one point, and a fiftieth.
NARROW_CHANCE, NARROW_CASH = 0.01, 0.02
# Deviations of a 95 % interval.
WIDE = 1.96
MOST_TRIALS = 100_000
# So many trials are needed at least where too few ran to say how many.
FEWEST, SOME = 100, 1_000


@dataclass(frozen=True)
class Enough:
    """How exact the trials are: half of the 95 % interval of the chance, and of P5 of cash at the end.

    `cash` is a part of the distance from P5 to P95: 0 where there is none, and None with too few trials.
    `needed` is about how many trials make both narrow.
    """

    trials: int
    decided: bool
    chance: float
    cash: float | None
    needed: int

    @property
    def is_enough(self) -> bool:
        """Whether both are narrow and the verdict is decided."""
        return self.decided and self.needed <= self.trials


def enough(projection: Projection) -> Enough:
    """Return how exact the trials of a projection are; raise Undefined where nothing is drawn or no trial was run."""
    outcomes = projection.figures.trials
    chance = WIDE * outcomes.ruin().error
    low, _, high = percentiles(outcomes.end_cash)
    cash = None
    if low.value is not None and high.value is not None and low.low is not None and low.high is not None:
        spread = high.value - low.value
        cash = (low.high - low.low) / 2 / spread if spread > 0 else 0.0
    wider = max(chance / NARROW_CHANCE, (cash or 0.0) / NARROW_CASH)
    needed = math.ceil(outcomes.trials * wider**2 / 100) * 100 if wider > 1 else outcomes.trials
    needed = needed if outcomes.trials >= FEWEST else max(needed, SOME)
    return Enough(outcomes.trials, not projection.verdict.between, chance, cash, needed)


def refined(
    projection: Projection, seconds: float, executor: Executor | None = None, progress: Progress = quietly
) -> Projection:
    """Return the projection with trials added until they are enough, there are 100,000, or the time is up.

    Raise Undefined where nothing is drawn or no trial was run.
    """
    began = time.monotonic()
    while not (found := enough(projection)).is_enough and found.trials < MOST_TRIALS:
        spent = time.monotonic() - began
        if spent > seconds:
            break
        progress(max(spent / seconds, min(found.trials / found.needed, 1.0)) if found.needed else 0.0)
        projection = with_more_trials(projection, executor, most=MOST_TRIALS)
    return projection
