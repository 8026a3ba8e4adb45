"""The CPU as a device: no driver reports its power, but the system lists other processes."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import psutil

from profiling.hardware.sensor import NoSensor

# Less than a tenth of a core does not affect a measurement.
BUSY_SHARE = 0.10
LOOK_SECONDS = 0.5
# Linux counts here the processes that it killed for lack of memory, in any container.
KILL_COUNT = Path("/proc/vmstat")


class HostSensor(NoSensor):
    """Sensor of a CPU: lists other processes, and leaves power unknown, since an estimate is not a measurement."""

    def others(self, own: Sequence[int]) -> list[dict[str, Any]]:
        """Return processes that use more than a tenth of a core over half a second, with the cores each uses."""
        before = _cpu_seconds()
        time.sleep(LOOK_SECONDS)
        used = {pid: (now - before.get(pid, (now, ""))[0], name) for pid, (now, name) in _cpu_seconds().items()}
        return [
            {"pid": pid, "name": name, "cores": round(seconds / LOOK_SECONDS, 2)}
            for pid, (seconds, name) in used.items()
            if seconds > BUSY_SHARE * LOOK_SECONDS and pid not in own
        ]


def _cpu_seconds() -> dict[int, tuple[float, str]]:
    """Return CPU seconds and name of every visible process."""
    found = {}
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error), process.oneshot():
            times = process.cpu_times()
            found[process.pid] = (times.user + times.system, process.name())
    return found


def memory_kills() -> int | None:
    """Return how many processes the system has killed for lack of memory since it started; None if unknown."""
    with contextlib.suppress(OSError, ValueError):
        for line in KILL_COUNT.read_text().splitlines():
            name, _, count = line.partition(" ")
            if name == "oom_kill":
                return int(count)
    return None
