"""Processes by number and time of birth, and ending them with all that they started."""

from __future__ import annotations

import contextlib
from collections.abc import Callable

import psutil


def running(pid: int | None, created: float | None) -> psutil.Process | None:
    """The process of that number where it still runs; numbers are given out again, so its birth must agree.

    `created` is in seconds since 1970; None where nobody wrote it down.
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
    """Kills a process and its descendants, as far as they are still there."""
    with contextlib.suppress(psutil.NoSuchProcess):
        root = psutil.Process(pid)
        for member in [*root.children(recursive=True), root]:
            with contextlib.suppress(psutil.NoSuchProcess):
                member.kill()


def kill_descendants() -> None:
    """Kills all that this process started."""
    for child in psutil.Process().children():
        kill_tree(child.pid)


def kill_where(environment: Callable[[dict[str, str]], bool]) -> None:
    """Kills every process whose environment is so: orphans have lost their parent, but not what they inherited."""
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            if environment(process.environ()):
                process.kill()
