"""One repeat of one case, in a process of its own; torch runs here.

The result is plain data: times, counts, memory, energy.  `metrics` makes figures of them.
"""

from __future__ import annotations

import itertools
import math
import os
import platform
import time
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from importlib.metadata import packages_distributions, version
from pathlib import Path
from statistics import median
from typing import Any
from zlib import crc32

import psutil
import torch
from yarl import URL

from profiling.errors import Phrase, UnsupportedError
from profiling.hardware import ceiling, nvml
from profiling.hardware import device as devices
from profiling.hardware.sensor import NoSensor, Reading, Sensor, Watch, idle_watts, shortest_window_seconds
from profiling.making import parallel
from profiling.measure import trace
from profiling.measure.method import Method, Timing
from profiling.measure.statistics import is_steady, settling_rounds
from profiling.models import models
from profiling.runs import live
from profiling.runs.live import Report
from profiling.serving import quantisation
from profiling.worker import ranks
from profiling.workload import address
from profiling.workload.kinds import KINDS
from profiling.workload.kinds.kind import FEWEST_STEPS
from profiling.workload.kinds.work import BYTES
from profiling.workload.workload import Case, Effort, Workload

# A repeat that had not settled is measured again, with what it did so far as its warm-up; after this many, it fails.
ATTEMPTS = 3
# File systems take 255 bytes, and a letter may have three.
LONGEST_TRACE_NAME = 75


def examine(workload: Workload) -> dict[str, Any]:
    """Measure the device's ceiling and describe device and software; each run begins with one such look a repeat."""
    if "url" in workload.model:
        return _server(workload)
    devices.multiply_exactly()
    device = devices.choose(workload.device)
    sensor = devices.sensor(device)
    others = sensor.others(own=(os.getpid(), os.getppid()))  # before this process opens the device
    devices.open_up(device)
    precisions = [_precision(workload.at(case), device) for case in workload.cases]
    known = [name for name in precisions if name] or [devices.default_precision(device)]
    return {
        "device": {**devices.describe(device), **sensor.facts()},
        "software": software(),
        "precision": next((name for name in precisions if name), None),
        "parameters": models.parameters(workload),
        "engine": models.engine(workload),
        "others": others,
        "ceiling": ceiling.measure(device, sorted({devices.arithmetic(name, device) for name in known})),
    }


def _server(workload: Workload) -> dict[str, Any]:
    """Return what is known of a server: only what its user states; raise WorkloadError where its key is missing."""
    address.key(workload.model)
    name = workload.model.get("device") or f"server at {workload.model['url']}"
    return {
        "device": {"kind": "server", "name": name, "count": workload.model.get("devices") or 1},
        "software": software(),
        "precision": None,
        "parameters": None,
        "engine": workload.model.get("engine")
        or f"whatever serves {workload.model['name']} at {workload.model['url']}",
        "others": None,
        "ceiling": {"matmul_flops": 0.0, "matmul_seconds": {}, "copy_bytes": 0.0, "copy_seconds": 1.0},
    }


def _precision(workload: Workload, device: torch.device) -> str | None:
    """Return the precision of a case; None where the device cannot compute in it, which the case reports."""
    try:
        found = devices.precision(workload.precision, device)
        quantisation.check(found, device)
    except UnsupportedError:
        return None
    return found


def software() -> dict[str, str]:
    """Return the versions and settings of the software that the figures depend on."""
    libraries = {name: version(name) for name in ("torch", "transformers", "peft", "numpy")}
    on_accelerator = {
        "cuda": torch.version.cuda,
        "rocm": torch.version.hip,
        "cudnn": torch.backends.cudnn.version(),  # type: ignore[no-untyped-call]
        # Its distribution has other names beside torch for ROCm, and on Windows.
        "triton": " ".join(map(version, packages_distributions().get("triton", ()))) or None,
        "allocator": os.environ.get("PYTORCH_ALLOC_CONF", os.environ.get("PYTORCH_CUDA_ALLOC_CONF")),
    }
    known = {name: str(value) for name, value in on_accelerator.items() if value is not None}
    return {"python": platform.python_version(), **libraries, **known, "platform": platform.platform()}


def measure(
    workload: Workload, case: Case, repeat: int, scratch: Path, report: Report = live.nothing
) -> dict[str, Any]:
    """Measure one repeat of one case, and tell `report` the progress.

    Raises UnsupportedError for what a device or library cannot do; torch.OutOfMemoryError and the like pass through.
    """
    workload, kind = workload.at(case), KINDS[case.kind]
    if kind.way == "server":
        return _loaded(workload, case, repeat, report)
    if workload.parallel != "none" and not parallel.active():
        return ranks.launch(workload, case, repeat, scratch, report)
    devices.multiply_exactly()
    torch.manual_seed(workload.seed + repeat)
    device = devices.choose(workload.device)
    precision = devices.precision(workload.precision, device)
    if kind.takes_method and precision in quantisation.QUANTISED:
        raise UnsupportedError(
            f"weights in {precision} are served, not trained", todo="ask for float32, or the method qlora"
        )
    sensor = devices.sensor(device)
    idle = idle_watts(sensor)  # before this process opens the device
    sensor.claim(partial(devices.open_up, device))
    activations = quantisation.activations(precision, device)
    told = {
        "precision": precision,
        "arithmetic": devices.arithmetic(precision, device),
        "activations": activations,
        "weight_bytes": BYTES[activations],
        "idle_watts": idle,
    }
    if kind.way == "course":
        return {**told, **_course(workload, case, precision, sensor, report)}
    started = time.perf_counter()
    method: Method = kind.run(workload, case, precision, device, report)
    warm = warm_up(method, workload.effort, started)
    window = max(workload.effort.seconds, shortest_window_seconds(sensor))
    measured = settle(method, replace(workload.effort, seconds=window), warm, sensor, report)
    traced = _traced(method, case, device, scratch) if workload.trace == "yes" and repeat == 0 else {}
    return {
        **told,
        **_warmth(warm, median(measured["step_seconds"]) if workload.compile != "no" else None),
        **measured,
        **traced,
        **method.finish(scratch),
    }


def _loaded(workload: Workload, case: Case, repeat: int, report: Report) -> dict[str, Any]:
    """Return one load on a server, with energy, clocks and memory over its window where the server's device is here."""
    model, asked = workload.model, (case.point, workload.effort, workload.seed + repeat)
    sensor = _sensor_of_server(workload)
    with Watch(sensor, report) as watch:
        loaded: dict[str, Any] = KINDS[case.kind].run(model["url"], model["name"], *asked, key=address.key(model))
    loaded["devices"] = model.get("devices") or 1
    if sensor.reading() == Reading() or "window_start" not in loaded:
        return loaded
    window = watch.between(loaded["window_start"], loaded["window_start"] + loaded["window_seconds"])
    energy, whole = window.energy(), watch.energy()
    said = Phrase(
        "Energy, clocks and memory are those of {device} of this computer, on which the server is taken to run; "
        "the workload's 'device' names another.",
        device=sensor.title(),
    )
    return {
        **loaded,
        "notes": [*loaded["notes"], said],
        "precision": None,
        "idle_watts": None,
        "memory": {"driver_used_bytes": sensor.memory_used_bytes()},
        "energy": energy and {**energy, "warning": whole and whole["warning"]},
        "clocks": window.clocks(),
        "throttle_reasons": window.throttle_reasons,
    }


def _sensor_of_server(workload: Workload) -> Sensor:
    """Return the sensor of this computer's device where a server here runs on it; NoSensor for any other server.

    It is the device that the workload names, or else the first on which somebody else computes.
    """
    device = devices.choose(workload.device)
    if not address.is_loopback(URL(workload.model["url"]).host or ""):
        return NoSensor()
    # A server has libraries of its own, and may use a device that torch here does not know.
    unknown = device.type == "cpu" and workload.device == "auto"
    sensors = [] if unknown else [devices.sensor(device)]
    if workload.device == "auto":
        sensors += nvml.boards()
    return next((one for one in sensors if one.others(own=(os.getpid(), os.getppid())) != []), NoSensor())


def _course(workload: Workload, case: Case, precision: str, sensor: Sensor, report: Report) -> dict[str, Any]:
    """Return one whole course, watched from its start to its end: it settles nowhere and is told by its curve."""
    device = devices.choose(workload.device)
    devices.reset_peaks(device)
    with Watch(sensor, report) as watch:
        found = KINDS[case.kind].run(workload, case, precision, device, report)
    return {"seconds": watch.seconds, **found, **_surroundings(watch, device, sensor)}


def _warmth(warm: Mapping[str, float], compiled_step: float | None) -> dict[str, Any]:
    """Return the record's figures of the warm-up; compiling is what the first step took longer than a compiled one.

    The warm-up may be that first step alone, so the compiled one is a measured one; None where nothing is compiled.
    """
    return {
        "warmup_count": warm["count"],
        "warmup_seconds": warm["seconds"],
        "time_to_first_step_seconds": warm["time_to_first_step_seconds"],
        "compile_seconds": (None if compiled_step is None else max(0.0, warm["first_step_seconds"] - compiled_step)),
    }


def _traced(method: Method, case: Case, device: torch.device, scratch: Path) -> dict[str, Any]:
    """Return the operators of a case, and write its trace beside the scratch folder, which is deleted."""
    name = "-".join([case.kind, *(f"{name}_{value}" for name, value in case.point.items())])
    safe = "".join(sign if sign.isalnum() or sign in "-_." else "_" for sign in name)
    if len(safe) > LONGEST_TRACE_NAME:  # a case may name any number of fields
        safe = f"{safe[:LONGEST_TRACE_NAME]}-{crc32(name.encode()):08x}"
    # The processes of several devices have a folder inside of the scratch folder.
    run = scratch.parents[1] if parallel.active() else scratch.parent
    return trace.operators(method.run, device, run / "traces" / f"{safe}.json.gz")


def warm_up(method: Method, effort: Effort, started: float | None = None) -> dict[str, float]:
    """Run steps until both the least count and the least seconds are reached; return how many, and how long.

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
    method: Method, effort: Effort, warm: Mapping[str, float], sensor: Sensor, report: Report = live.nothing
) -> dict[str, Any]:
    """Measure until the step times show no trend, three times at most; keep the last measurement.

    The steps that still belong to the settling are left out of the times; memory and energy are those of the whole
    window, whose steps are `window_count`.
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
    """Return whether the prompts' own times show no trend; too few of them count as steady."""
    prefills = timing.parts.get("prefill_seconds", [])
    return len(prefills) < FEWEST_STEPS or is_steady(prefills)


def run_for(method: Method, effort: Effort, step_seconds: float) -> tuple[int, Timing]:
    """Run for both the least steps and the least seconds; return how many steps that took, and their times.

    `step_seconds` is an estimate. Where it was too long, the missing seconds are run in a further window.
    """
    count = max(effort.steps, math.ceil(effort.seconds / step_seconds))
    timing = method.run(count)
    while timing.seconds < effort.seconds:
        more = math.ceil((effort.seconds - timing.seconds) / timing.seconds * count)
        timing += method.run(more)
        count += more
    return count, timing


def _own() -> list[int]:
    """Return the processes that train together: this one, the one that started it, and all that the latter started."""
    parent = psutil.Process().parent()
    kin = [] if parent is None else [parent, *parent.children(recursive=True)]
    return [os.getpid(), *(process.pid for process in kin)]


def _times(timing: Timing) -> dict[str, Any]:
    # Six digits are beyond any clock's noise, and keep thousands of samples legible.
    steps = [float(f"{seconds:.6g}") for seconds in timing.steps]
    return {"seconds": timing.seconds, "step_seconds": steps, **timing.totals}


def _surroundings(watch: Watch, device: torch.device, sensor: Sensor) -> dict[str, Any]:
    """Return memory, energy, clocks and throttling over the measured steps, and the other processes at their end."""
    others, used = sensor.others(own=_own()), sensor.memory_used_bytes()
    return {
        "others": others,
        "cores": torch.get_num_threads() if device.type == "cpu" else None,
        "memory": {
            "allocated_peak_bytes": devices.allocated_peak_bytes(device),
            "reserved_peak_bytes": devices.reserved_peak_bytes(device),
            "driver_used_bytes": used,
            "context_bytes": None if others != [] else devices.context_bytes(device, used),
            "capacity_bytes": devices.capacity_bytes(device),
            "resident_peak_bytes": watch.resident_peak_bytes,
        },
        "energy": watch.energy(),
        "clocks": watch.clocks(),
        "throttle_reasons": watch.throttle_reasons,
        "busy_share": watch.busy_share,
    }
