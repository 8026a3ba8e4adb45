"""Following a run in the terminal: a progress bar on a terminal, plain lines in a file or pipe."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TextIO

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from profiling.runs.job import Job, State

LOOK_EVERY_SECONDS = 0.2
# Live values of a run, and how the line shows them.
LIVE = {"tokens_per_second": "{:,.0f} token/s", "loss": "loss {:.3g}", "watts": "{:.0f} W", "celsius": "{:.0f} °C"}


def follow(job: Job, stream: TextIO) -> State:
    """Show the progress of the run until it ends, and return its last state."""
    if not stream.isatty():
        return _watch(job, lambda state: print(f"{state.progress:4.0%} {state.message}", file=stream, flush=True))
    columns = BarColumn(), TextColumn("{task.percentage:3.0f} %"), TimeElapsedColumn(), TextColumn("{task.description}")
    with Progress(*columns, console=Console(file=stream)) as progress:
        task = progress.add_task("starting", total=1.0)

        def show(state: State) -> None:
            progress.update(task, completed=state.progress, description=f"{state.message}{_live(job)}")

        return _watch(job, show, always=True)


def _live(job: Job) -> str:
    """Return the last live values, for the end of a line."""
    values = job.live() or {}
    known = [(values[name], words) for name, words in LIVE.items() if values.get(name) is not None]
    return "".join(f" · {words.format(value)}" for value, words in known)


def _watch(job: Job, show: Callable[[State], object], always: bool = False) -> State:
    """Call `show` with every new message, or with `always` at each look, until the run ends; return its last state."""
    shown = ""
    while True:
        state = job.state()
        if always or state.message != shown:
            show(state)
            shown = state.message
        if state.final:
            return state
        time.sleep(LOOK_EVERY_SECONDS)
