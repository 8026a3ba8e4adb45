"""`list`: the presets, all runs, and the queue."""

from __future__ import annotations

import argparse
from typing import Any

from profiling.commands import shared
from profiling.errors import JobError
from profiling.runs import jobs, lock
from profiling.runs.job import Job
from profiling.workload import presets

HELP = "presets, and all runs so far"
KEYS = {
    "presets": "each with name, title, description, takes (how long, in words)",
    "runs": "newest first, each with id, folder, status, progress (from 0 to 1), message",
    "queue": "ids of the runs that measure or wait, in order",
}


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add nothing: the command has no options of its own."""


def run(options: argparse.Namespace) -> int:
    """Print presets, runs with their state, and the queue."""
    offered = [
        {"name": one.name, "title": one.title, "description": one.description, "takes": one.seconds_estimate}
        for one in presets.PRESETS.values()
    ]
    runs = [_state(job) for job in jobs.jobs(options.out)]
    queue = [ticket.name for ticket in lock.queue()]
    width = max(len(each["name"]) for each in offered)
    lines = [f"{each['name']:<{width}} {each['description']} Takes {each['takes']}." for each in offered]
    lines += ["", *map(_line, runs)] if runs else []
    lines += ["", f"queue: {', '.join(queue)}"] if len(queue) > 1 else []
    shared.show({"presets": offered, "runs": runs, "queue": queue}, "\n".join(lines), options)
    return 0


def _state(job: Job) -> dict[str, Any]:
    """Return the state of a run as plain values; one unreadable folder does not hide the others."""
    line: dict[str, Any] = {"id": job.id, "folder": str(job.folder)}
    try:
        state = job.state()
    except JobError as error:
        return {**line, "status": "unreadable", "progress": None, "message": f"{error}; `resume {job.id}` continues it"}
    return {**line, "status": state.status, "progress": state.progress, "message": state.error or state.message}


def _line(run: dict[str, Any]) -> str:
    """Return a run's id and status, with the message of its state where that says more."""
    said = "" if run["message"] == run["status"] else f"  {run['message']}"
    return f"{run['id']}  {run['status']}{said}"
