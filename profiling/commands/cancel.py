"""`cancel`: end a run, whether it measures or waits.

JSON keys: id, status.
"""

from __future__ import annotations

import argparse

from profiling.commands import shared
from profiling.runs import jobs

HELP = "end a run, and keep the cases it finished"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the run."""
    parser.add_argument("run", metavar="RUN", help=shared.RUN_HELP)


def run(options: argparse.Namespace) -> int:
    """End a run."""
    job = jobs.find(options.run, options.out)
    status = job.cancel().status
    shared.show({"id": job.id, "status": status}, f"{job.id}: {status}", options)
    return 0
