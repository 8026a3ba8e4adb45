"""The device that runs the model: choosing it, describing it, waiting for it, and its memory.

Most calls are torch's for every accelerator; the few that differ between accelerators are here.
"""

from __future__ import annotations

import platform
from contextlib import suppress
from typing import Any

import psutil
import torch

from profiling.errors import DeviceError, Phrase, PrecisionError
from profiling.hardware import hwmon, nvml
from profiling.hardware.host import HostSensor, cpu_name
from profiling.hardware.sensor import NoSensor, Sensor

# Device types whose allocations torch counts.
COUNTED = ("cuda", "xpu")
# Texts of torch's CPU allocator, of a driver, and of cuBLAS or cuDNN, whose errors have no type of their own.
OUT_OF_MEMORY = ("DefaultCPUAllocator", "out of memory", "_STATUS_ALLOC_FAILED")

# The compute capability of Ampere; before it, as on a T4 or V100, bfloat16 is emulated, ten times as slow.
FIRST_WITH_BFLOAT16 = (8, 0)

DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}


def choose(name: str) -> torch.device:
    """Return the device of that name, for `auto` the accelerator if there is one; raise DeviceError."""
    if name == "auto":
        found = torch.accelerator.current_accelerator(check_available=True)
        return found if found is not None else torch.device("cpu")
    with suppress(RuntimeError):  # torch knows no such type
        device, found = torch.device(name), torch.accelerator.current_accelerator(check_available=True)
        # Nothing is opened here: the sensor first looks at who is on the device.
        there = found is not None and found.type == device.type
        if device.type == "cpu" or (there and (device.index or 0) < torch.accelerator.device_count()):
            return device
    raise DeviceError(
        Phrase("no device {name} on this computer", name=repr(name)), todo="`devices` lists those that there are"
    )


def multiply_exactly() -> None:
    """Let no product in float32 be rounded to TF32, which convolutions are by default and the ceiling is not."""
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = False


def open_up(device: torch.device) -> None:
    """Let torch open the device, which takes memory and starts clocks, and make it the current one.

    Events are recorded on the current device, and some kernels and pinned memory belong to it.
    """
    if device.index is not None:
        torch.accelerator.set_device_index(device.index)
    torch.empty(1, device=device)
    synchronise(device)


def default_precision(device: torch.device) -> str:
    """Return the precision of a device where the workload names none."""
    return "float32" if device.type == "cpu" else half(device)


def half(device: torch.device) -> str:
    """Return the precision of 16 bits that the device multiplies fast."""
    old = device.type == "cuda" and torch.cuda.get_device_capability(device) < FIRST_WITH_BFLOAT16
    return "float16" if old else "bfloat16"


def precision(asked: str, device: torch.device) -> str:
    """Return the precision to compute in; raise PrecisionError for float16 on a CPU."""
    if asked == "auto":
        return default_precision(device)
    if asked == "float16" and device.type == "cpu":
        raise PrecisionError("float16 has no fast arithmetic on a CPU", todo="ask for float32 or bfloat16")
    return asked


def arithmetic(stored: str, device: torch.device) -> str:
    """Return the precision of the multiplications: weights of 4 bits are widened first, those of 8 bits are not."""
    return half(device) if stored == "int4" else stored


def sensor(device: torch.device) -> Sensor:
    """Return the sensor of the device; NoSensor without a driver that reports figures."""
    if device.type == "cpu":
        return HostSensor()
    if device.type != "cuda":
        return NoSensor()
    found: Any = torch.cuda.get_device_properties(device)  # whose types lack the address
    address = f"{found.pci_domain_id:04x}:{found.pci_bus_id:02x}:{found.pci_device_id:02x}.0"
    if torch.version.hip:
        return hwmon.HwmonSensor(hwmon.DEVICES / address)
    return nvml.sensor(str(found.uuid), address)


def describe(device: torch.device) -> dict[str, Any]:
    """Return kind, name, count and memory of the device, as in the record."""
    if device.type == "cpu":
        found = {"name": cpu_name(), "count": 1, "cores": torch.get_num_threads()}
    else:
        name = torch.cuda.get_device_name(device) if device.type == "cuda" else f"{platform.machine()} {device.type}"
        found = {"name": name, "count": 1}
    return {"kind": device.type, **found, "memory_capacity_bytes": capacity_bytes(device)}


def synchronise(device: torch.device) -> None:
    """Wait until the device has finished all queued work."""
    if device.type != "cpu":
        torch.accelerator.synchronize(device)


def capacity_bytes(device: torch.device) -> int | None:
    """Return the device's total memory; None where torch does not report it."""
    if device.type == "cpu":
        return int(psutil.virtual_memory().total)
    if device.type == "mps":  # shares the memory of the computer; more than this slows it down
        return int(torch.mps.recommended_max_memory())
    return int(torch.accelerator.get_memory_info(device)[1]) if device.type in COUNTED else None


def free_bytes(device: torch.device) -> int | None:
    """Return the memory that nobody uses at this moment; None where torch does not report it."""
    if device.type == "cpu":
        return int(psutil.virtual_memory().available)
    if device.type == "mps":
        return int(torch.mps.recommended_max_memory() - torch.mps.driver_allocated_memory())
    return int(torch.accelerator.get_memory_info(device)[0]) if device.type in COUNTED else None


def free_leftovers(device: torch.device) -> None:
    """Hand back what building a model left in torch's cache, which the peaks would count."""
    if device.type == "mps":  # whose allocator torch's common call does not know in every version
        torch.mps.empty_cache()
    elif device.type in COUNTED:
        torch.accelerator.empty_cache()


def reset_peaks(device: torch.device) -> None:
    """Reset the peak allocations, which were those of the warm-up."""
    if device.type in COUNTED:
        torch.accelerator.reset_peak_memory_stats(device)


def allocated_peak_bytes(device: torch.device) -> int | None:
    """Return the peak that tensors took since the last reset; None where torch does not count."""
    return int(torch.accelerator.max_memory_allocated(device)) if device.type in COUNTED else None


def reserved_peak_bytes(device: torch.device) -> int | None:
    """Return the peak that torch reserved for tensors since the last reset; None where torch does not count."""
    if device.type == "mps":  # counts no peak, but keeps what it has taken until it is told to free it
        return int(torch.mps.driver_allocated_memory())
    return int(torch.accelerator.max_memory_reserved(device)) if device.type in COUNTED else None


def context_bytes(device: torch.device, used_bytes: int | None) -> int | None:
    """Return what the driver and libraries hold of a device that nobody else uses, besides what torch reserves.

    `used_bytes` is all memory in use, by the driver; None where torch does not count.
    """
    if device.type not in COUNTED or used_bytes is None:
        return None
    return max(0, used_bytes - int(torch.accelerator.memory_reserved(device)))


def ran_out_of_memory(error: BaseException) -> bool:
    """Tell whether an error means that memory ran out, on the device or on the host."""
    if isinstance(error, torch.OutOfMemoryError | MemoryError):
        return True
    bare = type(error) is RuntimeError or isinstance(error, torch.AcceleratorError)
    return bare and any(text in str(error) for text in OUT_OF_MEMORY)
