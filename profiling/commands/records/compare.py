"""`compare`: whether a change between two records is larger than the noise between runs."""

from __future__ import annotations

import argparse
from contextlib import suppress
from pathlib import Path

from profiling.commands import shared
from profiling.errors import RecordError
from profiling.results.record import Record
from profiling.runs import jobs

HELP = "two records, or a record with the one before it: what changed by more than the noise"
KEYS = {
    "old": "id of the older record",
    "new": "id of the newer record",
    "level": "confidence of the intervals of the changes",
    "changes": "each metric at each point that both records have, with both estimates",
    "differences": "what else differs between the runs, in sentences",
    "unmatched": "cases that only one record has",
}


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the two records."""
    parser.add_argument("new", type=Path, metavar="NEW", help=shared.RECORD_HELP)
    parser.add_argument(
        "old",
        type=Path,
        nargs="?",
        metavar="OLD",
        help="the record to compare with (default: the newest older run of the same preset on the same device)",
    )


def run(options: argparse.Namespace) -> int:
    """Print what changed."""
    from profiling.results import compare

    new = shared.find_record(options.new, options)
    old = _before(new, options) if options.old is None else shared.find_record(options.old, options)
    found = compare.compare(old, new)
    shared.show(found.to_json(), compare.text(found), options)
    return 0


def _before(new: Record, options: argparse.Namespace) -> Record:
    """Return the run before a record's; raise RecordError where there is none."""
    from profiling.results import compare

    known = []
    for job in jobs.jobs(options.out):
        with suppress(RecordError):  # one that cannot be read does not hide the others
            if (found := job.record()) is not None:
                known.append(found)
    if (old := compare.before(new, known)) is None:
        what = f"no older run of {new.preset} on {new.label} is kept here"
        raise RecordError(what, todo="name the record to compare with")
    return old
