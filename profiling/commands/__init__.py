"""The commands of `python -m profiling`, one module each.

A module has `HELP`, `arguments(parser)` for its own options, and `run(options)`, which returns the exit code. Its
docstring names the keys that `--json` prints. Every command gets `options.out`, the folder of all runs, and
`options.json`, whether to print one JSON value. Heavy modules are imported inside `run`, so that `--help` loads none of
them.
"""

from __future__ import annotations

import argparse
from importlib import import_module
from importlib.util import find_spec
from typing import Protocol, cast

# In the order in which a user needs them.
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
        """Add the command's own options."""

    def run(self, options: argparse.Namespace) -> int:
        """Run the command, and return the exit code."""


def available() -> list[str]:
    """Return the names of the commands that exist."""
    return [name for name in NAMES if find_spec(f"{__name__}.{name}")]


def load(name: str) -> Command:
    """Return the command of that name."""
    return cast(Command, import_module(f"{__name__}.{name}"))
