"""One measurement at a time on this machine.

The lock is the machine's and not a device's, since a run on the CPU disturbs one on the GPU that it feeds.
The system frees it when its holder ends, however that happens.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import filelock

from profiling import places
from profiling.errors import CancelledError, DeviceBusyError
from profiling.files import write_atomic

POLL_SECONDS = 0.2


def _lock() -> filelock.FileLock:
    places.locks().mkdir(parents=True, exist_ok=True)
    return filelock.FileLock(places.locks() / "device.lock")


def _note() -> Path:
    return places.locks() / "device.holder"


def holder() -> str | None:
    """Who holds the device; None where it is free."""
    lock = _lock()
    try:
        lock.acquire(timeout=0)
    except filelock.Timeout:
        return _note().read_text() if _note().exists() else "another run"
    lock.release()
    return None


def acquire(
    name: str, wait: bool, waiting_for: Callable[[str], None], cancelled: Callable[[], bool]
) -> filelock.FileLock:
    """The device's lock, held in this process's name until it ends.

    Says through `waiting_for` who holds it meanwhile.  Raises DeviceBusyError without `wait`, and
    CancelledError once `cancelled()` is true.
    """
    lock, told = _lock(), ""
    while True:
        try:
            lock.acquire(timeout=POLL_SECONDS if wait else 0)
        except filelock.Timeout:
            current = _note().read_text() if _note().exists() else "another run"
            if not wait:
                raise DeviceBusyError(f"the device is taken by {current}; wait for it, or cancel it first") from None
            if current != told:
                waiting_for(told := current)
            if cancelled():
                raise CancelledError("the run was cancelled while it waited") from None
        else:
            write_atomic(_note(), f"{name} (process {os.getpid()})")
            return lock
