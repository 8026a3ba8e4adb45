"""What several commands do alike: finding a record or a run, printing, and seeing a run through."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from profiling.errors import JobError, RecordError, WorkloadError
from profiling.results import record, report
from profiling.results.record import Record
from profiling.runs import jobs
from profiling.runs.follow import follow
from profiling.runs.job import Job

RECORD_HELP = "a record's file, a run's folder, or its id"


def show(data: Any, text: str, options: argparse.Namespace) -> None:
    """Prints the JSON or the text, as was asked."""
    print(json.dumps(data, ensure_ascii=False) if options.json else text)


def warn(sentence: str) -> None:
    """Says something beside the result, on stderr."""
    print(f"profiling: {sentence}", file=sys.stderr)


def show_record(shown: Record, options: argparse.Namespace) -> None:
    """Prints a record for people, or as JSON."""
    show(shown.to_json(), report.text(shown), options)


def find_run(named: Path, options: argparse.Namespace) -> Job:
    """The run that a folder or an id names; raises JobError where there is none."""
    return Job(named) if (named / "request.json").is_file() else jobs.find(str(named), options.out)


def find_record(named: Path, options: argparse.Namespace) -> Record:
    """The record in a file, in a run's folder, or of a run's id; raises RecordError or JobError.

    Where lines of a run's events cannot be read, that is said.
    """
    if named.is_file():
        return record.load(named)
    job = find_run(named, options)
    found = record_of(job)
    if found is None:
        raise WorkloadError(f"run {job.id} has measured nothing yet; it is {job.state().status}")
    if (damage := job.damage()) is not None:
        warn(damage)
    return found


def record_of(job: Job) -> Record | None:
    """A run's record; raises RecordError with the way back where it is damaged."""
    try:
        return job.record()
    except RecordError as error:
        raise RecordError(f"{error}; `resume {job.id}` makes it anew from what the run finished") from error


def see_through(job: Job, options: argparse.Namespace, cancel: bool) -> int:
    """Follows a run to its end and prints what it measured; Ctrl-C cancels it, or leaves it running."""
    try:
        state = follow(job, sys.stderr)
    except KeyboardInterrupt:
        if cancel:
            print(f"\nprofiling: cancelled; {job.folder} keeps what was finished", file=sys.stderr)
            job.cancel()
        return 130
    measured = record_of(job)
    if measured is not None:
        show_record(measured, options)
        warn(f"record in {job.folder}")
    if state.status != "done":
        warn(f"the run {state.status}: {state.error or state.message}")
        return 1
    return 0 if measured is not None and any(case.status != "failed" for case in measured.cases) else 1


def stands(job: Job) -> dict[str, Any]:
    """Where a run stands, for a list; one unreadable folder does not hide the others."""
    line: dict[str, Any] = {"id": job.id, "folder": str(job.folder)}
    try:
        state = job.state()
    except JobError as error:
        return {**line, "status": "unreadable", "message": f"{error}; `resume {job.id}` goes on with the run"}
    return {**line, "status": state.status, "progress": state.progress, "message": state.error or state.message}
