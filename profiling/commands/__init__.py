"""The commands of `python -m profiling`, one module each.

A module has `HELP`, `arguments(parser)` for its own options, and `run(options)`, which gives the exit code.  All
of them are given `options.out`, the folder of all runs, and `options.json`, whether to print one JSON object.
"""

from __future__ import annotations

import argparse
from importlib import import_module
from importlib.util import find_spec
from typing import Protocol, cast

# In the order in which a person meets them.
NAMES = (
    "list",
    "devices",
    "size",
    "estimate",
    "run",
    "follow",
    "cancel",
    "resume",
    "show",
    "report",
    "compare",
    "schema",
)


class Command(Protocol):
    """A module of this package."""

    HELP: str

    def arguments(self, parser: argparse.ArgumentParser) -> None:
        """Adds the command's own options."""

    def run(self, options: argparse.Namespace) -> int:
        """Does it; gives the process's exit code."""


def available() -> list[str]:
    """The names of the commands that are there."""
    return [name for name in NAMES if find_spec(f"{__name__}.{name}")]


def load(name: str) -> Command:
    """The command of that name; each brings libraries of its own, which no other waits for."""
    return cast(Command, import_module(f"{__name__}.{name}"))
