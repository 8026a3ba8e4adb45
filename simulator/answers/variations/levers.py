"""Levers: the few assumptions of a scenario that founders change most."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np

from simulator.engine.model import Array
from simulator.scenario.assumption import Assumption
from simulator.scenario.scaling import first_level
from simulator.scenario.scenario import Scenario

PRICES = ("price", "seat_price", "commitment", "output_price", "input_price", "credits_per_customer", "task_price")
# What a vendor's prices do in a year, which moves a scenario that does not state it, too.
VENDOR_COURSE = "vendor_price_change"
# The names of the assumptions that are levers, by group, those of one name or pattern together; a scenario shows those
# that it states, of a member or of all.
GROUPS = (
    ("Pricing", ("|".join(PRICES), "conversion", "churn")),
    ("Growth", ("budget", "organic_signups")),
    ("Serving", ("device_price", "tokens_per_second", "vendor_(output|input)_price", VENDOR_COURSE)),
    ("Team and funding", ("heads", "amount|investment")),
)
# Levers that move nothing where a pool's tokens all come from a vendor.
OWN_DEVICES = ("device_price", "tokens_per_second")


def levers_of(scenario: Scenario, original: Scenario) -> Iterator[tuple[str, list[Assumption]]]:
    """Yield the groups of levers that a scenario has, in the order of `GROUPS`.

    A fee that is zero beside other prices is none, unless it was something in the original.
    """
    for title, patterns in GROUPS:
        found = [
            assumption
            for pattern in patterns
            for path, assumption in scenario.assumptions.items()
            if re.fullmatch(pattern, assumption.name)
            and is_lever(scenario, assumption)
            and not (is_idle_fee(scenario, assumption) and is_idle_fee(original, original.assumptions.get(path)))
        ]
        if found:
            yield title, found


def is_lever(scenario: Scenario, assumption: Assumption) -> bool:
    """Return whether the number can move an assumption that the scenario states, or the course of its vendor."""
    if assumption.name == VENDOR_COURSE:
        return assumption.is_plain and bool(_by_vendor(scenario, assumption).any())
    if assumption.is_default:
        return False
    if assumption.name in OWN_DEVICES:
        return bool((_by_vendor(scenario, assumption) < 1).any())
    return assumption.is_plain or first_level(assumption, scenario.months)[1] != 0


def _by_vendor(scenario: Scenario, assumption: Assumption) -> Array:
    """Return the vendor's shares of the tokens of the pool that an assumption belongs to, or of all, in any month."""
    pools = assumption.path.split(".")[1:-1] or scenario.entities["pool"]
    return np.concatenate([[], *(scenario.assumption_of("vendor_share", pool).base(scenario.months) for pool in pools)])


def is_idle_fee(scenario: Scenario, assumption: Assumption | None) -> bool:
    """Return whether a plan's fee, which every plan states, is zero while the company charges something else."""
    if assumption is None:
        return True
    charged = (one for one in scenario.assumptions.values() if one.name in PRICES)
    return assumption.name == "price" and not assumption.central and any(one.central for one in charged)
