"""`show`: one record for people, with the definition of each metric."""

from __future__ import annotations

import argparse
from pathlib import Path

from profiling.commands import shared

HELP = "a record for people, with definitions"
KEYS = shared.RECORD_KEYS


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the record."""
    parser.add_argument("record", type=Path, metavar="RECORD|RUN", help=shared.RECORD_HELP)


def run(options: argparse.Namespace) -> int:
    """Print one record; for a run in progress, the cases finished so far."""
    shared.show_record(shared.find_record(options.record, options), options)
    return 0
