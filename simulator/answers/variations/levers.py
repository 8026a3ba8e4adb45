"""Levers: the few assumptions of a scenario that founders change most."""

from __future__ import annotations

import re
from collections.abc import Iterator

from simulator.engine.model import Array
from simulator.scenario.assumption import Assumption
from simulator.scenario.scaling import first_level
from simulator.scenario.scenario import Scenario

PRICES = ("price", "seat_price", "commitment", "output_price", "input_price", "credits_per_customer", "task_price")
# What a vendor's prices do in a year, which moves a scenario that does not state it, too.
VENDOR_COURSE = "vendor_price_change"
# The assumptions that are levers, by group; a scenario shows those that it states.
GROUPS = (
    ("Pricing", (rf"plans\.[^.]+\.({'|'.join(PRICES)})", r"plans\.[^.]+\.conversion", r"plans\.[^.]+\.churn")),
    ("Growth", (r"channels\.[^.]+\.budget", r"channels\.[^.]+\.organic_signups")),
    (
        "Serving",
        (
            r"pools\.[^.]+\.device_price",
            r"pools\.[^.]+\.tokens_per_second",
            r"pools\.[^.]+\.vendor_(output|input)_price",
            rf"pools\.[^.]+\.{VENDOR_COURSE}",
        ),
    ),
    ("Team and funding", (r"roles\.[^.]+\.heads", r"(rounds\.[^.]+\.amount|safes\.[^.]+\.investment)")),
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
            if re.fullmatch(pattern, path)
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
    """Return the vendor's share of the tokens of the pool that an assumption belongs to, by month."""
    return scenario.assumption_of("vendor_share", assumption.path.split(".")[1]).base(scenario.months)


def is_idle_fee(scenario: Scenario, assumption: Assumption | None) -> bool:
    """Return whether a plan's fee, which every plan states, is zero while the company charges something else."""
    if assumption is None:
        return True
    charged = (one for one in scenario.assumptions.values() if one.name in PRICES and one.path.startswith("plans."))
    return assumption.name == "price" and not assumption.central and any(one.central for one in charged)
