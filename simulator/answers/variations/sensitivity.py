"""Sensitivity: how far single assumptions move a KPI of the base case, each over its own range."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulator.answers.blocks.progress import Progress, quietly
from simulator.answers.draws import values_of
from simulator.answers.kpis.tried import Goal
from simulator.answers.variations.goals import goals_under
from simulator.answers.variations.inputs import assumed, nudged
from simulator.engine.model import Array
from simulator.scenario.assumption import Assumption
from simulator.scenario.scenario import Scenario

# The ends of a swing are P5 and P95.
LOW_SHARE, HIGH_SHARE = 0.05, 0.95


@dataclass(frozen=True)
class Swing:
    """The change of a KPI as one assumption moves from its low end to its high end.

    The ends are P5 and P95 of an assumption with a range (`stated`), and 10 % below and above one without, within what
    makes sense. `low` and `high` are its values at the ends in the first month, or in the last where both begin alike,
    as walks and growth do; `base` is the KPI of the base case, in the KPI's unit.
    """

    path: str
    low: float
    high: float
    at_low: float
    at_high: float
    base: float
    stated: bool

    @property
    def width(self) -> float:
        """The distance between the lowest and the highest of the three outcomes, in the unit of the KPI."""
        outcomes = (self.at_low, self.base, self.at_high)
        return max(outcomes) - min(outcomes)


def tornado(scenario: Scenario, goal: str = "end_cash", progress: Progress = quietly) -> list[Swing]:
    """Return the swing of a KPI over every assumption, widest first; all others stay at the base case.

    Raise PlanError where there is no such KPI, or it has no value at an end.
    """
    moved = [scenario.assumptions[path] for path in dict.fromkeys([*scenario.uncertain, *assumed(scenario)])]
    ends = [_ends(scenario, one) for one in moved]
    changes = [{one.path: end} for one, pair in zip(moved, ends, strict=True) for end in pair]
    base, *outcome = map(float, goals_under(scenario, changes, [Goal.of(scenario, goal)], progress)[0])
    outcomes = zip(outcome[::2], outcome[1::2], strict=True)
    swings = [
        Swing(one.path, *shown(low, high), *at, base, one.is_uncertain)
        for one, (low, high), at in zip(moved, ends, outcomes, strict=True)
    ]
    return sorted(swings, key=lambda swing: -swing.width)


def _ends(scenario: Scenario, one: Assumption) -> tuple[Array, Array]:
    """Return an assumption by month at both of its ends."""
    if one.is_uncertain:
        return ends_of(scenario, one, LOW_SHARE), ends_of(scenario, one, HIGH_SHARE)
    return nudged(scenario, one.path)


def ends_of(scenario: Scenario, assumption: Assumption, share: float) -> Array:
    """Return the assumption by month with each of its parts at this quantile, of shape (months or 1,).

    A walk is at this quantile in every month.
    """
    shares = {name: np.array([share]) for name in assumption.value.names}
    walk = assumption.value.walk
    walked = 1.0 if walk is None else walk.quantile(share, scenario.months)
    return values_of(assumption, scenario.months, shares, walked)[:, 0]


def shown(low: Array, high: Array) -> tuple[float, float]:
    """Return both ends in the month that is shown to people: the first, or the last where both begin alike."""
    month = 0 if low[0] != high[0] else -1
    return float(low[month]), float(high[month])
