"""Following a run in the terminal: a bar where there is one, plain lines elsewhere, and all of it on stderr."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TextIO

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from profiling.jobs import Job, State

LOOK_EVERY_SECONDS = 0.2


def follow(job: Job, stream: TextIO) -> State:
    """Shows how the run gets on until it ends; gives its last state."""
    if not stream.isatty():
        return _watch(job, lambda state: print(f"{state.progress:4.0%} {state.message}", file=stream, flush=True))
    columns = (
        BarColumn(),
        TextColumn("{task.percentage:3.0f} %"),
        TimeElapsedColumn(),
        TextColumn("{task.description}"),
    )
    with Progress(*columns, console=Console(file=stream)) as progress:
        task = progress.add_task("starting", total=1.0)
        return _watch(job, lambda state: progress.update(task, completed=state.progress, description=state.message))


def _watch(job: Job, show: Callable[[State], object]) -> State:
    """Calls `show` with each new message, and with the last state."""
    shown = ""
    while True:
        state = job.state()
        if state.message != shown:
            show(state)
            shown = state.message
        if state.final:
            return state
        time.sleep(LOOK_EVERY_SECONDS)
