"""The whole business by hand: every line written out in numpy, month by month over all trials, without an engine.

It is what the engine is measured against, and a second reading of the same formulas. `now` holds a month's
assumptions and what later topics read of its lines, `last` the month before, `past` every month so far with the month
as the last axis. Arrays have the shape (members, trials), the company being one member; an axis of length one stands
for "the same for all". A line that nothing reads has a `_` before its name. What does not depend on the month is
computed once, before the first one, with the axis of months (or one for all) in front.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import SimpleNamespace

import numpy as np
from numpy.typing import NDArray

from benchmarks.by_hand import (
    ages,
    billing,
    contracts,
    customers,
    fleet,
    funding,
    learning,
    market,
    people,
    pools,
    statements,
    training,
    usage,
)
from benchmarks.by_hand.parts import Array

Inputs = Mapping[str, Array]


def by_hand(inputs: Inputs, months: int, pool_of: NDArray[np.intp], keep: Sequence[str]) -> dict[str, Array]:
    """The kept lines of all months, each of shape (months, members, trials); `pool_of` gives each feature's pool."""
    with np.errstate(all="ignore"):  # both branches of np.where are computed
        return _by_hand(inputs, months, pool_of, keep)


def _by_hand(inputs: Inputs, months: int, pool_of: NDArray[np.intp], keep: Sequence[str]) -> dict[str, Array]:
    trials = max(values.shape[2] for values in inputs.values())
    given = SimpleNamespace(**inputs)
    known = {
        **inputs,
        **market.known(given),
        **customers.known(given),
        **usage.known(given, pool_of),
        **pools.known(given),
        **training.known(given),
        **people.known(given),
        **funding.known(given),
    }
    age = ages.curves(given, months)
    past = _past(given, months, trials)
    last = SimpleNamespace(
        **{name.removeprefix("opening_"): values[0] for name, values in inputs.items() if name.startswith("opening_")}
    )
    kept: dict[str, Array] = {}
    for month in range(months):
        now = SimpleNamespace(
            **{name: values[month if len(values) > 1 else 0] for name, values in known.items()}, pool_of=pool_of
        )
        market.month_of(now, last, month)
        pools.optimisation(now, month)
        training.runs(now, month)
        customers.prices(now, last)
        people.heads(now, last, month)
        customers.month_of(now, last, past, age, month)
        contracts.month_of(now, last, past, age, month)
        usage.month_of(now)
        learning.month_of(now, last)
        billing.month_of(now, last, past, age, month)
        fleet.bought(now, last, past, age, month)
        pools.month_of(now)
        training.costs(now, last, past, age, month)
        people.pay(now, last, month)
        funding.loans(now, last, month)
        statements.month_of(now, last, month)
        for name in keep:
            values = getattr(now, name)
            if not month:
                kept[name] = np.empty((months, len(values), trials))
            kept[name][month] = values
        last = now
    return kept


def _past(given: SimpleNamespace, months: int, trials: int) -> SimpleNamespace:
    """Room for what is looked back on; fleets differ between trials only where the assumptions on them do."""
    plans, programs, devices = given.price.shape[1], given.runs.shape[1], given.tokens_per_second.shape[1]
    reasons = (
        given.wanted_devices,
        given.opening_owned_devices,
        given.opening_devices_bought,
        given.opening_device_capex,
        given.economic_life,
        given.device_list_price,
    )
    width = max(reason.shape[2] for reason in reasons)
    shapes = {
        "deals_started": (1, trials),
        "cohort": (plans, trials),
        "signed_before": (plans, trials),
        "fees_signed": (plans, trials),
        "seat_fees_signed": (plans, trials),
        "commitments_signed": (plans, trials),
        "levels_signed": (plans, trials),
        "subscription_billings": (plans, trials),
        "capitalised": (programs, trials),
        "bought_before": (devices, width),
        "device_capex": (devices, width),
        "capex_before": (devices, width),
        "capital_expenditure": (1, width),
    }
    # The month is the last axis and yet the slowest in memory, so that a month is written in one piece.
    return SimpleNamespace(**{name: np.moveaxis(np.empty((months, *shape)), 0, -1) for name, shape in shapes.items()})
