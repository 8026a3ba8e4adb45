"""The commands of `python -m simulator`, one module each, some in a folder of `ROOMS`.

A module has `HELP`, `KEYS` (what `--json` prints, key by key), `arguments(parser)` for its options, and
`run(options)`, which returns the exit code. Every command accepts `--json`. A command builds plain values and prints
either those as JSON or a table made from them. Imports everything else in `simulator`, and of `profiling` the folder
of profile runs.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from importlib import import_module
from typing import Protocol, cast

# In the order in which a founder needs them.
NAMES = (
    *("new", "run", "check", "compare", "kpis", "statements", "captable", "find", "explain"),
    *("workbook", "import-workbook", "live", "diff", "bundle", "verify", "comment"),
    *(
        "price",
        "map",
        "charging",
        "rivals",
        "solve",
        "reach",
        "swings",
        "indices",
        "worth",
        "risk",
        "trial",
        "dependence",
        "capacity",
        "attach",
        "retention",
        "bill",
        "cards",
        "fields",
        "lines",
        "schema",
    ),
)
# Commands in a room of their own.
ROOMS = {
    **dict.fromkeys(("compare", "find", "explain"), "understanding."),
    **dict.fromkeys(
        ("workbook", "import-workbook", "live", "diff", "bundle", "verify", "comment"),
        "sharing.",
    ),
<<<<<<< HEAD
    **dict.fromkeys(("price", "map", "charging", "rivals"), "pricing."),
=======
>>>>>>> main
    **dict.fromkeys(
        (
            *("map", "charging", "rivals", "solve", "reach", "capacity"),
            *("swings", "indices", "worth", "risk", "trial", "dependence"),
        ),
        "deciding.",
    ),
}


class Command(Protocol):
    """A module of this package."""

    HELP: str
    KEYS: Mapping[str, str]

    def arguments(self, parser: argparse.ArgumentParser) -> None:
        """Add the command's options."""

    def run(self, options: argparse.Namespace) -> int:
        """Run the command and return the exit code of the process."""


def load(name: str) -> Command:
    """Return the command of that name; importing one leaves the libraries of all others unloaded."""
    return cast(Command, import_module(f"{__name__}.{ROOMS.get(name, '')}{name.replace('-', '_')}"))
