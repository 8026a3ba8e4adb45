"""`merge`: one record of the parts of a sweep that several hosts measured."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

from profiling.commands import shared
from profiling.errors import ProfilingError, RecordError, counted
from profiling.results import record
from profiling.results.record import Record
from profiling.runs import jobs
from profiling.runs.job import Job

HELP = "make one record of the parts of a sweep, or of one workload on several hosts"
KEYS = shared.RECORD_KEYS
OUT = ("RECORD", "the file of the merged record")


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the folders of the parts."""
    words = "a folder of runs, a run's folder, or a record's file"
    parser.add_argument("folders", type=Path, nargs="+", metavar="DIR", help=words)


def run(options: argparse.Namespace) -> int:
    """Write the merged record, and print it."""
    from profiling.measure import merging

    if options.out is None:
        raise RecordError("the merged record has no file", todo="name one by --out RECORD")
    found = [one for folder in options.folders for one in _records(folder)]
    if not found:
        raise RecordError(f"no record in {', '.join(map(str, options.folders))}", todo="name the folders of the runs")
    merged = merging.merged(found)
    record.write(options.out, merged)
    shared.show_record(merged, options)
    shared.warn(f"record of {counted(len(found), 'runs')} in {options.out}")
    return 0


def _records(folder: Path) -> Iterator[Record]:
    """Yield the records in a folder; a run without a readable one is passed over with a warning."""
    if folder.is_file():
        yield record.load(folder)
        return
    for job in [Job(folder)] if (folder / "request.json").is_file() else jobs.jobs(folder):
        try:
            found = shared.record_of(job)
        except ProfilingError as error:
            shared.warn(f"passed over: {error}")
            continue
        if found is None:
            shared.warn(f"passed over: nothing has been measured yet in run {job.id}")
        else:
            yield found
