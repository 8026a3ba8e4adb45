"""`serve`: start a server that is installed here, load it, and stop it."""

from __future__ import annotations

import argparse
import shlex
import signal
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from profiling.checks import OBJECT, check, read_json
from profiling.commands import shared
from profiling.engines import ENGINES
from profiling.engines.engine import HOST, checked_flags
from profiling.errors import WorkloadError
from profiling.runs import jobs
from profiling.workload.workload import LARGEST_REQUEST_BYTES, Workload

HELP = "start a server that is installed here, load it, and stop it"
KEYS = shared.RECORD_KEYS
# How long the largest models take to load from a disk.
WAIT_SECONDS = 1800.0
LAST_PORT = 65_535
# What is measured unless a workload is given: the server's capacity over the number of requests open.
USUAL = {
    "cases": [
        {
            "kind": "load",
            "point": {"concurrency": open_at_once, "prompt_tokens": 512, "new_tokens": 128, "requests": 64},
        }
        for open_at_once in (1, 4, 16)
    ],
    "effort": {"repeats": 3, "warmup_steps": 4, "warmup_seconds": 2, "steps": 8, "seconds": 1},
}


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the engine, the model, and what to measure."""
    tried = ", ".join(f"{name}{'' if engine.tried else ' (untried)'}" for name, engine in ENGINES.items())
    parser.add_argument("engine", choices=[*ENGINES], metavar="ENGINE", help=f"one of {tried}")
    parser.add_argument("model", help="what the engine serves: a folder, a file, or a name that it knows")
    parser.add_argument("--flags", default="", metavar="FLAGS", help="the engine's own: --flags='--device cpu'")
    parser.add_argument("--workload", type=Path, metavar="FILE", help="loads as JSON; its model is replaced")
    parser.add_argument("--program", help="the engine's command, where it is not in the path")
    parser.add_argument(
        "--port", type=partial(shared.whole, most=LAST_PORT), help="the port to serve on (default: any that is free)"
    )
    words = "that it uses (default: those that it appears on)"
    parser.add_argument("--devices", type=shared.whole, metavar="COUNT", help=words)
    words = "for the server to start"
    parser.add_argument("--wait", type=shared.positive, default=WAIT_SECONDS, metavar="SECONDS", help=words)
    shared.add_changes(parser)


def run(options: argparse.Namespace) -> int:
    """Serve, load and stop; Ctrl-C and a request to terminate stop the server, too."""
    from profiling.engines.running import free_port, running
    from profiling.hardware import nvml

    engine, flags = ENGINES[options.engine], checked_flags(options.flags)
    port = options.port or free_port()
    program = engine.found(options.program)
    command = engine.command(options.model, port, flags, program)
    title = f"{engine.title} {engine.version(program)}"
    told = f"{title}: {shlex.join(engine.told(options.model, flags, program))}"
    boards = nvml.devices()
    server = {"url": f"http://{HOST}:{port}/v1", "engine": told, "device": _device(boards), "devices": options.devices}
    asked = _asked(options, server)
    with tempfile.NamedTemporaryFile(prefix="breakeven-server-", suffix=".log", delete=False) as file:
        log = Path(file.name)
    untried = "" if engine.tried else "; nobody has tried this command line yet"
    shared.warn(f"{title}: {shlex.join(command)}{untried}; its output is in {log}")
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with running(command, port, log, options.wait):
            count = options.devices or _taken(boards, nvml.devices())
            asked = replace(asked, model={**asked.model, "devices": count})
            return shared.see_through(jobs.start(asked, options.out), options, cancel=True)
    except KeyboardInterrupt:
        shared.warn("stopped before the server was healthy")
        return 130


def _asked(options: argparse.Namespace, server: Mapping[str, Any]) -> Workload:
    """Return the loads on the server that is about to run; raise WorkloadError."""
    given: dict[str, Any] = {"name": f"serve-{options.engine.replace('.', '-')}", **USUAL}
    where = options.engine
    if options.workload is not None:
        where = str(options.workload)
        given = check(read_json(options.workload, LARGEST_REQUEST_BYTES, WorkloadError), OBJECT, where, WorkloadError)
    return shared.changed(Workload.parse({**given, "model": {**server, "name": options.model}}, where), options)


def _device(boards: Sequence[Mapping[str, Any]]) -> str:
    """Return the device of this computer, by which the record is known."""
    from profiling.hardware import host

    return str(boards[0]["name"]) if boards else f"CPU · {host.cpu_name()}"


def _taken(before: Sequence[Mapping[str, Any]], now: Sequence[Mapping[str, Any]]) -> int:
    """Return on how many boards a process appeared meanwhile; all of them where the driver lists none."""
    known = {other["pid"] for board in before for other in board["others"] or ()}
    busy = [board for board in now if {other["pid"] for other in board["others"] or ()} - known]
    return len(busy or now) or 1
