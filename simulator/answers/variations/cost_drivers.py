"""Cost drivers: which assumptions move costs, by the evidence behind them, and how many a profile run can measure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulator.answers.variations.inputs import assumed, nudged, vary
from simulator.engine.model import Array
from simulator.scenario.assumption import EVIDENCE
from simulator.scenario.records.attach import ONLY_MEASURED
from simulator.scenario.scenario import Scenario

# The lines whose drivers are told apart: all costs, and those of serving customers.
COSTS = ("costs", "cost_of_revenue")


@dataclass(frozen=True)
class Drivers:
    """Shares of what moves one cost, by kind of evidence; they sum to 1, or to 0 where nothing moves the cost.

    `rates` is the part of each share that comes from rates of devices, which a profile run can measure. Everything else
    is a price, a demand or a decision, and no device can tell it.
    """

    by_kind: Mapping[str, float]
    rates: Mapping[str, float]


def cost_drivers(scenario: Scenario) -> Mapping[str, Drivers]:
    """Return the drivers of each line of `COSTS`.

    Each assumption moves 10 % down and up within its legal range, one at a time, and the change of the line's sum over
    all months counts for the evidence of this assumption.
    """
    paths = assumed(scenario)
    changes = [{path: end} for path in paths for end in nudged(scenario, path)]
    moved = [scenario.assumptions[path] for path in paths]
    kinds, is_rate = np.array([one.evidence for one in moved]), np.array([one.name in ONLY_MEASURED for one in moved])
    return {name: _drivers(cost, kinds, is_rate) for name, cost in vary(scenario, changes, COSTS).items()}


def _drivers(cost: Array, kinds: NDArray[np.str_], is_rate: NDArray[np.bool_]) -> Drivers:
    """Return the drivers of a cost of shape (months, 1, 1 + 2 × assumptions)."""
    sums = cost[:, 0, 1:].sum(axis=0)
    moved = np.abs(sums[1::2] - sums[0::2])
    shares = moved / (moved.sum() or 1.0)
    return Drivers(
        {kind: float(shares[kinds == kind].sum()) for kind in EVIDENCE},
        {kind: float(shares[(kinds == kind) & is_rate].sum()) for kind in EVIDENCE},
    )
