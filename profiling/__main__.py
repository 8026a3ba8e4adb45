"""`python -m profiling`: measure, list, show, and carry a measurement into a plan.

Results go to stdout, progress and errors to stderr.  Exit codes: 0 done, 1 the run failed, 2 the command
was wrong, 130 cancelled by Ctrl-C.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from profiling import jobs, presets, record, report, workload
from profiling.errors import ProfilingError, WorkloadError
from profiling.follow import follow
from profiling.jobs import Job
from profiling.record import Record

Command = Callable[[argparse.Namespace], int]
RECORD_HELP = "a record's file, a run's folder, or its id"


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command; gives its exit code."""
    options = _parser().parse_args(arguments)
    command: Command = options.command
    try:
        return command(options)
    except ProfilingError as error:
        print(f"profiling: {error}", file=sys.stderr)
        return 2
    except BrokenPipeError:
        sys.stderr.close()  # the reader of the output went away, and Python would complain at exit
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m profiling", description="Measure models on this machine.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    run = _command(commands, "run", run_command, "measure a preset, and follow it to its end")
    run.add_argument("preset", nargs="?", help=f"one of {', '.join(presets.PRESETS)}")
    run.add_argument(
        "--workload", type=Path, metavar="FILE", help="a workload of your own, as JSON, instead of a preset"
    )
    run.add_argument("--no-wait", action="store_true", help="fail where another run holds the device")

    _command(commands, "list", list_command, "presets, and the runs that were made")
    _command(commands, "devices", devices_command, "what this machine can measure on")
    show = _command(commands, "show", show_command, "a record for people, with definitions")
    show.add_argument("record", type=Path, metavar="RECORD|RUN", help=RECORD_HELP)
    for name, action, words in (
        ("follow", follow_command, "follow a run that was started elsewhere"),
        ("cancel", cancel_command, "end a run, and keep the cases it finished"),
    ):
        _command(commands, name, action, words).add_argument("run", metavar="RUN", help="the id of a run")

    attach = _command(commands, "attach", attach_command, "write a measurement into a plan")
    attach.add_argument("record", type=Path, metavar="RECORD|RUN", help=RECORD_HELP)
    attach.add_argument("scenario", type=Path, metavar="SCENARIO")
    attach.add_argument("target", metavar="POOL|PROGRAM")
    attach.add_argument(
        "--at", nargs="+", default=[], metavar="KEY=VALUE", help="the operating point, where there are several"
    )
    return parser


def _command(commands: Any, name: str, action: Command, words: str) -> argparse.ArgumentParser:
    """A subcommand with the options that all of them share."""
    parser: argparse.ArgumentParser = commands.add_parser(name, help=words, description=words)
    parser.set_defaults(command=action)
    parser.add_argument(
        "--out", type=Path, metavar="DIR", help="the folder of all runs (default: the user's data folder)"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    return parser


def run_command(options: argparse.Namespace) -> int:
    """Starts a run and follows it; Ctrl-C cancels it."""
    if (options.preset is None) == (options.workload is None):
        raise WorkloadError("name either a preset or --workload FILE; `list` shows the presets")
    asked = options.preset if options.workload is None else workload.load(options.workload)
    return _see_through(jobs.start(asked, options.out, wait=not options.no_wait), options, cancel=True)


def follow_command(options: argparse.Namespace) -> int:
    """Follows a run; Ctrl-C leaves it running."""
    return _see_through(jobs.find(options.run, options.out), options, cancel=False)


def _see_through(job: Job, options: argparse.Namespace, cancel: bool) -> int:
    """Follows a run to its end and prints what it measured."""
    try:
        state = follow(job, sys.stderr)
    except KeyboardInterrupt:
        if cancel:
            print(f"\nprofiling: cancelled; {job.folder} keeps what was finished", file=sys.stderr)
            job.cancel()
        return 130
    measured = job.record()
    if measured is not None:
        _print_record(measured, options)
        print(f"profiling: record in {job.folder}", file=sys.stderr)
    if state.status != "done":
        print(f"profiling: the run {state.status}: {state.error or state.message}", file=sys.stderr)
        return 1
    return 0 if measured is not None and any(case.status != "failed" for case in measured.cases) else 1


def cancel_command(options: argparse.Namespace) -> int:
    """Ends a run."""
    job = jobs.find(options.run, options.out)
    status = job.cancel().status
    _print({"id": job.id, "status": status}, f"{job.id}: {status}", options)
    return 0


def list_command(options: argparse.Namespace) -> int:
    """Presets and runs."""
    shown = [
        {
            "name": preset.name,
            "title": preset.title,
            "description": preset.description,
            "takes": preset.seconds_estimate,
        }
        for preset in presets.PRESETS.values()
    ]
    runs = [_run_line(job) for job in jobs.jobs(options.out)]
    lines = [f"{item['name']:<18} {item['description']} Takes {item['takes']}." for item in shown]
    lines += ["", *(f"{run['id']}  {run['status']}" for run in runs)] if runs else []
    _print({"presets": shown, "runs": runs}, "\n".join(lines), options)
    return 0


def _run_line(job: Job) -> dict[str, str]:
    """A run's id and status; one unreadable folder does not hide the others."""
    try:
        return {"id": job.id, "folder": str(job.folder), "status": job.state().status}
    except ProfilingError as error:
        return {"id": job.id, "folder": str(job.folder), "status": f"unreadable: {error}"}


def devices_command(options: argparse.Namespace) -> int:
    """The device that a run would take, and what the NVIDIA driver knows."""
    from profiling import device, nvml

    chosen, nvidia = device.describe(device.choose("auto")), nvml.devices()
    lines = [f"a run measures on: {chosen['kind']}, {chosen['name']}"]
    lines += [f"nvidia: {each['name']}, driver {each['driver']}" for each in nvidia]
    if not nvidia:
        lines.append("nvidia: no driver answers; power and energy will not be known")
    _print({"chosen": chosen, "cpu": device.cpu_name(), "nvidia": nvidia}, "\n".join(lines), options)
    return 0


def show_command(options: argparse.Namespace) -> int:
    """One record."""
    _print_record(_find_record(options), options)
    return 0


def _find_record(options: argparse.Namespace) -> Record:
    """The record in a file, in a run's folder, or of a run's id."""
    if options.record.is_file():
        return record.load(options.record)
    job = _find_run(options)
    found = job.record()
    if found is None:
        raise WorkloadError(f"run {job.id} has measured nothing yet; it is {job.state().status}")
    return found


def _find_run(options: argparse.Namespace) -> Job:
    """The run that a folder or an id names."""
    named = options.record / "request.json"
    return Job(options.record) if named.is_file() else jobs.find(str(options.record), options.out)


def attach_command(options: argparse.Namespace) -> int:
    """Hands a measurement to the plan's own reader."""
    at = dict(_coordinate(text) for text in options.at)
    from simulator.attach import attach
    from simulator.errors import BreakevenError

    try:
        path = options.record if options.record.is_file() else _find_run(options).folder / "record.json"
        sentence = attach(path, options.scenario, options.target, at)
    except BreakevenError as error:
        print(f"profiling: {error}", file=sys.stderr)
        return 2
    _print({"attached": str(sentence)}, str(sentence), options)
    return 0


def _coordinate(text: str) -> tuple[str, str]:
    """`batch=4` as a name and a value."""
    name, equals, value = text.partition("=")
    if not (name and equals and value):
        raise WorkloadError(f"--at {text!r} is no coordinate; write it as batch=4")
    return name, value


def _print_record(shown: Record, options: argparse.Namespace) -> None:
    _print(shown.to_json(), report.text(shown), options)


def _print(data: dict[str, Any], text: str, options: argparse.Namespace) -> None:
    """The JSON or the text, as was asked."""
    print(json.dumps(data, ensure_ascii=False) if options.json else text)


if __name__ == "__main__":
    sys.exit(main())
