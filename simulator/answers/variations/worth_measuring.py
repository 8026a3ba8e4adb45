"""The value of measuring: how far cash depends on each quantity that a profile run can measure."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulator.answers.variations.inputs import vary
from simulator.answers.variations.sensitivity import HIGH_SHARE, LOW_SHARE, ends_of, shown
from simulator.engine.model import Array
from simulator.lines import business
from simulator.scenario.assumption import Assumption
from simulator.scenario.numbers import base_values, converted
from simulator.scenario.records.attach import measurable
from simulator.scenario.scenario import Scenario

# A rate without a stated range may be off by this factor either way: of two engines with the same model on the same
# device, one decoded 3.5 times as fast as the other, and 1.9 is the root of 3.5.
UNSTATED = 1.9
# The price of an hour of the devices that a profile run takes, by the assumption's section.
DEVICE_HOURS = {"pools": ("device_price", "devices_per_replica"), "programs": ("training_device_price",)}


@dataclass(frozen=True)
class Worth:
    """One quantity that could be measured: its range, and cash in the last month at each end of the range.

    `stated` says whether the assumption states its range; otherwise a wide one is used.
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
        """The uncertainty of cash in the last month from this quantity, in money."""
        return abs(self.cash_at_high - self.cash_at_low)


def worth_measuring(scenario: Scenario) -> list[Worth]:
    """Return every quantity of a pool or program that a measurement could replace, the widest spread of cash first."""
    quantities = [scenario.assumptions[path] for path in measurable(scenario)]
    ranges = [_range(scenario, one) for one in quantities]
    changes = [{one.path: end} for one, ends in zip(quantities, ranges, strict=True) for end in ends]
    cash = vary(scenario, changes, ["cash"])["cash"][-1, 0, 1:]
    found = [
        Worth(one.path, one.evidence, *shown(low, high), float(at_low), float(at_high), one.is_uncertain)
        for one, (low, high), (at_low, at_high) in zip(quantities, ranges, cash.reshape(-1, 2), strict=True)
    ]
    return sorted(found, key=lambda worth: -worth.spread)


def hour_costs(scenario: Scenario, path: str) -> float | None:
    """Return what an hour of the devices that one copy of a pool's or program's model takes costs, if it has a price.

    The price is that of the first month with one, in the scenario's own currency.
    """
    section, member, _ = path.split(".")
    values = converted(scenario, base_values(scenario))
    paths = (scenario.path_of(business().inputs[name], member) for name in DEVICE_HOURS[section])
    price, *devices = (values[one][:, 0] for one in paths)
    asked = price[price > 0]
    return float(asked[0] * np.prod([np.ceil(count[0]) for count in devices])) if asked.size else None


def _range(scenario: Scenario, quantity: Assumption) -> tuple[Array, Array]:
    """Return the low and the high end by month: P5 and P95, or a wide range around a number without one."""
    if quantity.is_uncertain:
        return ends_of(scenario, quantity, LOW_SHARE), ends_of(scenario, quantity, HIGH_SHARE)
    base = base_values(scenario)[quantity.path][:, 0]
    low, high = (np.clip(base * factor, quantity.low, quantity.high) for factor in (1 / UNSTATED, UNSTATED))
    return low, high
