"""The device that runs the model: choosing it, describing it, waiting for it, and its memory.

What torch offers for every accelerator alike is used as such; the few calls that differ stand here.
"""

from __future__ import annotations

import platform
from pathlib import Path
from typing import Any

import psutil
import torch

from profiling.errors import DeviceError, PrecisionError
from profiling.hardware import nvml
from profiling.hardware.host import HostSensor
from profiling.hardware.sensor import NoSensor, Sensor

# Where torch keeps count of its allocations on the device.
COUNTED = ("cuda", "xpu")
# What torch's allocator on the CPU, a driver, and cuBLAS or cuDNN say in errors that only their text tells apart.
OUT_OF_MEMORY = ("DefaultCPUAllocator", "out of memory", "_STATUS_ALLOC_FAILED")


def choose(name: str) -> torch.device:
    """The device of that name, `auto` being the accelerator where there is one; raises DeviceError."""
    if name == "auto":
        found = torch.accelerator.current_accelerator(check_available=True)
        return found if found is not None else torch.device("cpu")
    try:
        device = torch.device(name)
        torch.empty(1, device=device)
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        raise DeviceError(f"no device {name!r} on this machine; `devices` lists those there are") from error
    return device


def default_precision(device: torch.device) -> str:
    """What a device computes in unless another precision is asked for."""
    return "float32" if device.type == "cpu" else "bfloat16"


def precision(asked: str, device: torch.device) -> str:
    """The precision to compute in; raises PrecisionError for float16 on a CPU."""
    if asked == "auto":
        return default_precision(device)
    if asked == "float16" and device.type == "cpu":
        raise PrecisionError("float16 has no fast arithmetic on a CPU; ask for float32 or bfloat16")
    return asked


def arithmetic(stored: str) -> str:
    """The precision that is multiplied in: weights of 4 bits are widened first, those of 8 bits are not."""
    return "bfloat16" if stored == "int4" else stored


def sensor(device: torch.device) -> Sensor:
    """The driver's view of the device; NoSensor where there is no driver that can be asked."""
    if device.type == "cpu":
        return HostSensor()
    if device.type != "cuda":
        return NoSensor()
    return nvml.sensor(f"GPU-{torch.cuda.get_device_properties(device).uuid}")


def describe(device: torch.device) -> dict[str, Any]:
    """Kind, name, count and memory of the device, as the record holds them."""
    if device.type == "cpu":
        return {
            "kind": "cpu",
            "name": cpu_name(),
            "count": 1,
            "cores": torch.get_num_threads(),
            "memory_capacity_bytes": psutil.virtual_memory().total,
        }
    name = torch.cuda.get_device_name(device) if device.type == "cuda" else f"{platform.machine()} {device.type}"
    return {"kind": device.type, "name": name, "count": 1, "memory_capacity_bytes": capacity_bytes(device)}


def cpu_name() -> str:
    """The processor's own name, or its architecture where the system does not say."""
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        for line in cpuinfo.read_text(errors="replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def synchronise(device: torch.device) -> None:
    """Waits until the device has done all that it was asked."""
    if device.type != "cpu":
        torch.accelerator.synchronize(device)


def capacity_bytes(device: torch.device) -> int | None:
    """The device's whole memory; None where torch cannot tell."""
    if device.type == "cpu":
        return int(psutil.virtual_memory().total)
    return int(torch.accelerator.get_memory_info(device)[1]) if device.type in COUNTED else None


def reset_peaks(device: torch.device) -> None:
    """Forgets the largest allocations so far, those of the warm-up."""
    if device.type in COUNTED:
        torch.accelerator.reset_peak_memory_stats(device)


def allocated_peak_bytes(device: torch.device) -> int | None:
    """The most that tensors took since the last reset; None where nobody counts."""
    return int(torch.accelerator.max_memory_allocated(device)) if device.type in COUNTED else None


def reserved_peak_bytes(device: torch.device) -> int | None:
    """The most that torch held for tensors since the last reset; None where nobody counts."""
    return int(torch.accelerator.max_memory_reserved(device)) if device.type in COUNTED else None


def ran_out_of_memory(error: BaseException) -> bool:
    """Whether an error says that memory ran out, on the device or on the host."""
    if isinstance(error, torch.OutOfMemoryError | MemoryError):
        return True
    bare = type(error) is RuntimeError or isinstance(error, torch.AcceleratorError)
    return bare and any(text in str(error) for text in OUT_OF_MEMORY)
