"""`show`: one record for people."""

from __future__ import annotations

import argparse
from pathlib import Path

from profiling.commands import shared

HELP = "a record for people, with definitions"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Which record."""
    parser.add_argument("record", type=Path, metavar="RECORD|RUN", help=shared.RECORD_HELP)


def run(options: argparse.Namespace) -> int:
    """Prints one record; of a run that still goes on, the cases it finished so far."""
    shared.show_record(shared.find_record(options.record, options), options)
    return 0
