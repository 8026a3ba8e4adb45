"""Finding processes by number and birth, and ending them with their children."""

from __future__ import annotations

import contextlib
import hashlib
import os
import uuid
from collections.abc import Callable
from pathlib import Path

import psutil

# The module that does a run, as the command of its process names it.
WORKER = "profiling.worker.worker"
# Differs each time that the computer starts.
BOOT = Path("/proc/sys/kernel/random/boot_id")


def birth(process: psutil.Process) -> str | None:
    """Return what tells a process from all others of its number, however the clock is set; None outside of Linux.

    Linux tells when a process began only by a clock that can be set; its own count of ticks since the computer started
    cannot. Other systems keep the time at which the process began.
    """
    try:
        # The name in parentheses may hold anything; 20 fields after it, the kernel counts the ticks.
        ticks = Path(f"/proc/{process.pid}/stat").read_text(errors="replace").rpartition(")")[2].split()[19]
        return f"{BOOT.read_text().strip()}/{ticks}"
    except (OSError, IndexError):
        return None


def host() -> str:
    """Return twelve characters that tell this computer from others, and nothing else of it.

    The containers of one computer share them. On Linux they change with each start of the computer.
    """
    try:
        known = BOOT.read_text(encoding="ascii")
    except OSError:
        known = f"{uuid.getnode()}"
    return hashlib.sha256(known.strip().encode()).hexdigest()[:12]


def running(pid: int | None, created: float | None, born: str | None = None) -> psutil.Process | None:
    """Return the process of that number if it still runs, and if it is the same one, since numbers are reused.

    `born` is its `birth`; where that is unknown, `created` must agree, in seconds since 1970. A process of which
    neither is known is nobody's.
    """
    if pid is None:
        return None
    try:
        process = psutil.Process(pid)
        if born is not None:
            same = birth(process) == born
        else:
            same = created is not None and abs(process.create_time() - created) < 1
        return process if same and process.status() != psutil.STATUS_ZOMBIE else None
    except psutil.Error:
        return None


def busy_cores() -> tuple[float, int]:
    """Return how many processor cores were in use since the last call, on average, and how many there are."""
    every = psutil.cpu_count() or 1
    return psutil.cpu_percent(interval=None) / 100 * every, every


def is_worker(process: psutil.Process, folder: Path) -> bool:
    """Return whether a process does the run in a folder, by the command that started it."""
    try:
        command = process.cmdline()
    except psutil.Error:
        return False
    return WORKER in command and os.path.realpath(folder) in map(os.path.realpath, command[1:])


def kill_tree(root: int | psutil.Process) -> None:
    """Kill a process, or the one of that number, and its descendants, as far as they exist and are this user's."""
    with contextlib.suppress(psutil.Error):
        root = psutil.Process(root) if isinstance(root, int) else root
        for member in [*root.children(recursive=True), root]:
            with contextlib.suppress(psutil.Error):
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
