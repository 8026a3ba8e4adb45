"""Finding processes by number and start time, and ending them with their children."""

from __future__ import annotations

import contextlib
from collections.abc import Callable

import psutil


def running(pid: int | None, created: float | None) -> psutil.Process | None:
    """Return the process of that number if it still runs; its start time must agree, since numbers are reused.

    `created` is in seconds since 1970; None: unknown.
    """
    if pid is None:
        return None
    try:
        process = psutil.Process(pid)
        same = created is None or abs(process.create_time() - created) < 1
        return process if same and process.status() != psutil.STATUS_ZOMBIE else None
    except psutil.NoSuchProcess:
        return None


def kill_tree(pid: int) -> None:
    """Kill a process and its descendants, as far as they still exist."""
    with contextlib.suppress(psutil.NoSuchProcess):
        root = psutil.Process(pid)
        for member in [*root.children(recursive=True), root]:
            with contextlib.suppress(psutil.NoSuchProcess):
                member.kill()


def kill_descendants() -> None:
    """Kill all processes that this one started."""
    for child in psutil.Process().children():
        kill_tree(child.pid)


def kill_where(environment: Callable[[dict[str, str]], bool]) -> None:
    """Kill every process with a matching environment, which orphans keep when they have lost their parent."""
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            if environment(process.environ()):
                process.kill()
