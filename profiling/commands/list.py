"""`list`: the presets, the runs that were made, and those that wait."""

from __future__ import annotations

import argparse
from typing import Any

from profiling.commands import shared
from profiling.runs import jobs, lock
from profiling.workload import presets

HELP = "presets, and the runs that were made"


def arguments(parser: argparse.ArgumentParser) -> None:
    """None of its own."""


def run(options: argparse.Namespace) -> int:
    """Presets, runs with their state, and the queue in its order."""
    offered = [_preset(preset) for preset in presets.PRESETS.values()]
    runs = [shared.stands(job) for job in jobs.jobs(options.out)]
    queue = [ticket.name for ticket in lock.queue()]
    width = max(len(each["name"]) for each in offered)
    lines = [f"{each['name']:<{width}} {each['description']} Takes {each['takes']}." for each in offered]
    lines += ["", *map(_line, runs)] if runs else []
    lines += ["", f"queue: {', '.join(queue)}"] if len(queue) > 1 else []
    shared.show({"presets": offered, "runs": runs, "queue": queue}, "\n".join(lines), options)
    return 0


def _preset(preset: presets.Preset) -> dict[str, str]:
    return {
        "name": preset.name,
        "title": preset.title,
        "description": preset.description,
        "takes": preset.seconds_estimate,
    }


def _line(run: dict[str, Any]) -> str:
    """A run's id and status, and whatever else its state says."""
    said = "" if run["message"] == run["status"] else f"  {run['message']}"
    return f"{run['id']}  {run['status']}{said}"
