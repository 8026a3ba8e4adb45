"""Sensitivity: how far single assumptions move cash, and which evidence supports the drivers of cost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from simulator.answers.draws import values_of
from simulator.answers.inputs import vary
from simulator.engine.model import Array
from simulator.lines import REFERENCES
from simulator.scenario.assumption import EVIDENCE, Assumption
from simulator.scenario.numbers import base_values
from simulator.scenario.scenario import Scenario

# The ends of a swing are P5 and P95.
LOW_SHARE, HIGH_SHARE = 0.05, 0.95
# Each assumption is moved by this fraction, far enough to cross the steps of whole devices.
NUDGE = 0.1


@dataclass(frozen=True)
class Swing:
    """The change of cash in the last month as one assumption moves from P5 to P95.

    `low` and `high` are its values in the first month, or of a walk in the last.
    """

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
    """Return the swing of each uncertain assumption, widest first; all others stay at the base case."""
    uncertain = [one for one in scenario.assumptions.values() if one.is_uncertain]
    ends = [ends_of(scenario, one, share) for one in uncertain for share in (LOW_SHARE, HIGH_SHARE)]
    paths = [one.path for one in uncertain for _ in range(2)]
    cash = vary(scenario, [{path: end} for path, end in zip(paths, ends, strict=True)], ["cash"])["cash"]
    outcome = cash[-1, 0, 1:]
    swings = [
        Swing(one.path, *(shown(one, end) for end in ends[at : at + 2]), *map(float, outcome[at : at + 2]))
        for at, one in zip(range(0, len(ends), 2), uncertain, strict=True)
    ]
    return sorted(swings, key=lambda swing: -swing.width)


def ends_of(scenario: Scenario, assumption: Assumption, share: float) -> Array:
    """Return the assumption by month with each of its parts at this quantile, of shape (months or 1,).

    A walk is at this quantile in every month.
    """
    shares = {name: np.array([share]) for name in assumption.value.names}
    walk = assumption.value.walk
    walked = 1.0 if walk is None else walk.quantile(share, scenario.months)
    return values_of(assumption, scenario.months, shares, walked)[:, 0]


def shown(assumption: Assumption, end: Array) -> float:
    """Return the month of an end that is shown to people: the first, or of a walk the last, as all begin alike."""
    return float(end[-1 if assumption.value.walk else 0])


def evidence_of_cost(scenario: Scenario) -> Mapping[str, float]:
    """Return the share of the drivers of total cost by kind of evidence; the shares sum to 1.

    Each assumption moves 10 % down and up within its legal range, one at a time, and the change of total cost counts
    for the evidence of this assumption.
    """
    base = base_values(scenario)
    # A reference that the file does not state follows from its prices, and is no assumption of its own.
    derived = {path for path, one in scenario.assumptions.items() if one.name in REFERENCES and not one.line}
    paths = [path for path, values in base.items() if np.any(values != 0) and path not in derived]
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
