"""`resume`: measure what a run that stopped has left."""

from __future__ import annotations

import argparse

from profiling.commands import shared
from profiling.runs import jobs

HELP = "go on with a run that stopped: keep the cases it finished, and measure the rest"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Which run, and how strictly."""
    parser.add_argument("run", metavar="RUN", help="the id of a run")
    parser.add_argument(
        "--anyway", action="store_true", help="also where the device or a library has changed; the record notes it"
    )
    parser.add_argument("--no-wait", action="store_true", help="fail where another run holds the device")


def run(options: argparse.Namespace) -> int:
    """Goes on with a run and follows it; Ctrl-C cancels it."""
    job = jobs.resume(jobs.find(options.run, options.out), options.anyway, wait=not options.no_wait)
    return shared.see_through(job, options, cancel=True)
