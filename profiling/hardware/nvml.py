"""NVIDIA's management library as a `Sensor`; the only module that imports pynvml.

NVML reports power in milliwatts (averaged over a second from Ampere on) and energy in millijoules since the
driver was loaded, both for the whole board.  Only this module converts them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import psutil
import pynvml

from profiling.errors import SensorError
from profiling.hardware.sensor import NoSensor, Reading, Sensor

# Reasons for a slower clock that count as throttling; idling and clocks set by the user do not.
THROTTLING = {
    pynvml.nvmlClocksEventReasonSwPowerCap: "power cap",
    pynvml.nvmlClocksThrottleReasonHwSlowdown: "hardware slowdown",
    pynvml.nvmlClocksEventReasonSwThermalSlowdown: "software thermal slowdown",
    pynvml.nvmlClocksThrottleReasonHwThermalSlowdown: "hardware thermal slowdown",
    pynvml.nvmlClocksThrottleReasonHwPowerBrakeSlowdown: "power brake",
}

# Errors of a working driver on a device without the figure.
ABSENT = (
    pynvml.NVML_ERROR_NOT_SUPPORTED,
    pynvml.NVML_ERROR_NO_PERMISSION,
    pynvml.NVML_ERROR_FUNCTION_NOT_FOUND,
    pynvml.NVML_ERROR_NOT_FOUND,
)

# Errors without a driver, or without such a device.
NOWHERE = (
    *ABSENT,
    pynvml.NVML_ERROR_LIBRARY_NOT_FOUND,
    pynvml.NVML_ERROR_DRIVER_NOT_LOADED,
    pynvml.NVML_ERROR_INVALID_ARGUMENT,
)


class NvmlSensor:
    """Sensor of one NVIDIA device, through its driver."""

    def __init__(self, handle: Any) -> None:
        self._handle = handle

    def joules(self) -> float | None:
        """Return the board's energy counter; None before Volta."""
        millijoules = self._ask(pynvml.nvmlDeviceGetTotalEnergyConsumption)
        return None if millijoules is None else millijoules / 1000

    def reading(self) -> Reading:
        """Return power, clocks, temperature and throttling at this moment."""
        milliwatts = self._ask(pynvml.nvmlDeviceGetPowerUsage)
        reasons = self._ask(pynvml.nvmlDeviceGetCurrentClocksEventReasons)
        return Reading(
            watts=None if milliwatts is None else milliwatts / 1000,
            core_clock_mhz=self._ask(pynvml.nvmlDeviceGetClockInfo, pynvml.NVML_CLOCK_SM),
            memory_clock_mhz=self._ask(pynvml.nvmlDeviceGetClockInfo, pynvml.NVML_CLOCK_MEM),
            temperature_celsius=self._ask(pynvml.nvmlDeviceGetTemperature, pynvml.NVML_TEMPERATURE_GPU),
            throttle_reasons=None
            if reasons is None
            else tuple(name for bit, name in THROTTLING.items() if reasons & bit),
        )

    def memory_used_bytes(self) -> int | None:
        """Return the memory in use on the board by all processes, without the driver's own reserve."""
        # Version 2 keeps the driver's reserve apart; version 1 counts it as used.
        memory = self._ask(pynvml.nvmlDeviceGetMemoryInfo, pynvml.nvmlMemory_v2)
        return None if memory is None else int(memory.used)

    def facts(self) -> dict[str, Any]:
        """Return the driver version and the enforced power limit in watts."""
        limit = self._ask(pynvml.nvmlDeviceGetEnforcedPowerLimit)
        return {
            "driver": _call(pynvml.nvmlSystemGetDriverVersion),
            "power_limit_watts": None if limit is None else limit / 1000,
        }

    def others(self, own: Sequence[int]) -> list[dict[str, Any]] | None:
        """Return compute processes on the board other than `own`, with the memory of each."""
        running = self._ask(pynvml.nvmlDeviceGetComputeRunningProcesses)
        if running is None:
            return None
        return [
            {"pid": process.pid, "name": _process_name(process.pid), "memory_bytes": process.usedGpuMemory}
            for process in running
            if process.pid not in own
        ]

    def _ask(self, question: Callable[..., Any], *arguments: object) -> Any:
        return _call(question, self._handle, *arguments)


def _call(question: Callable[..., Any], *arguments: object) -> Any:
    """Return NVML's answer, None where the device has none; raise SensorError where the driver fails."""
    try:
        return question(*arguments)
    except pynvml.NVMLError as error:
        if error.value in ABSENT:
            return None
        raise _gone(error) from error


def _gone(error: pynvml.NVMLError) -> SensorError:
    return SensorError(f"the driver stopped answering during the run ({error}); check the device")


def _process_name(pid: int) -> str | None:
    """Return the name of a process; None where it has ended or runs in another container."""
    try:
        return str(psutil.Process(pid).name())
    except psutil.Error:
        return None


def sensor(uuid: str | None) -> Sensor:
    """Return the sensor of the device with that identifier (`GPU-…`), or of the first; NoSensor without a driver.

    Raise SensorError where the driver or the device has failed.
    """
    try:
        pynvml.nvmlInit()
        handle = pynvml.nvmlDeviceGetHandleByUUID(uuid) if uuid else pynvml.nvmlDeviceGetHandleByIndex(0)
    except pynvml.NVMLError as error:
        if error.value in NOWHERE:
            return NoSensor()
        raise _gone(error) from error
    return NvmlSensor(handle)


def devices() -> list[dict[str, Any]]:
    """Return the driver's description of each NVIDIA device; empty without a driver."""
    try:
        pynvml.nvmlInit()
        count = pynvml.nvmlDeviceGetCount()
    except pynvml.NVMLError:
        return []
    return [_describe(pynvml.nvmlDeviceGetHandleByIndex(index)) for index in range(count)]


def _describe(handle: Any) -> dict[str, Any]:
    memory = _call(pynvml.nvmlDeviceGetMemoryInfo, handle, pynvml.nvmlMemory_v2)
    sensed = NvmlSensor(handle)
    return {
        "kind": "cuda",
        "name": _call(pynvml.nvmlDeviceGetName, handle),
        "memory_capacity_bytes": None if memory is None else int(memory.total),
        "energy_counter": sensed.joules() is not None,
        **sensed.facts(),
        "others": sensed.others(own=()),
    }
