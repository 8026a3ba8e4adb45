"""Figures of a device's driver during a computation: power, energy, clocks, temperature, and other processes.

`NoSensor` takes the place of a missing driver, so that callers never ask whether there is one.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from statistics import fmean, median_high
from types import TracebackType
from typing import Any, Protocol, Self

import psutil

from profiling.errors import Phrase, SensorError
from profiling.runs.live import Report, nothing

SAMPLE_EVERY_SECONDS = 0.1
# The driver's energy counter moves only about every 100 ms, so that its steps distort a shorter window.
SHORTEST_ENERGY_WINDOW_SECONDS = 2.0
# A larger difference means that the counter and the sampled power contradict each other.
LARGEST_DISAGREEMENT = 0.10
# Large cards reach their power limit in any large product: it is their normal state.  A lowered limit is not.
POWER_CAP = "power cap"
LOWERED_CAP = "power limit below the default"


@dataclass(frozen=True)
class Reading:
    """Figures of the device at one instant; None where the driver does not report one."""

    watts: float | None = None
    core_clock_mhz: int | None = None
    memory_clock_mhz: int | None = None
    temperature_celsius: int | None = None
    throttle_reasons: tuple[str, ...] | None = None
    busy_share: float | None = None  # of the driver's last sampling period, in which anything ran


class Sensor(Protocol):
    """Driver of one device; every method raises SensorError where the device has stopped answering."""

    def title(self) -> str:
        """Return what tells people the device from the others of this computer."""

    def joules(self) -> float | None:
        """Return the energy counter of the whole device, from an arbitrary zero; None without one."""

    def reading(self) -> Reading:
        """Return power, clocks, temperature and throttling at this moment."""

    def memory_used_bytes(self) -> int | None:
        """Return the memory in use on the device by all processes, contexts included; None if unknown."""

    def facts(self) -> dict[str, Any]:
        """Return the facts that hold for a whole run: driver version, power limit in watts, what is not reported."""

    def claim(self, open_device: Callable[[], object]) -> None:
        """Open the device, and learn which of its processes is this one."""

    def others(self, own: Sequence[int]) -> list[dict[str, Any]] | None:
        """Return processes on the device other than `own`; None if unknown."""


class NoSensor:
    """Sensor without a driver; energy is unknown, not zero.  `why` says what a driver answered instead."""

    def __init__(self, why: str = "") -> None:
        self.why = why

    def title(self) -> str:
        """Return that nobody knows which device it is."""
        return Phrase("one device")

    def joules(self) -> None:
        """Return None: unknown."""

    def reading(self) -> Reading:
        """Return a reading without figures."""
        return Reading()

    def memory_used_bytes(self) -> None:
        """Return None: unknown."""

    def facts(self) -> dict[str, Any]:
        """Return why there are no figures, where a driver told."""
        return {"sensor_note": self.why} if self.why else {}

    def claim(self, open_device: Callable[[], object]) -> None:
        """Open the device."""
        open_device()

    def others(self, own: Sequence[int]) -> list[dict[str, Any]] | None:  # noqa: ARG002
        """Return None: unknown."""
        return None


def shortest_window_seconds(sensor: Sensor) -> float:
    """Return how long a window must be for its energy to be counted; 0 without a counter."""
    return 0.0 if sensor.joules() is None else SHORTEST_ENERGY_WINDOW_SECONDS


def idle_watts(sensor: Sensor, seconds: float = 1.0) -> float | None:
    """Return the mean power over `seconds` in which this process leaves the device idle; None without a sensor."""
    if sensor.reading().watts is None:
        return None
    with Watch(sensor) as watch:
        time.sleep(seconds)
    return fmean(watts for _, watts in watch.power)


@dataclass
class Watch:
    """Context that reads the sensor, and this process's resident set, every 100 ms.

    A sensor that fails ends the watch; the error is raised at the end of the block, in the thread that measures.
    """

    sensor: Sensor
    report: Report = nothing  # called with each reading
    readings: list[tuple[float, Reading]] = field(default_factory=list)
    resident_peak_bytes: int = 0
    counter_joules: float | None = None
    seconds: float = 0.0

    def __enter__(self) -> Self:
        self._stop = threading.Event()
        self._failure: SensorError | None = None
        self._process = psutil.Process()
        self._counter_start = self.sensor.joules()
        self._start = time.perf_counter()
        self._sample()
        self._thread = threading.Thread(target=self._run, name="sensor", daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join()
        if kind is not None:
            return
        if self._failure is not None:
            raise self._failure
        self._sample()
        self.seconds = time.perf_counter() - self._start
        counter_end = self.sensor.joules()
        if counter_end is not None and self._counter_start is not None:
            self.counter_joules = counter_end - self._counter_start

    def _run(self) -> None:
        while not self._stop.wait(SAMPLE_EVERY_SECONDS):
            try:
                self._sample()
            except SensorError as failure:
                self._failure = failure
                return

    def _sample(self) -> None:
        reading, resident = self.sensor.reading(), self._process.memory_info().rss
        self.readings.append((time.perf_counter() - self._start, reading))
        self.resident_peak_bytes = max(self.resident_peak_bytes, resident)
        if self.report is not nothing:
            used = self.sensor.memory_used_bytes()
            memory = resident if used is None else used
            self.report({"memory_bytes": memory, "watts": reading.watts, "celsius": reading.temperature_celsius})

    @property
    def power(self) -> list[tuple[float, float]]:
        """Pairs of seconds since the start and watts, where the sensor reported them."""
        return [(at, reading.watts) for at, reading in self.readings if reading.watts is not None]

    @property
    def throttle_reasons(self) -> dict[str, float] | None:
        """Each reason for slower clocks with its share of the readings; None without a sensor."""
        seen = [reading.throttle_reasons for _, reading in self.readings if reading.throttle_reasons is not None]
        counts = Counter(reason for reasons in seen for reason in reasons)
        return {reason: count / len(seen) for reason, count in sorted(counts.items())} if seen else None

    @property
    def busy_share(self) -> float | None:
        """Mean share of the time in which the device computed, by its driver; None without a sensor."""
        known = [reading.busy_share for _, reading in self.readings if reading.busy_share is not None]
        return fmean(known) if known else None

    def energy(self) -> dict[str, Any] | None:
        """Return the joules of the whole device over the block, with their source; None without a source.

        The counter is preferred where the block lasts two seconds or longer.  Otherwise the integral of sampled power
        (the trapezoidal rule) takes its place; a warning says where the two disagree.
        """
        sampled = integral(self.power)
        long_enough = self.seconds >= SHORTEST_ENERGY_WINDOW_SECONDS
        counter = self.counter_joules if long_enough else None
        joules = sampled if counter is None else counter
        if joules is None:
            return None
        return {
            "joules": joules,
            "seconds": self.seconds,
            "source": "sampled power" if counter is None else "energy counter",
            "counter_joules": self.counter_joules,
            "sampled_joules": sampled,
            "warning": _disagreement(counter, sampled),
        }

    def between(self, start: float, end: float) -> Watch:
        """Return what was seen between two times of the monotonic clock, whose ends take the nearest reading."""
        inside = [(at - (start - self._start), reading) for at, reading in self.readings]
        inside = [(at, reading) for at, reading in inside if 0 <= at <= end - start]
        ends = [(0.0, inside[0][1]), (end - start, inside[-1][1])] if inside else []
        return Watch(self.sensor, readings=[*ends[:1], *inside, *ends[1:]], seconds=end - start)

    def clocks(self) -> dict[str, Any] | None:
        """Return the median core and memory clock in MHz and the peak temperature; None without a sensor."""
        core, memory, heat = (
            [figure for _, reading in self.readings if (figure := getattr(reading, name)) is not None]
            for name in ("core_clock_mhz", "memory_clock_mhz", "temperature_celsius")
        )
        if not (core or memory or heat):
            return None
        return {
            "core_mhz": median_high(core) if core else None,
            "memory_mhz": median_high(memory) if memory else None,
            "temperature_peak_celsius": max(heat, default=None),
        }


def integral(curve: Sequence[tuple[float, float]]) -> float | None:
    """Return the joules under a curve of (seconds, watts) by the trapezoidal rule; None below two points."""
    if len(curve) < 2:
        return None
    return sum((later - sooner) * (high + low) / 2 for (sooner, low), (later, high) in pairwise(curve))


def _disagreement(counter: float | None, sampled: float | None) -> str | None:
    """Return a warning where the two sources of energy differ by more than a tenth."""
    if counter is None or sampled is None or abs(sampled - counter) <= LARGEST_DISAGREEMENT * abs(counter):
        return None
    return f"sampled power gives {sampled:.1f} J where the energy counter gives {counter:.1f} J"
