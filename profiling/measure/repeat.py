"""One repeat of one case, in the process that it was given for itself.  Here torch runs.

The result is plain data: times, counts, memory, energy.  What they mean is `metrics`' business.
"""

from __future__ import annotations

import itertools
import math
import os
import platform
import time
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

import psutil
import torch

from profiling.errors import UnsupportedError
from profiling.hardware import ceiling
from profiling.hardware import device as devices
from profiling.hardware.sensor import Sensor, Watch, idle_watts
from profiling.making import parallel, ranks
from profiling.measure import trace
from profiling.measure.method import Method, Timing
from profiling.measure.statistics import is_steady, settling_rounds
from profiling.models import models
from profiling.runs import live
from profiling.runs.live import Report
from profiling.serving import quantisation
from profiling.workload.kinds import KINDS
from profiling.workload.kinds.kind import FEWEST_STEPS
from profiling.workload.kinds.work import BYTES
from profiling.workload.workload import Case, Effort, Workload

# A run that had not settled is measured again, what it did so far being its warm-up; in the end it is given up.
ATTEMPTS = 3


def examine(workload: Workload) -> dict[str, Any]:
    """The device, the software, and the ceiling; the first thing that a run measures, once a repeat."""
    if "url" in workload.model:
        return _server(workload)
    device = devices.choose(workload.device)
    sensor = devices.sensor(device)
    precisions = [_precision(workload.at(plan), device) for plan in workload.cases]
    known = [name for name in precisions if name] or [devices.default_precision(device)]
    return {
        "device": {**devices.describe(device), **sensor.facts()},
        "software": software(),
        "precision": next((name for name in precisions if name), None),
        "parameters": models.parameters(workload),
        "engine": models.engine(workload),
        "others": sensor.others(own=(os.getpid(), os.getppid())),
        "ceiling": ceiling.measure(device, sorted({devices.arithmetic(name) for name in known})),
    }


def _server(workload: Workload) -> dict[str, Any]:
    """What is known of a server: what its user says of it."""
    name = workload.model.get("device") or f"server at {workload.model['url']}"
    return {
        "device": {"kind": "server", "name": name, "count": 1},
        "software": software(),
        "precision": None,
        "parameters": None,
        "engine": f"whatever serves {workload.model['name']} at {workload.model['url']}",
        "others": None,
        "ceiling": {"matmul_flops": 0.0, "matmul_seconds": {}, "copy_bytes": 0.0, "copy_seconds": 1.0},
    }


def _precision(workload: Workload, device: torch.device) -> str | None:
    """The precision of a case; None where the device has none such, which the case itself will say."""
    try:
        found = devices.precision(workload.precision, device)
        quantisation.check(found, device)
    except UnsupportedError:
        return None
    return found


def software() -> dict[str, str]:
    """Versions of what the figures depend on."""
    libraries = {name: version(name) for name in ("torch", "transformers", "peft", "numpy")}
    return {"python": platform.python_version(), **libraries, "platform": platform.platform()}


def measure(
    workload: Workload, plan: Case, repeat: int, scratch: Path, report: Report = live.nothing
) -> dict[str, Any]:
    """One repeat of one case, which tells `report` how it goes.

    Raises UnsupportedError for what device or library cannot do; torch.OutOfMemoryError and its like come as they are.
    """
    workload, kind = workload.at(plan), KINDS[plan.kind]
    if kind.way == "server":
        server = (workload.model["url"], workload.model["name"])
        loaded: dict[str, Any] = kind.run(*server, plan.point, workload.effort, workload.seed + repeat)
        return loaded
    if workload.parallel != "none" and not parallel.active():
        return ranks.launch(workload, plan, repeat, scratch, report)
    torch.manual_seed(workload.seed + repeat)
    device = devices.choose(workload.device)
    precision = devices.precision(workload.precision, device)
    if kind.takes_method and precision in quantisation.QUANTISED:
        raise UnsupportedError(f"weights in {precision} are served, not trained; ask for float32, or the method qlora")
    sensor = devices.sensor(device)
    activations = quantisation.activations(precision, device)
    told = {
        "precision": precision,
        "arithmetic": devices.arithmetic(precision),
        "activations": activations,
        "weight_bytes": BYTES[activations],
        "idle_watts": idle_watts(sensor),
    }
    if kind.way == "course":
        return {**told, **_course(workload, plan, precision, sensor, report)}
    started = time.perf_counter()
    method: Method = kind.run(workload, plan, precision, device, report)
    warm = warm_up(method, workload.effort, started)
    measured = settle(method, workload.effort, warm, sensor, report)
    traced = _traced(method, plan, device, scratch) if workload.trace == "yes" and repeat == 0 else {}
    return {
        **told,
        **_warmth(warm, compiled=workload.compile == "yes"),
        "tokens": measured["window_count"] * step_tokens(plan.point),
        **measured,
        **traced,
        **method.finish(scratch),
    }


def _course(workload: Workload, plan: Case, precision: str, sensor: Sensor, report: Report) -> dict[str, Any]:
    """Return one whole course, watched from its start to its end: it settles nowhere and is told by its curve."""
    device = devices.choose(workload.device)
    devices.reset_peaks(device)
    with Watch(sensor, report) as watch:
        found = KINDS[plan.kind].run(workload, plan, precision, device, report)
    return {"seconds": watch.seconds, **found, **_surroundings(watch, device, sensor)}


def _warmth(warm: Mapping[str, float], compiled: bool) -> dict[str, Any]:
    """What is told of the warm-up; compiling is what the first step took longer than the last."""
    return {
        "warmup_count": warm["count"],
        "warmup_seconds": warm["seconds"],
        "time_to_first_step_seconds": warm["time_to_first_step_seconds"],
        "compile_seconds": max(0.0, warm["first_step_seconds"] - warm["last_step_seconds"]) if compiled else None,
    }


def _traced(method: Method, plan: Case, device: torch.device, scratch: Path) -> dict[str, Any]:
    """Operators and a trace of the case, beside the scratch folder, which does not last."""
    name = "-".join([plan.kind, *(f"{name}_{value}" for name, value in plan.point.items())])
    safe = "".join(sign if sign.isalnum() or sign in "-_." else "_" for sign in name)
    # The processes of several devices have a folder inside of the scratch folder, which does not last either.
    run = scratch.parents[1] if parallel.active() else scratch.parent
    return trace.operators(method.run, device, run / "traces" / f"{safe}.json.gz")


def step_tokens(point: Mapping[str, Any]) -> int:
    """Tokens that one step trains, reads, or writes."""
    return int(point["batch"] * point.get("new_tokens", point.get("tokens", 0)))


def warm_up(method: Method, effort: Effort, started: float | None = None) -> dict[str, float]:
    """Runs steps until both the least count and the least seconds are reached; says how many, and how long.

    The time to the first step's end counts from `started`, before the model was built.
    """
    began = time.perf_counter()
    first = last = method.run(1).seconds
    to_first = time.perf_counter() - (began if started is None else started)
    count = 1
    while count < effort.warmup_steps or time.perf_counter() - began < effort.warmup_seconds:
        last = method.run(1).seconds
        count += 1
    return {
        "count": count,
        "seconds": time.perf_counter() - began,
        "time_to_first_step_seconds": to_first,
        "first_step_seconds": first,
        "last_step_seconds": last,
    }


def settle(
    method: Method,
    effort: Effort,
    warm: Mapping[str, float],
    sensor: Sensor,
    report: Report = live.nothing,
) -> dict[str, Any]:
    """Measures until the step times show no trend, three times at most; the last measurement stands.

    Of each measurement the steps that still belong to its settling are left out of the times; memory and energy
    are those of the whole window, whose steps are `window_count`.
    """
    device, step_seconds = method.device, warm["last_step_seconds"]
    for attempt in itertools.count(1):
        devices.reset_peaks(device)
        with Watch(sensor, report) as watch:
            count, timing = run_for(method, effort, step_seconds)
        step_seconds = timing.seconds / count
        discarded = settling_rounds(timing.steps, count)
        kept = timing.without_first(discarded, count)
        # Each step goes through the same series, of one or of many decoding steps.
        steady = is_steady(kept.steps, rounds=count - discarded) and _prefill_is_steady(kept)
        if steady or attempt == ATTEMPTS:
            break
    return {
        "count": count - discarded,
        "window_count": count,
        "discarded_count": discarded,
        "attempts": attempt,
        "steady": steady,
        **_times(kept),
        **_surroundings(watch, device, sensor),
    }


def _prefill_is_steady(timing: Timing) -> bool:
    """Whether the prompts' own times show no trend; too few of them say nothing, and hold nothing against the run."""
    prefills = timing.parts.get("prefill_seconds", [])
    return len(prefills) < FEWEST_STEPS or is_steady(prefills)


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


def _own() -> list[int]:
    """This process, the one that started it, and what that one started besides: those that train together."""
    parent = psutil.Process().parent()
    kin = [] if parent is None else [parent, *parent.children(recursive=True)]
    return [os.getpid(), *(process.pid for process in kin)]


def _times(timing: Timing) -> dict[str, Any]:
    # Six digits are beyond any clock's noise, and keep thousands of samples legible.
    steps = [float(f"{seconds:.6g}") for seconds in timing.steps]
    return {"seconds": timing.seconds, "step_seconds": steps, **timing.totals}


def _surroundings(watch: Watch, device: torch.device, sensor: Sensor) -> dict[str, Any]:
    """Memory, energy, clocks and throttling over the measured steps, and who else was on the device by their end."""
    return {
        "others": sensor.others(own=_own()),
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
