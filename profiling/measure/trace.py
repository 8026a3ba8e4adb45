"""The operators that take the time: a few more steps under torch's profiler, after the measured ones."""

from __future__ import annotations

import gzip
import shutil
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import torch
from torch._C._autograd import DeviceType
from torch.profiler import ProfilerActivity, profile

# More steps do not change the shares; each costs megabytes of trace.
STEPS = 2
TOP = 15
# No viewer opens a larger trace.
LARGEST_TRACE_BYTES = 64 * 2**20


def operators(work: Callable[[int], object], device: torch.device, path: Path) -> dict[str, Any]:
    """Return the operators that took most time by themselves, and write a Chrome trace (.json.gz) to `path`.

    `share` is of the time in all operators, on the accelerator where there is one, else on the host.
    `kernel_seconds_per_step` is the time that the accelerator computes for one step; None on the host, and where the
    driver lets nobody see its kernels.
    `trace_file` is the file's name; None where the trace would be too large for a viewer, and is not kept.
    """
    activities = [ProfilerActivity.CPU, *_accelerators(device)]
    with profile(activities=activities) as profiler:
        work(STEPS)
    times = own_times(profiler.key_averages(), on_host=len(activities) == 1)
    kernels = sum(seconds for seconds, _ in times.values()) / STEPS if len(activities) > 1 else 0.0
    return {
        "operators": _top(times, device),
        "kernel_seconds_per_step": kernels or None,
        "trace_file": _export(profiler, path),
    }


def _accelerators(device: torch.device) -> list[ProfilerActivity]:
    names = {"cuda": "CUDA", "xpu": "XPU"}
    return [getattr(ProfilerActivity, names[device.type])] if device.type in names else []


def own_times(events: Iterable[Any], *, on_host: bool) -> dict[str, tuple[float, int]]:
    """Return by name an operator's own seconds, without those it calls, and its calls.

    On an accelerator those are its kernels: torch counts the time of each a second time, for the operator that
    launched it, and a third time for a span that somebody named around it.
    """
    ran = [
        event for event in events if on_host or (event.device_type != DeviceType.CPU and not event.is_user_annotation)
    ]
    return {
        event.key: (float(event.self_cpu_time_total if on_host else event.self_device_time_total) / 1e6, event.count)
        for event in ran
    }


def _top(times: Mapping[str, tuple[float, int]], device: torch.device) -> list[dict[str, Any]]:
    """Return name, device, calls, seconds and share of the largest."""
    total = sum(time for time, _ in times.values())
    largest = sorted(times.items(), key=lambda item: -item[1][0])[:TOP]
    return [
        {"name": name, "device": device.type, "calls": calls, "seconds": time, "share": time / total}
        for name, (time, calls) in largest
        if time > 0
    ]


def _export(profiler: profile, path: Path) -> str | None:
    path.parent.mkdir(parents=True, exist_ok=True)
    plain = path.with_suffix("")
    profiler.export_chrome_trace(str(plain))
    kept = plain.stat().st_size <= LARGEST_TRACE_BYTES
    if kept:
        with plain.open("rb") as full, gzip.open(path, "wb") as packed:
            shutil.copyfileobj(full, packed)
    plain.unlink()
    return path.name if kept else None
