"""The business: one module a topic, each function a line. A new module or function is found by itself."""

from __future__ import annotations

import pkgutil
from functools import cache
from importlib import import_module

from simulator.model import Model, lines_of

# What a founder lists. Each kind stands in a scenario under its plural.
KINDS = ("channel", "plan", "feature", "pool", "program", "role", "round")


@cache
def business() -> Model:
    """The model of every line in this package."""
    modules = [import_module(f"{__name__}.{module.name}") for module in pkgutil.iter_modules(__path__)]
    return Model([line for module in modules for line in lines_of(module)], KINDS)
