"""`resume`: measure the cases that a stopped run has left.

JSON: the record, as `schema` describes it.
"""

from __future__ import annotations

import argparse

from profiling.commands import shared
from profiling.runs import jobs

HELP = "continue a run that stopped: keep the cases it finished, and measure the rest"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the run, and how strictly its device must be the same."""
    parser.add_argument("run", metavar="RUN", help=shared.RUN_HELP)
    parser.add_argument(
        "--anyway", action="store_true", help="even if the device or a library has changed; the record notes it"
    )
    parser.add_argument("--no-wait", action="store_true", help="fail where another run holds the device")


def run(options: argparse.Namespace) -> int:
    """Continue a run and follow it; Ctrl-C cancels it."""
    job = jobs.resume(jobs.find(options.run, options.out), options.anyway, wait=not options.no_wait)
    return shared.see_through(job, options, cancel=True)
