"""Figures of the driver are checked against each other."""

import time
from dataclasses import dataclass, field

import pytest

from profiling.errors import SensorError
from profiling.hardware import sensor
from profiling.hardware.sensor import NoSensor, Reading, Watch


@dataclass
class Fake(NoSensor):
    """A device at constant power, with a counter at another rate."""

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
    """Without a sensor energy is null."""
    watch = watched(NoSensor(), 0.05)
    assert (watch.energy(), watch.clocks(), watch.throttle_reasons) == (None, None, None)
    assert sensor.idle_watts(NoSensor()) is None


def test_a_short_window_is_integrated_from_power() -> None:
    """Below two seconds the counter's steps would distort the energy."""
    energy = watched(Fake(), 0.3).energy()
    assert energy["source"] == "sampled power"
    assert energy["joules"] == pytest.approx(100 * energy["seconds"], rel=0.05)


def test_a_long_window_is_read_from_the_counter_and_a_contradiction_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """A warning names both sources, here a counter at 100 W and samples at 150 W."""
    monkeypatch.setattr(sensor, "SHORTEST_ENERGY_WINDOW_SECONDS", 0.2)
    energy = watched(Fake(watts=150.0), 0.3).energy()
    assert energy["source"] == "energy counter"
    assert energy["joules"] == pytest.approx(100 * energy["seconds"], rel=0.05)
    assert "where the energy counter gives" in energy["warning"]


def test_agreement_gives_no_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two sources within a tenth agree."""
    monkeypatch.setattr(sensor, "SHORTEST_ENERGY_WINDOW_SECONDS", 0.2)
    assert watched(Fake(watts=105.0), 0.3).energy()["warning"] is None


def test_a_device_without_a_counter_is_still_measured() -> None:
    """Devices before Volta report only power."""
    energy = watched(Fake(counter_watts=None), 0.2).energy()
    assert energy["counter_joules"] is None
    assert energy["joules"] > 0


def test_a_device_that_vanishes_fails_the_measurement_that_needs_it() -> None:
    """An error in the sampling thread is raised in the thread that measures."""
    with pytest.raises(SensorError, match="lost"):
        watched(Fake(fails_after=1), 0.3)


def test_a_reason_for_slower_clocks_has_its_share_of_the_readings() -> None:
    """One reading in four; without a sensor nothing is known."""
    readings = [Reading(throttle_reasons=("power brake",) if place == 0 else ()) for place in range(4)]
    assert Watch(NoSensor(), readings=list(enumerate(readings))).throttle_reasons == {"power brake": 0.25}
    assert Watch(NoSensor(), readings=[(0.0, Reading())]).throttle_reasons is None


def test_idle_power_is_the_mean_of_what_is_seen() -> None:
    """Idle power is the mean of the readings, in watts."""
    assert sensor.idle_watts(Fake(watts=42.0), seconds=0.2) == pytest.approx(42.0)


def test_the_integral_is_the_trapezoidal_rule() -> None:
    """A ramp from 0 to 10 W over two seconds is ten joules, and one point gives none."""
    assert sensor.integral([(0, 0), (1, 5), (2, 10)]) == 10
    assert sensor.integral([(0, 5)]) is None
