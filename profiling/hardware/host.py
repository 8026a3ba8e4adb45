"""The CPU as a device: no driver reports its power, but the system lists other processes."""

from __future__ import annotations

import contextlib
import platform
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


def cpu_name() -> str:
    """Return the processor's name, or its architecture where the system does not tell the name."""
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        for line in cpuinfo.read_text(errors="replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


class HostSensor(NoSensor):
    """Sensor of a CPU: lists other processes, and leaves power unknown, since an estimate is not a measurement."""

    def others(self, own: Sequence[int]) -> list[dict[str, Any]]:
        """Return processes that use more than a tenth of a core over half a second, with the cores each uses."""
        every = list(psutil.process_iter())
        for process in every:
            _cores(process)
        time.sleep(LOOK_SECONDS)
        used = [(process, _cores(process)) for process in every if process.pid not in own]
        return [
            {"pid": process.pid, "name": name, "cores": round(cores, 2)}
            for process, (cores, name) in used
            if cores > BUSY_SHARE
        ]


def _cores(process: psutil.Process) -> tuple[float, str]:
    """Return how many cores a process used since it was looked at last, and its name; none of one that has ended."""
    try:
        return process.cpu_percent() / 100, process.name()
    except psutil.Error:
        return 0.0, ""


def memory_kills() -> int | None:
    """Return how many processes the system has killed for lack of memory since it started; None if unknown."""
    with contextlib.suppress(OSError, ValueError):
        for line in KILL_COUNT.read_text().splitlines():
            name, _, count = line.partition(" ")
            if name == "oom_kill":
                return int(count)
    return None
