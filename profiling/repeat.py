"""One repeat of one case, in the process that it was given for itself.  Here torch runs.

The result is plain data: times, counts, memory, energy.  What they mean is `metrics`' business.
"""

from __future__ import annotations

import math
import os
import platform
import time
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch

from profiling import ceiling, models
from profiling import device as devices
from profiling.methods import DTYPES, METHODS, Method, Timing
from profiling.sensor import Sensor, Watch, idle_watts
from profiling.statistics import is_steady
from profiling.workload import CasePlan, Effort, Workload

# A run that had not settled is measured again, what it did so far being its warm-up; in the end it is given up.
ATTEMPTS = 3


def examine(workload: Workload) -> dict[str, Any]:
    """The device, the software, and the ceiling; the first thing that a run measures, once a repeat."""
    device = devices.choose(workload.device)
    precision = devices.precision(workload.precision, device)
    sensor = devices.sensor(device)
    return {
        "device": {**devices.describe(device), **sensor.facts()},
        "software": software(),
        "precision": precision,
        "engine": models.engine(),
        "others": sensor.others(own=(os.getpid(), os.getppid())),
        "ceiling": ceiling.measure(device, DTYPES[precision]),
    }


def software() -> dict[str, str]:
    """Versions of what the figures depend on."""
    libraries = {name: version(name) for name in ("torch", "transformers", "peft", "numpy")}
    return {"python": platform.python_version(), **libraries, "platform": platform.platform()}


def measure(workload: Workload, plan: CasePlan, repeat: int, scratch: Path) -> dict[str, Any]:
    """One repeat of one case; raises torch.OutOfMemoryError and its like as they come."""
    torch.manual_seed(workload.seed + repeat)
    device = devices.choose(workload.device)
    precision = devices.precision(workload.precision, device)
    sensor = devices.sensor(device)
    idle = idle_watts(sensor)
    method = METHODS[plan.kind](workload, plan.point, precision, device)
    warm = warm_up(method, workload.effort)
    measured = settle(method, workload.effort, warm, device, sensor)
    after = method.finish(scratch)
    return {
        "idle_watts": idle,
        "warmup_count": warm["count"],
        "warmup_seconds": warm["seconds"],
        "tokens": measured["count"] * step_tokens(plan.point),
        **measured,
        **after,
    }


def step_tokens(point: Mapping[str, Any]) -> int:
    """Tokens that one step trains, reads, or writes."""
    return int(point["batch"] * point.get("new_tokens", point.get("tokens", 0)))


def warm_up(method: Method, effort: Effort) -> dict[str, float]:
    """Runs steps until both the least count and the least seconds are reached; says how many, and how long."""
    started = time.perf_counter()
    count, last = 0, 0.0
    while count < effort.warmup_steps or time.perf_counter() - started < effort.warmup_seconds:
        last = method.run(1).seconds
        count += 1
    return {"count": count, "seconds": time.perf_counter() - started, "last_step_seconds": last}


def settle(
    method: Method, effort: Effort, warm: Mapping[str, float], device: torch.device, sensor: Sensor
) -> dict[str, Any]:
    """Measures until the step times show no trend, three times at most; the last measurement stands."""
    step_seconds = warm["last_step_seconds"]
    for _ in range(ATTEMPTS):
        devices.reset_peaks(device)
        with Watch(sensor) as watch:
            count, timing = run_for(method, effort, step_seconds)
        step_seconds = timing.seconds / count
        # Each step goes through the same series, of one or of many decoding steps.
        steady = is_steady(timing.steps, rounds=count)
        if steady:
            break
    return {"count": count, "steady": steady, **_times(timing), **_surroundings(watch, device, sensor)}


def run_for(method: Method, effort: Effort, step_seconds: float) -> tuple[int, Timing]:
    """Runs for both the least steps and the least seconds; says how many steps that took, and their times.

    `step_seconds` is a guess. Where it was too long, as much as is missing is run in a further window.
    """
    count = max(effort.steps, math.ceil(effort.seconds / step_seconds))
    timing = method.run(count)
    while timing.seconds < effort.seconds:
        more = math.ceil((effort.seconds - timing.seconds) / timing.seconds * count)
        timing += method.run(more)
        count += more
    return count, timing


def _times(timing: Timing) -> dict[str, Any]:
    # Six digits are beyond any clock's noise, and keep thousands of samples legible.
    steps = [float(f"{seconds:.6g}") for seconds in timing.steps]
    return {"seconds": timing.seconds, "step_seconds": steps, **timing.totals}


def _surroundings(watch: Watch, device: torch.device, sensor: Sensor) -> dict[str, Any]:
    """Memory, energy, clocks and throttling over the measured steps."""
    return {
        "memory": {
            "allocated_peak_bytes": devices.allocated_peak_bytes(device),
            "reserved_peak_bytes": devices.reserved_peak_bytes(device),
            "driver_used_bytes": sensor.memory_used_bytes(),
            "capacity_bytes": devices.capacity_bytes(device),
            "resident_peak_bytes": watch.resident_peak_bytes,
        },
        "energy": watch.energy(),
        "clocks": watch.clocks(),
        "throttle_reasons": watch.throttle_reasons,
    }
