"""`run`: measure a preset, a workload of your own, or a sweep over either."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

from profiling.commands import shared
from profiling.errors import ProfilingError, WorkloadError, counted
from profiling.runs import jobs
from profiling.workload import presets, workload
from profiling.workload.sweep import Part
from profiling.workload.workload import Workload

HELP = "measure a preset, and follow it to its end"
KEYS = shared.RECORD_KEYS


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add what to measure, and how often."""
    parser.add_argument("preset", nargs="?", help=f"one of {', '.join(presets.PRESETS)}")
    parser.add_argument(
        "--workload", type=Path, metavar="FILE", help="a workload of your own, as JSON, instead of a preset"
    )
    shared.add_changes(parser)
    parser.add_argument(
        "--part", type=str, metavar="N/PARTS", help="measure one part of the cases: 2/4; `merge` joins the records"
    )
    parser.add_argument("--no-wait", action="store_true", help="fail where another run holds the device")


def run(options: argparse.Namespace) -> int:
    """Start a run and follow it; Ctrl-C cancels it."""
    asked, part = _asked(options), Part.parse(options.part) if options.part else None
    _foretell(part.cut(asked) if part else asked, options.out)
    job = jobs.start(asked, options.out, wait=not options.no_wait, part=part)
    return shared.see_through(job, options, cancel=True)


def _asked(options: argparse.Namespace) -> Workload:
    """Return the workload with its changes and its sweep; raise WorkloadError."""
    if (options.preset is None) == (options.workload is None):
        raise WorkloadError("name either a preset or --workload FILE", todo="`list` shows the presets")
    if options.workload is None:
        if options.preset not in presets.PRESETS and Path(options.preset).is_file():
            raise WorkloadError(f"{options.preset} is a file, and no preset", todo="name it by --workload")
        return shared.changed(presets.find(options.preset).workload, options)
    return shared.changed(_anywhere(workload.load(options.workload)), options)


def _anywhere(asked: Workload) -> Workload:
    """Return the workload with absolute paths, since it is measured, now or when it is resumed, in another folder."""
    model, data = dict(asked.model), asked.data
    if "path" in model:
        model["path"] = str(Path(model["path"]).expanduser().absolute())
    if data.path is not None:
        data = replace(data, path=str(Path(data.path).expanduser().absolute()))
    return replace(asked, model=model, data=data)


def _foretell(asked: Workload, out: Path | None) -> None:
    """Say how many cases there are, and how long they will take as far as records and data sheets tell."""
    from profiling.estimates.before import before

    count = counted(len(asked.cases), "cases")
    try:
        forecast = before(asked, out)
    except Exception as error:  # a record damaged in any way must not keep anybody from measuring anew
        why = str(error) if isinstance(error, ProfilingError) else f"a record at hand cannot be used ({error!r})"
        shared.warn(f"{count}; how long they take is not known beforehand: {why}")
        return
    if (seconds := forecast.seconds) is None:
        least = f", but {_time(forecast.least_seconds)} at least" if forecast.least_seconds >= 1 else ""
        shared.warn(f"{count}; how long they take is not known beforehand{least}")
        return
    shared.warn(f"{count}, about {_time(seconds.value)} ({_time(seconds.low)} to {_time(seconds.high)})")


def _time(seconds: float) -> str:
    """Return a length of time for people: `40 s`, `12 min`, `3.5 h`."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 90 * 60 else f"{seconds / 3600:.1f} h"
