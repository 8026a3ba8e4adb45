"""What a pool needs in every month and trial, and what each way to serve it would cost there.

All of it is read off lines of the model under three variants of the scenario: unchanged, without any commitment and
vendor, and with the vendor alone. Costs are at list price, before cloud credits.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from profiling.errors import Phrase
from simulator.answers.blocks.progress import Progress, quietly, within
from simulator.answers.committing.program import Term
from simulator.answers.solving.columns import Columns, SideBySide
from simulator.answers.trials import check_finite
from simulator.engine.model import Array
from simulator.errors import PlanError
from simulator.scenario.scenario import Scenario

# The needs of more trials fill memory, and move the choice by less than a device.
MOST_TRIALS = 5_000
NEEDS = ("devices_at", "devices_beyond_fleet")
LINES = (
    *NEEDS,
    *("rented_hours", "cloud_rent", "owned_devices", "replica_size", "owned_hour_price", "capital_charge"),
    *("vendor_cost", "tokens_served", "serving_cost"),
)
NO_QUOTES: Mapping[int, float] = MappingProxyType({})
INPUTS = ("reserved_price", "device_list_price", "hours_per_month")


@dataclass(frozen=True)
class Offers:
    """A pool's needs and prices; each array has shape (months, trials), with one trial for the base case alone.

    `peak` devices are needed in the busiest hour of a mean day and `mean` in a mean one. Of the devices of each hour,
    `beyond` are not served by those that the pool owns from before and keeps, `kept`; its shape is (months, hours,
    trials), with one hour where all are alike. `rent` is the cost of renting these on demand, and `rate` that of one
    for the month. A device costs a month the price of one of the `terms` if signed in that month, and an own one
    `capital` a month if bought in that month, and `running` in each month. `vendor` is the vendor's bill for all, and
    `today` the cost of the scenario unchanged; `served` are the million tokens that the pool serves, and `hours` those
    of a month. What has no price is None. Devices come in lots of `lot`, a replica; an own device lasts `life` months.
    """

    scenario: Scenario
    pool: str
    peak: Array
    mean: Array
    beyond: Array
    kept: Array
    rent: Array
    rate: Array
    terms: tuple[Term, ...]
    capital: Array | None
    running: Array
    vendor: Array | None
    today: Array
    served: Array
    hours: Array
    lot: int
    life: int

    @property
    def months(self) -> int:
        """The number of months that are planned."""
        return len(self.rent)

    def spilled(self, held: Array) -> Array:
        """Return the mean number of devices rented on demand in each month, beside those held."""
        return np.asarray(np.maximum(self.beyond - held[:, None, None], 0).mean(axis=1))


def offers(
    scenario: Scenario, pool: str, trials: int, quotes: Mapping[int, float] = NO_QUOTES, progress: Progress = quietly
) -> Offers:
    """Return what a pool needs and what it may cost over these trials; 0 of them stand for the base case.

    `quotes` are further terms in months, with the price of an hour at which a device can be reserved in any month; one
    for the scenario's own term takes the place of its price. Raise PlanError without a price of devices on demand, for
    too many trials, and where a trial has no finite value.
    """
    if trials > MOST_TRIALS:
        raise PlanError(
            Phrase("{trials:,} trials are more than a plan of commitments can hold", trials=trials),
            Phrase("give up to {most:,}", most=MOST_TRIALS),
        )
    place = f"pools.{pool}"
    bare = scenario.with_values(dict.fromkeys((f"{place}.{name}" for name in DECIDED), 0))
    variants = bare, bare.with_values({f"{place}.vendor_share": 1}), scenario
    alone, vendor, today = (
        _Read.of(one, pool, trials, within(progress, done / 3, (done + 1) / 3)) for done, one in enumerate(variants)
    )
    hours = alone.inputs["hours_per_month"]
    rented = alone.lines["rented_hours"]
    rate = np.divide(alone.lines["cloud_rent"], rented, out=np.zeros_like(rented), where=rented > 0) * hours
    if rented.any() and not rate.any():
        todo = Phrase(
            "give {path}, and the throughput and the peaks that say how many devices it takes",
            path=f"{place}.device_price",
        )
        raise PlanError(
            Phrase("{place} states no price of a device on demand, so there is nothing to compare with", place=place),
            todo,
        )
    for name in ("reserved_price", "device_list_price"):
        priced = alone.inputs[name].mean(axis=1) > 0
        if priced.any() and not priced.all():
            what = Phrase("{path} is 0 in some months", path=f"{place}.{name}")
            raise PlanError(what, "give it a price in every month, or in none")
    listed = alone.inputs["device_list_price"]
    capital = listed * alone.lines["capital_charge"]
    bill = vendor.lines["vendor_cost"] - alone.lines["vendor_cost"]
    terms = [Term(price * hours, months, is_quoted=True) for months, price in quotes.items()]
    own = Term(alone.inputs["reserved_price"] * hours, _months(scenario, "reserved_term", pool))
    if own.price.any() and own.months not in quotes:
        terms.append(own)
    return Offers(
        scenario,
        pool,
        peak=alone.needs["devices_at"].max(axis=1),
        mean=alone.needs["devices_at"].mean(axis=1),
        beyond=alone.needs["devices_beyond_fleet"],
        kept=alone.lines["owned_devices"],
        rent=alone.lines["cloud_rent"],
        rate=rate,
        terms=tuple(sorted(terms, key=lambda one: one.months)),
        capital=capital if listed.any() else None,
        running=alone.lines["owned_hour_price"] * hours - capital,
        vendor=bill if bill.any() else None,
        today=today.lines["serving_cost"] - alone.lines["serving_cost"] + alone.lines["cloud_rent"],
        served=alone.lines["tokens_served"],
        hours=hours,
        lot=int(alone.lines["replica_size"].max()),
        life=_months(scenario, "economic_life", pool),
    )


# What the plan of commitments decides; the rest of the scenario stays.
DECIDED = ("reserved_devices", "wanted_devices", "vendor_share")


def _months(scenario: Scenario, name: str, pool: str) -> int:
    return math.ceil(scenario.assumption_of(name, pool).central)


@dataclass(frozen=True)
class _Read:
    """Lines and inputs of one pool, of shape (months, trials), and its needs, of shape (months, hours, trials)."""

    lines: dict[str, Array]
    needs: dict[str, Array]
    inputs: dict[str, Array]

    @classmethod
    def of(cls, scenario: Scenario, pool: str, trials: int, progress: Progress) -> _Read:
        place = scenario.entities["pool"].index(pool)
        blocks = list(SideBySide(scenario, trials).run([scenario], LINES, progress))
        for one in blocks:
            check_finite(one.simulation, one.lines)
        lines = {name: _joined([one.lines[name] for one in blocks]) for name in LINES}
        return cls(
            {name: line[:, place].copy() for name, line in lines.items() if name not in NEEDS},
            {name: _by_hour(lines[name], place) for name in NEEDS},
            {name: _joined([_input(one, name) for one in blocks])[:, place].copy() for name in INPUTS},
        )


def _by_hour(line: Array, pool: int) -> Array:
    """Return a line per pool and hour for one pool, of shape (months, hours, trials); one hour where all are alike."""
    found = line.reshape(len(line), -1, 24, line.shape[2])[:, pool]
    return (found[:, :1] if (found == found[:, :1]).all() else found).copy()


def _joined(blocks: Sequence[Array]) -> Array:
    return np.concatenate(blocks, axis=2)


def _input(columns: Columns, name: str) -> Array:
    """Return an assumption by month, pool and trial, of shape (months, pools, trials)."""
    pools = len(columns.scenario.entities["pool"])
    return np.broadcast_to(columns.simulation.inputs[name], (columns.scenario.months, pools, columns.simulation.trials))
