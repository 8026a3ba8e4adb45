"""What a further measurement would be worth: how far the plan hangs on each quantity that a profiler can measure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from simulator.answers.inputs import base_values, vary
from simulator.answers.variations.sensitivity import HIGH_SHARE, LOW_SHARE, ends_of
from simulator.engine.model import Array
from simulator.scenario.assumption import Assumption
from simulator.scenario.attach import measurable
from simulator.scenario.scenario import Scenario

# A rate that states no range may be off by this factor either way: one model on one machine was decoded 3.5 times
# as fast by one engine as by another, and 1.9 is the root of that.
UNSTATED = 1.9


@dataclass(frozen=True)
class Worth:
    """One quantity that could be measured: where it may lie, and the cash at the plan's end with each end of that.

    `stated` tells whether the range is the assumption's own; otherwise it was taken wide.
    """

    path: str
    evidence: str
    low: float
    high: float
    cash_at_low: float
    cash_at_high: float
    stated: bool

    @property
    def spread(self) -> float:
        """The money that not knowing it leaves open."""
        return abs(self.cash_at_high - self.cash_at_low)


def worth_measuring(scenario: Scenario) -> list[Worth]:
    """Every quantity of a pool or program that a measurement could replace, the one that leaves most open first."""
    quantities = [scenario.assumptions[path] for path in measurable(scenario)]
    ranges = [_range(scenario, one) for one in quantities]
    changes = [{one.path: end} for one, ends in zip(quantities, ranges, strict=True) for end in ends]
    cash = vary(scenario, changes, ["cash"])["cash"][-1, 0, 1:]
    found = [
        _worth(one, ends, cash[2 * place : 2 * place + 2])
        for place, (one, ends) in enumerate(zip(quantities, ranges, strict=True))
    ]
    return sorted(found, key=lambda worth: -worth.spread)


def _range(scenario: Scenario, quantity: Assumption) -> tuple[Array, Array]:
    """The low and the high end by month: nine draws in ten, or a wide range around a number that states none."""
    if quantity.is_uncertain:
        low, high = (ends_of(scenario, quantity, share) for share in (LOW_SHARE, HIGH_SHARE))
        return low, high
    base = base_values(scenario)[quantity.path][:, 0]
    low, high = (np.clip(base * factor, quantity.low, quantity.high) for factor in (1 / UNSTATED, UNSTATED))
    return low, high


def _worth(one: Assumption, ends: Sequence[Array], cash: Array) -> Worth:
    low, high = (float(end[0]) for end in ends)
    return Worth(one.path, one.evidence, low, high, float(cash[0]), float(cash[1]), one.is_uncertain)
