"""`follow`: watch a run that was started elsewhere until it ends.

JSON: the record, as `schema` describes it.
"""

from __future__ import annotations

import argparse

from profiling.commands import shared
from profiling.runs import jobs

HELP = "follow a run that was started elsewhere"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the run."""
    parser.add_argument("run", metavar="RUN", help=shared.RUN_HELP)


def run(options: argparse.Namespace) -> int:
    """Follow a run; Ctrl-C leaves it running."""
    return shared.see_through(jobs.find(options.run, options.out), options, cancel=False)
