"""What several commands do: finding a record or a run, printing, and following a run to its end."""

from __future__ import annotations

import argparse
import json
import math
import signal
import sys
from pathlib import Path
from typing import Any

from profiling.checks import LARGEST_INTEGER
from profiling.errors import RecordError, WorkloadError
from profiling.results import record
from profiling.results.record import Record
from profiling.runs import jobs
from profiling.runs.job import Job
from profiling.workload import sweep
from profiling.workload.workload import Workload

RECORD_HELP = "a record's file, a run's folder, or its id"
RUN_HELP = "the id of a run"
# The fields of a record, for the help of the commands that print one.
RECORD_KEYS = {name: rule["description"] for name, rule in record.RECORD["properties"].items()}


def positive(text: str) -> float:
    """Return a number above 0, such as 15e12, of an option; raise ArgumentTypeError for any other text."""
    try:
        value = float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number") from None
    if not 0 < value < math.inf:
        raise argparse.ArgumentTypeError(f"{text} is not above 0, or infinite")
    return value


def whole(text: str, most: int = LARGEST_INTEGER) -> int:
    """Return a whole number from 1 of an option; raise ArgumentTypeError for any other text."""
    value = positive(text)
    if value != int(value) or value > most:
        raise argparse.ArgumentTypeError(f"{text} is no whole number from 1 to {most}")
    return int(value)


def add_changes(parser: argparse.ArgumentParser) -> None:
    """Add the options that change a workload."""
    parser.add_argument(
        "--set", action="append", default=[], metavar="FIELD=VALUE", help="change one field: seed=7, seconds=0.5"
    )
    parser.add_argument(
        "--sweep",
        action="append",
        default=[],
        metavar="FIELD=VALUE,VALUE",
        help="measure every case at each value: batch=1,2,4; several sweeps are combined",
    )


def changed(asked: Workload, options: argparse.Namespace) -> Workload:
    """Return the workload with the changes and the sweep of the options; raise WorkloadError."""
    return sweep.expand(sweep.change(asked, *options.set), [sweep.Axis.parse(text) for text in options.sweep])


def show(data: Any, text: str, options: argparse.Namespace) -> None:
    """Print the value as JSON, or the text."""
    print(json.dumps(data, ensure_ascii=False) if options.json else text)


def warn(sentence: str) -> None:
    """Print a sentence on stderr, beside the result."""
    print(f"profiling: {sentence}", file=sys.stderr)


def show_record(shown: Record, options: argparse.Namespace) -> None:
    """Print a record as text or as JSON."""
    from profiling.results import report

    show(shown.to_json(), report.text(shown), options)


def find_record(named: Path, options: argparse.Namespace) -> Record:
    """Return the record in a file, in a run's folder, or of a run's id; raise RecordError or JobError.

    Warn where lines of the run's events cannot be read.
    """
    if named.is_file():
        return record.load(named)
    job = Job(named) if (named / "request.json").is_file() else jobs.find(str(named), options.out)
    found = record_of(job)
    if found is None:
        status = job.state().status
        raise WorkloadError(f"nothing has been measured yet; the run is {status}", where=f"run {job.id}")
    if (damage := job.damage()) is not None:
        warn(damage)
    return found


def record_of(job: Job) -> Record | None:
    """Return a run's record; raise RecordError with the way to restore it where it is damaged."""
    try:
        return job.record()
    except RecordError as error:
        todo = f"`resume {job.id}` writes it again from the finished cases"
        raise RecordError(error.what, where=error.where, todo=todo) from error


def see_through(job: Job, options: argparse.Namespace, cancel: bool) -> int:
    """Follow a run to its end, print its record, and return the exit code.

    Ctrl-C, or a request to terminate this process, ends the run only if `cancel`.
    """
    from profiling.runs.follow import follow

    if cancel:
        signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        state = follow(job, sys.stderr)
    except KeyboardInterrupt:
        if cancel:
            print(f"\nprofiling: cancelled; {job.folder} keeps the finished cases", file=sys.stderr)
            job.cancel()
        return 130
    measured = record_of(job)
    if measured is not None:
        show_record(measured, options)
        warn(f"record in {job.folder}")
    if state.status != "done":
        warn(f"run {job.id}: {state.status}; {state.error or state.message}")
        return 1
    return 0 if measured is not None and any(case.status != "failed" for case in measured.cases) else 1
