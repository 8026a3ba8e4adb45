"""What measured work costs at a dated price of the device; the rate's interval runs through.  No torch."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date
from statistics import median

from profiling.errors import Phrase, WorkloadError
from profiling.reference import datasheets, rentals
from profiling.reference.datasheets import Device
from profiling.results.record import CaseResult, Estimate, Record

SECONDS_PER_HOUR = 3600
MILLION = 1_000_000


@dataclass(frozen=True)
class Priced:
    """The price of an hour of one device, with source and date."""

    per_hour: float
    currency: str
    source: str
    as_of: str

    @classmethod
    def given(cls, per_hour: float, currency: str = "USD") -> Priced:
        """Return a price that was given without a source; raise WorkloadError unless it is above zero."""
        if not 0 < per_hour < math.inf:
            raise WorkloadError(
                Phrase("a price of {price:g} an hour is not above zero", price=per_hour), todo="give one that is"
            )
        return cls(per_hour, currency, "as given", f"{date.today():%Y-%m-%d}")

    def __str__(self) -> str:
        return f"{self.per_hour:,.4g} {self.currency} an hour ({self.source}, {self.as_of})"


def listed(record: Record) -> Priced | None:
    """Return the usual price of the record's device; None where the tables list none, as for any CPU."""
    sheets = () if record.on_cpu else datasheets.candidates(str(record.device["name"]))
    return typical(sheets[0]) if len(sheets) == 1 else None


def typical(sheet: Device) -> Priced | None:
    """Return the median of the listed on-demand prices of a device, which names their range; None without one."""
    found = rentals.on_demand(sheet)
    if not found:
        return None
    prices = [offer.usd_per_device_hour for offer in found]
    words = f"{found[0].provider}, {found[0].source}"
    if len(found) > 1:
        words = f"median of {len(found)} on-demand prices from {min(prices):.4g} to {max(prices):.4g}"
    return Priced(median(prices), "USD", words, found[0].date)


def per_million_tokens(case: CaseResult, price: Priced) -> Estimate | None:
    """Return the cost of a million tokens on a busy device; None where the case counted no tokens."""
    rate = case.metrics.get("tokens_per_second")
    if rate is None or rate.value <= 0:
        return None
    return _divided(_per_second(case, price) * MILLION, rate, price.currency)


def per_run(case: CaseResult, record: Record, price: Priced) -> Estimate | None:
    """Return the cost of one fine-tuning run over an epoch, with evaluation and checkpoint; None without training."""
    rate, factor = case.metrics.get("training_examples_per_second"), case.metrics.get("step_to_run_factor")
    # A sweep may have given the case an epoch of its own, over which its factor was spread.
    examples = case.point.get("epoch_examples", record.workload.get("epoch_examples"))
    if rate is None or factor is None or not isinstance(examples, int):
        return None
    if min(rate.value, factor.value, examples) <= 0:
        return None
    steps = _divided(_per_second(case, price) * examples, rate, price.currency)
    return _multiplied(steps, factor)


def _per_second(case: CaseResult, price: Priced) -> float:
    """Return the price of a second of all devices of a case; a record describes one of them."""
    return price.per_hour / SECONDS_PER_HOUR * int(case.extra.get("devices") or 1)


def _divided(amount: float, rate: Estimate, currency: str) -> Estimate:
    """Return an amount over a rate: the highest rate gives the least; a rate that may be 0 keeps its own width."""
    dearest = amount / rate.low if rate.low > 0 else amount / rate.value * (rate.high / rate.value)
    return Estimate(amount / rate.value, amount / rate.high, dearest, rate.level, currency, rate.runs)


def _multiplied(one: Estimate, other: Estimate) -> Estimate:
    """Return the product; relative half-widths add up as those of independent factors do."""
    value = one.value * other.value
    up = math.hypot(one.high / one.value - 1, other.high / other.value - 1)
    down = math.hypot(1 - one.low / one.value, 1 - other.low / other.value)
    return Estimate(value, value * max(0.0, 1 - down), value * (1 + up), one.level, one.unit, min(one.runs, other.runs))
