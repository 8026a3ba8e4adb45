"""NVIDIA's management library as a `Sensor`; the only module that imports pynvml.

NVML reports power in milliwatts (averaged over a second from Ampere on) and energy in millijoules since the
driver was loaded, both for the whole board.  Only this module converts them.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from functools import cached_property
from typing import Any

import psutil
import pynvml

from profiling.errors import Phrase, SensorError
from profiling.hardware.sensor import LOWERED_CAP, POWER_CAP, NoSensor, Reading, Sensor

# Reasons for a slower clock that count as throttling; idling and clocks set by the user do not.
THROTTLING = {
    pynvml.nvmlClocksEventReasonSwPowerCap: POWER_CAP,
    pynvml.nvmlClocksThrottleReasonHwSlowdown: "hardware slowdown",
    pynvml.nvmlClocksEventReasonSwThermalSlowdown: "software thermal slowdown",
    pynvml.nvmlClocksThrottleReasonHwThermalSlowdown: "hardware thermal slowdown",
    pynvml.nvmlClocksThrottleReasonHwPowerBrakeSlowdown: "power brake",
}

# Without a driver there is nothing to explain.
NO_DRIVER = (pynvml.NVML_ERROR_LIBRARY_NOT_FOUND, pynvml.NVML_ERROR_DRIVER_NOT_LOADED)

PART = "a part of a board (MIG): power, energy, clocks and use are those of the whole board"
AT_ADDRESS = "the driver knows the device by its address only: all figures are those of the whole board"


class NvmlSensor:
    """Sensor of one NVIDIA device, through its driver.

    A figure that the driver has never given is absent, whatever its error: cards differ in how they refuse one.  A
    figure that it has given and gives no more means that the device is lost.
    """

    def __init__(self, board: Any, part: Any = None, note: str | None = None) -> None:
        """`part` is a slice of the board (MIG), which has a memory and processes of its own, but no power or clocks."""
        self._board, self._part = board, part or board
        self._note = PART if part else note
        self._answered = set[str]()
        self._absent: dict[str, str] = {}
        self._own = frozenset[int]()

    def title(self) -> str:
        """Return the board's name and its place in the driver's list, which `nvidia-smi` shows."""
        place = self._ask("place", pynvml.nvmlDeviceGetIndex, self._board)
        name = self._ask("name", pynvml.nvmlDeviceGetName, self._board)
        return Phrase("{device} (GPU {place} of nvidia-smi)", device=name, place=place)

    def joules(self) -> float | None:
        """Return the board's energy counter; None before Volta."""
        millijoules = self._ask("energy counter", pynvml.nvmlDeviceGetTotalEnergyConsumption, self._board)
        return None if millijoules is None else millijoules / 1000

    def reading(self) -> Reading:
        """Return power, clocks, temperature, throttling and use at this moment."""
        milliwatts = self._ask("power", pynvml.nvmlDeviceGetPowerUsage, self._board)
        reasons = self._ask("reasons for slower clocks", pynvml.nvmlDeviceGetCurrentClocksEventReasons, self._board)
        use = self._ask("use", pynvml.nvmlDeviceGetUtilizationRates, self._board)
        clock, sensor = pynvml.nvmlDeviceGetClockInfo, pynvml.NVML_TEMPERATURE_GPU
        return Reading(
            watts=None if milliwatts is None else milliwatts / 1000,
            core_clock_mhz=self._ask("core clock", clock, self._board, pynvml.NVML_CLOCK_SM),
            memory_clock_mhz=self._ask("memory clock", clock, self._board, pynvml.NVML_CLOCK_MEM),
            temperature_celsius=self._ask("temperature", pynvml.nvmlDeviceGetTemperature, self._board, sensor),
            throttle_reasons=None if reasons is None else tuple(self._names(reasons)),
            busy_share=None if use is None else use.gpu / 100,
        )

    def _names(self, reasons: int) -> Iterator[str]:
        """Yield the reasons of a slower clock by name."""
        for bit, name in THROTTLING.items():
            if reasons & bit:
                yield LOWERED_CAP if name == POWER_CAP and self._is_lowered else name

    @cached_property
    def _limits(self) -> dict[str, float | None]:
        """The power limit in watts, and the one that the device has unless somebody sets another."""
        questions = {
            "power_limit_watts": pynvml.nvmlDeviceGetEnforcedPowerLimit,
            "power_limit_default_watts": pynvml.nvmlDeviceGetPowerManagementDefaultLimit,
        }
        found = {name: self._ask(name, question, self._board) for name, question in questions.items()}
        return {name: None if milliwatts is None else milliwatts / 1000 for name, milliwatts in found.items()}

    @property
    def _is_lowered(self) -> bool:
        """Whether somebody set the power limit below the default one."""
        limit, usual = self._limits.values()
        return limit is not None and usual is not None and limit < usual

    def memory_used_bytes(self) -> int | None:
        """Return the memory in use by all processes, without the driver's own reserve."""
        # Version 2 keeps the driver's reserve apart; version 1 counts it as used.
        memory = self._memory()
        return None if memory is None else int(memory.used)

    def _memory(self) -> Any:
        return self._ask("memory", pynvml.nvmlDeviceGetMemoryInfo, self._part, pynvml.nvmlMemory_v2)

    def description(self) -> dict[str, Any]:
        """Return name, memory, facts and processes, as `devices` lists them."""
        memory = self._memory()
        return {
            "kind": "cuda",
            "name": self._ask("name", pynvml.nvmlDeviceGetName, self._board),
            "memory_capacity_bytes": None if memory is None else int(memory.total),
            "energy_counter": self.joules() is not None,
            **self.facts(),
            "others": self.others(own=()),
        }

    def facts(self) -> dict[str, Any]:
        """Return driver, power limits in watts and modes, and the figures that the driver does not give, with why."""
        errors = self._ask("error correction", pynvml.nvmlDeviceGetEccMode, self._board)
        kept = self._ask("persistence mode", pynvml.nvmlDeviceGetPersistenceMode, self._board)
        found = {
            "driver": self._ask("driver version", pynvml.nvmlSystemGetDriverVersion),
            **self._limits,
            "error_correction": None if errors is None else bool(errors[0]),
            "persistence_mode": None if kept is None else bool(kept),
        }
        _ = self.joules(), self.reading(), self.memory_used_bytes(), self.others(own=())
        notes = {"sensor_note": self._note, "not_reported": dict(self._absent)}
        return {**found, **{name: note for name, note in notes.items() if note}}

    def claim(self, open_device: Callable[[], object]) -> None:
        """Open the device, and take the process that appears for this one, which has another number in a container."""
        before = self._numbers()
        open_device()
        appeared = self._numbers() - before
        self._own = frozenset() if os.getpid() in appeared else frozenset(appeared)

    def _numbers(self) -> set[int]:
        return {other["pid"] for other in self.others(own=()) or ()}

    def others(self, own: Sequence[int]) -> list[dict[str, Any]] | None:
        """Return compute processes on the device other than `own`, with the memory of each."""
        running = self._ask("processes", pynvml.nvmlDeviceGetComputeRunningProcesses, self._part)
        if running is None:
            return None
        return [
            {"pid": process.pid, "name": _process_name(process.pid), "memory_bytes": process.usedGpuMemory}
            for process in running
            if process.pid not in {*own, *self._own}
        ]

    def _ask(self, figure: str, question: Callable[..., Any], *arguments: object) -> Any:
        """Return NVML's answer, None where it has never given one; raise SensorError where it has stopped."""
        try:
            answer = question(*arguments)
        except pynvml.NVMLError as error:
            if figure in self._answered or _is_lost(error):
                raise _gone(error) from error
            self._absent[figure] = str(error)
            return None
        self._answered.add(figure)
        return answer


def _is_lost(error: pynvml.NVMLError) -> bool:
    return bool(error.value == pynvml.NVML_ERROR_GPU_IS_LOST)


def _gone(error: pynvml.NVMLError) -> SensorError:
    return SensorError(
        Phrase("the driver stopped answering during the run ({error})", error=str(error)), todo="check the device"
    )


def _process_name(pid: int) -> str | None:
    """Return the name of a process; None where it has ended or runs in another container."""
    try:
        return str(psutil.Process(pid).name())
    except psutil.Error:
        return None


def sensor(uuid: str | None = None, bus: str | None = None) -> Sensor:
    """Return the sensor of the device with that identifier, else at that PCI address, by default of the first.

    NoSensor, which says why, takes the place of a driver that does not know it.  Raise SensorError where the device is
    lost.
    """
    try:
        pynvml.nvmlInit()
        return _found(uuid, bus)
    except pynvml.NVMLError as error:
        if _is_lost(error):
            raise _gone(error) from error
        return NoSensor("" if error.value in NO_DRIVER else f"NVML: {error}")


def _found(uuid: str | None, bus: str | None) -> NvmlSensor:
    """Return the sensor by the first way that leads to the device: a whole board, a slice of one, or its address."""
    if uuid is None:
        return NvmlSensor(pynvml.nvmlDeviceGetHandleByIndex(0))
    with suppress(pynvml.NVMLError_NotFound, pynvml.NVMLError_InvalidArgument):
        return NvmlSensor(pynvml.nvmlDeviceGetHandleByUUID(f"GPU-{uuid}"))
    with suppress(pynvml.NVMLError_NotFound, pynvml.NVMLError_InvalidArgument):
        part = pynvml.nvmlDeviceGetHandleByUUID(f"MIG-{uuid}")
        board = pynvml.nvmlDeviceGetDeviceHandleFromMigDeviceHandle(part)
        return NvmlSensor(board, part)
    return NvmlSensor(pynvml.nvmlDeviceGetHandleByPciBusId(bus or ""), note=AT_ADDRESS)


def boards() -> list[NvmlSensor]:
    """Return the sensor of each NVIDIA device; none without a driver."""
    try:
        pynvml.nvmlInit()
        handles = [pynvml.nvmlDeviceGetHandleByIndex(index) for index in range(pynvml.nvmlDeviceGetCount())]
    except pynvml.NVMLError:
        return []
    return [NvmlSensor(handle) for handle in handles]


def devices() -> list[dict[str, Any]]:
    """Return the driver's description of each NVIDIA device; empty without a driver."""
    return [board.description() for board in boards()]
