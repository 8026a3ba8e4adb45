"""What the answer hangs on: swings of single assumptions, and how much of cost rests on which evidence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from simulator.answers.draws import values_of
from simulator.answers.inputs import base_values, vary
from simulator.engine.model import Array
from simulator.scenario.assumption import EVIDENCE, Assumption
from simulator.scenario.scenario import Scenario

# The ends of the swing: nine draws in ten fall between them.
LOW_SHARE, HIGH_SHARE = 0.05, 0.95
# How far each assumption is moved to see whether cost follows: enough to cross the steps of whole devices.
NUDGE = 0.1


@dataclass(frozen=True)
class Swing:
    """How far the cash at the plan's end moves when one assumption goes from its low to its high end."""

    path: str
    low: float
    high: float
    at_low: float
    at_high: float

    @property
    def width(self) -> float:
        """The distance between the two outcomes, in money."""
        return abs(self.at_high - self.at_low)


def tornado(scenario: Scenario) -> list[Swing]:
    """Each uncertain assumption's swing, widest first; all others stay at the base plan."""
    uncertain = [one for one in scenario.assumptions.values() if one.is_uncertain]
    ends = [ends_of(scenario, one, share) for one in uncertain for share in (LOW_SHARE, HIGH_SHARE)]
    paths = [one.path for one in uncertain for _ in range(2)]
    cash = vary(scenario, [{path: end} for path, end in zip(paths, ends, strict=True)], ["cash"])["cash"]
    outcome = cash[-1, 0, 1:]
    swings = [
        Swing(one.path, *(float(end[0]) for end in ends[at : at + 2]), *map(float, outcome[at : at + 2]))
        for at, one in zip(range(0, len(ends), 2), uncertain, strict=True)
    ]
    return sorted(swings, key=lambda swing: -swing.width)


def ends_of(scenario: Scenario, assumption: Assumption, share: float) -> Array:
    """The assumption by month when each of its parts stands at this share of its draws; shape (months or 1,)."""
    shares = {name: np.array([share]) for name in assumption.value.names}
    return values_of(assumption, scenario.months, shares)[:, 0]


def evidence_of_cost(scenario: Scenario) -> Mapping[str, float]:
    """For each kind of evidence, its share of what moves the plan's total cost; the shares sum to one.

    Each assumption is moved 10 % down and up (within its legal range), one at a time, and the change of total
    cost is counted for the evidence that the assumption has.
    """
    base = base_values(scenario)
    paths = [path for path, values in base.items() if np.any(values != 0)]
    changes = [
        {path: np.clip(base[path][:, 0] * factor, scenario.assumptions[path].low, scenario.assumptions[path].high)}
        for path in paths
        for factor in (1 - NUDGE, 1 + NUDGE)
    ]
    cost = vary(scenario, changes, ["costs"])["costs"][:, 0, 1:].sum(axis=0)
    moved = np.abs(cost[1::2] - cost[0::2])
    total = float(moved.sum())
    if total == 0:
        return dict.fromkeys(EVIDENCE, 0.0)
    kinds = np.array([scenario.assumptions[path].evidence for path in paths])
    return {kind: float(moved[kinds == kind].sum() / total) for kind in EVIDENCE}
