"""Sensitivity: how far single assumptions move cash."""

from __future__ import annotations

from concurrent.futures import Executor
from dataclasses import dataclass

import numpy as np

from simulator.answers.draws import values_of
from simulator.answers.variations.inputs import vary
from simulator.engine.model import Array
from simulator.scenario.assumption import Assumption
from simulator.scenario.scenario import Scenario

# The ends of a swing are P5 and P95.
LOW_SHARE, HIGH_SHARE = 0.05, 0.95


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


def tornado(scenario: Scenario, executor: Executor | None = None) -> list[Swing]:
    """Return the swing of each uncertain assumption, widest first; all others stay at the base case."""
    uncertain = [one for one in scenario.assumptions.values() if one.is_uncertain]
    ends = [ends_of(scenario, one, share) for one in uncertain for share in (LOW_SHARE, HIGH_SHARE)]
    paths = [one.path for one in uncertain for _ in range(2)]
    cash = vary(scenario, [{path: end} for path, end in zip(paths, ends, strict=True)], ["cash"], executor)["cash"]
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
