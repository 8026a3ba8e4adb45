"""Dependence: how a KPI goes with one assumption over the trials, in groups of trials with similar values of it.

Everything else varies in each group as it does in all trials, and what correlates with the assumption moves along.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from scipy.stats import f as fisher

from profiling.errors import Phrase
from simulator.answers.blocks.progress import Progress, quietly
from simulator.answers.draws import draw
from simulator.answers.kpis.registry import DEFINITIONS
from simulator.answers.kpis.tried import Goal, goal_by_trial
from simulator.answers.outcomes import Outcomes, share_of
from simulator.answers.trials import outcomes_of
from simulator.engine.model import Array
from simulator.errors import PlanError, meant, typed_name
from simulator.scenario.scenario import Scenario
from simulator.scenario.typed.entry import spoken_unit

# Groups of trials; each has this many of them or more.
GROUPS, FEWEST_IN_GROUP = 10, 20
FEWEST, MOST = 100, 50_000
# The chance of seeing a dependence where there is none.
LEVEL = 0.01
RUIN = "probability_of_ruin"
# KPIs that the outcomes of trials tell; whether cash runs out is 1 or 0.
TOLD: Mapping[str, Callable[[Outcomes], Array]] = {
    RUIN: lambda found: np.isfinite(found.broke).astype(float),
    "end_cash": lambda found: found.end_cash,
    "lowest_cash": lambda found: found.lowest_cash,
}


@dataclass(frozen=True)
class Group:
    """Trials with similar values of the assumption: from `low` to `high`, with its median, and their number.

    The KPI has its mean with the standard error, P5 and P95 over these trials.
    """

    low: float
    middle: float
    high: float
    trials: int
    mean: float
    error: float
    p05: float
    p95: float


@dataclass(frozen=True)
class Dependence:
    """A KPI by an assumption; `unit` is that of the assumption, which counts by its mean over the months.

    `explained` is the share of the KPI's variance between the groups, without what chance makes of it (Kelley, 1935);
    `p` is the chance of so much where nothing depends (Fisher's F-test).
    """

    goal: Goal
    path: str
    unit: str
    trials: int
    groups: tuple[Group, ...]
    explained: float
    p: float

    @property
    def is_visible(self) -> bool:
        """Whether the groups differ by more than chance makes them."""
        return self.p < LEVEL


def dependence(
    scenario: Scenario,
    kpi: str,
    path: str,
    trials: int = 1_000,
    *,
    known: Outcomes | None = None,
    progress: Progress = quietly,
) -> Dependence:
    """Return how a KPI goes with an assumption over the first trials; the chance of running out counts as a KPI.

    `known` has the outcomes of as many trials, which tell some KPIs without another run. Raise PlanError where the KPI
    or the assumption is unknown, the assumption is certain, or the number of trials is out of range.
    """
    if not FEWEST <= trials <= MOST:
        raise PlanError(
            Phrase("{trials:,} trials do not show a dependence", trials=trials),
            Phrase("give {fewest} to {most:,}", fewest=FEWEST, most=MOST),
        )
    uncertain = scenario.uncertain
    if path not in uncertain:
        if not uncertain or path in scenario.assumptions:
            todo = (
                Phrase("choose from {near}", near=", ".join(uncertain)) if uncertain else "give an assumption a range"
            )
            raise PlanError(Phrase("{path} is certain", path=typed_name(path)), todo)
        raise PlanError(Phrase("{path} is not an assumption", path=typed_name(path)), meant(path, uncertain))
    goal = Goal(RUIN, DEFINITIONS[RUIN].title, "share", "") if kpi == RUIN else Goal.of(scenario, kpi)
    if kpi in TOLD:
        outcome = TOLD[kpi](known or outcomes_of(scenario, trials, progress=progress)[0])[:trials]
    else:
        outcome = goal_by_trial(scenario, goal, trials, progress)
    values = draw(scenario, trials, only=[path])[path][:, 1:].mean(axis=0)
    groups = [np.flatnonzero(labels) for labels in _labels(values)]
    unit = spoken_unit(scenario.assumptions[path])
    made = tuple(_group(values[which], outcome[which], kpi == RUIN) for which in groups)
    return Dependence(goal, path, unit, trials, made, *_explained([outcome[which] for which in groups]))


def _labels(values: Array) -> list[Array]:
    """Return for each group whether a trial is in it: groups of equal size, or one for each of a few values."""
    few = np.unique(values)
    if len(few) <= GROUPS:
        return [values == one for one in few]
    count = max(2, min(GROUPS, len(values) // FEWEST_IN_GROUP))
    ranks = np.empty(len(values), int)
    ranks[np.argsort(values, kind="stable")] = np.arange(len(values)) * count // len(values)
    return [ranks == place for place in range(count)]


def _group(values: Array, outcome: Array, is_chance: bool) -> Group:
    error = float(outcome.std(ddof=1)) / math.sqrt(len(outcome)) if len(outcome) > 1 else 0.0
    if is_chance:
        error = share_of(outcome > 0).error
    ends = (float(values.min()), float(np.median(values)), float(values.max()))
    return Group(*ends, len(values), float(outcome.mean()), error, *map(float, np.percentile(outcome, (5, 95))))


def _explained(groups: list[Array]) -> tuple[float, float]:
    """Return the share of the variance between groups without chance, and the chance of so much by chance alone."""
    every = np.concatenate(groups)
    free, left = len(groups) - 1, len(every) - len(groups)
    within = sum(float(((one - one.mean()) ** 2).sum()) for one in groups) / max(left, 1)
    total = float(((every - every.mean()) ** 2).sum())
    if not free or left < 1 or total == 0:
        return 0.0, 1.0
    between = total - within * left
    p = float(fisher.sf(between / free / within, free, left)) if within > 0 else 0.0
    return max((between - free * within) / total, 0.0), p
