"""The commands of `python -m profiling`, one module each, some in a folder of `ROOMS`.

A module has `HELP`, `KEYS` (what `--json` prints, key by key), `arguments(parser)` for its options, and `run(options)`,
which returns the exit code. Every command accepts `--json` and `--out`, the folder of all runs unless the module's
`OUT` says what else. A command builds plain values, and prints either those as JSON or a text made from them. Modules
that load slowly, such as torch and plotly, are imported inside `run`. May import everything in `profiling`, and nothing
of `simulator`.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from importlib import import_module
from typing import Protocol, cast

# In the order in which a user needs them.
NAMES = (
    *("survey", "list", "devices", "size", "estimate", "run", "serve", "follow"),
    *("cancel", "resume", "show", "report", "choose", "compare", "merge", "schema"),
)
# Commands in a room of their own.
ROOMS = dict.fromkeys(("show", "report", "choose", "compare", "merge"), "records.")


class Command(Protocol):
    """A module of this package."""

    HELP: str
    KEYS: Mapping[str, str]

    def arguments(self, parser: argparse.ArgumentParser) -> None:
        """Add the command's own options."""

    def run(self, options: argparse.Namespace) -> int:
        """Run the command, and return the exit code."""


def load(name: str) -> Command:
    """Return the command of that name."""
    return cast(Command, import_module(f"{__name__}.{ROOMS.get(name, '')}{name}"))
