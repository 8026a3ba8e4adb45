"""The business: one room a part of it, one module a topic, each function a line. A new one is found by itself.

Imports `engine` alone.
"""

from __future__ import annotations

import pkgutil
from functools import cache
from importlib import import_module

from simulator.engine.model import Model, lines_of
from simulator.errors import UnitError

# What a founder lists. Each kind stands in a scenario under its plural.
KINDS = (
    "channel",
    "plan",
    "feature",
    "pool",
    "program",
    "role",
    "overhead",
    "round",
    "safe",
    "loan",
    "holder",
    "event",
    "hour",
)

# Kinds whose members nobody lists, because they are the same for everyone; a scenario may say more of each.
FIXED = {"hour": tuple(f"h{hour:02}" for hour in range(24))}

# Shares that part one whole, and so may not exceed it: a member's own time, or something that all members divide.
PARTS_OF_EACH = {"role": ("support_share", "selling_share", "research_share")}
PARTS_OF_ALL = {"plan": ("share_of_signups", "share_of_deals", "share_of_upgrades")}


@cache
def business() -> Model:
    """The model of every line in this package; raises ModelError where lines or their units do not fit."""
    modules = [import_module(found.name) for found in pkgutil.walk_packages(__path__, f"{__name__}.")]
    model = Model([line for module in modules for line in lines_of(module)], KINDS)
    if faults := model.check_units():
        raise UnitError("\n".join(faults))
    return model
