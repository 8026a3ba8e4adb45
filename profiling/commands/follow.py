"""`follow`: see a run to its end that was started elsewhere."""

from __future__ import annotations

import argparse

from profiling.commands import shared
from profiling.runs import jobs

HELP = "follow a run that was started elsewhere"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Which run."""
    parser.add_argument("run", metavar="RUN", help="the id of a run")


def run(options: argparse.Namespace) -> int:
    """Follows a run; Ctrl-C leaves it running."""
    return shared.see_through(jobs.find(options.run, options.out), options, cancel=False)
