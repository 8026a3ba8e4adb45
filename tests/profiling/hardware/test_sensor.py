"""What the driver tells is weighed before it is believed."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

import pytest

from profiling.errors import SensorError
from profiling.hardware import sensor
from profiling.hardware.sensor import NoSensor, Reading, Watch


@dataclass
class Fake(NoSensor):
    """A device at constant power, whose counter runs at a rate of its own."""

    watts: float | None = 100.0
    counter_watts: float | None = 100.0
    reasons: tuple[str, ...] = ()
    fails_after: int = 10**9
    start: float = field(default_factory=time.perf_counter)

    def joules(self) -> float | None:  # type: ignore[override]
        passed = time.perf_counter() - self.start
        return None if self.counter_watts is None else 7.0 + self.counter_watts * passed

    def reading(self) -> Reading:
        self.fails_after -= 1
        if self.fails_after < 0:
            raise SensorError("the device is lost")
        return Reading(self.watts, 1500, 2600, 60, self.reasons)


def watched(fake: NoSensor, seconds: float) -> Watch:
    with Watch(fake) as watch:
        time.sleep(seconds)
    return watch


def test_without_a_sensor_energy_is_unknown_and_not_zero() -> None:
    """Null is what nobody measured."""
    watch = watched(NoSensor(), 0.05)
    assert (watch.energy(), watch.clocks(), watch.throttle_reasons) == (None, None, None)
    assert sensor.idle_watts(NoSensor()) is None


def test_a_short_window_is_integrated_from_power() -> None:
    """Below two seconds the counter's own steps would show."""
    energy = watched(Fake(), 0.3).energy()
    assert energy is not None
    assert energy["source"] == "sampled power"
    assert energy["joules"] == pytest.approx(100 * energy["seconds"], rel=0.05)


def test_a_long_window_is_read_from_the_counter_and_a_contradiction_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """The counter runs at 100 W where the samples say 150 W."""
    monkeypatch.setattr(sensor, "SHORTEST_ENERGY_WINDOW_SECONDS", 0.2)
    energy = watched(Fake(watts=150.0), 0.3).energy()
    assert energy is not None
    assert energy["source"] == "energy counter"
    assert energy["joules"] == pytest.approx(100 * energy["seconds"], rel=0.05)
    assert "where the energy counter gives" in energy["warning"]


def test_agreement_gives_no_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    """Within a tenth, the two sources support each other."""
    monkeypatch.setattr(sensor, "SHORTEST_ENERGY_WINDOW_SECONDS", 0.2)
    energy = watched(Fake(watts=105.0), 0.3).energy()
    assert energy is not None
    assert energy["warning"] is None


def test_a_device_without_a_counter_is_still_measured() -> None:
    """Before Volta there is only power."""
    energy = watched(Fake(counter_watts=None), 0.2).energy()
    assert energy is not None
    assert energy["counter_joules"] is None
    assert energy["joules"] > 0


def test_a_device_that_vanishes_fails_the_measurement_that_needs_it() -> None:
    """The failure of the sampling thread is raised where the measurement runs."""
    with pytest.raises(SensorError, match="lost"):
        watched(Fake(fails_after=1), 0.3)


def test_throttling_seen_once_is_kept() -> None:
    """A run that was slowed at any time is marked."""
    assert watched(Fake(reasons=("power cap",)), 0.15).throttle_reasons == ["power cap"]
    assert watched(Fake(), 0.15).throttle_reasons == []


def test_idle_power_is_the_mean_of_what_is_seen() -> None:
    """In watts."""
    assert sensor.idle_watts(Fake(watts=42.0), seconds=0.2) == pytest.approx(42.0)


def test_the_integral_is_the_trapezoidal_rule() -> None:
    """A ramp from 0 to 10 W over two seconds is ten joules; one point is no curve."""
    assert sensor.integral([(0, 0), (1, 5), (2, 10)]) == 10
    assert sensor.integral([(0, 5)]) is None
