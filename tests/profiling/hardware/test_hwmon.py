"""An AMD device's files, as the kernel's documentation describes them, in a folder that is made here."""

from pathlib import Path

import pytest

from profiling.errors import SensorError
from profiling.hardware.hwmon import HwmonSensor
from profiling.hardware.sensor import Reading

FILES = {
    **{"hwmon/hwmon3/power1_average": "304000000", "hwmon/hwmon3/power1_cap": "750000000"},
    **{"hwmon/hwmon3/power1_cap_default": "750000000", "hwmon/hwmon3/freq1_input": "2100000000"},
    **{"hwmon/hwmon3/freq2_input": "1300000000", "hwmon/hwmon3/temp1_input": "61000"},
    **{"mem_info_vram_used": "5368709120", "gpu_busy_percent": "97"},
}


@pytest.fixture
def device(tmp_path: Path) -> Path:
    """Return the folder of a device with all files."""
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(f"{text}\n")
    return tmp_path


def test_microwatts_hertz_and_thousandths_of_a_degree_are_converted(device: Path) -> None:
    """There is no counter of energy, and no reason for slower clocks."""
    sensor = HwmonSensor(device)
    assert sensor.reading() == Reading(304.0, 2100, 1300, 61, None, 0.97)
    assert sensor.memory_used_bytes() == 5 * 2**30
    assert sensor.facts() == {"power_limit_watts": 750.0, "power_limit_default_watts": 750.0}
    assert sensor.joules() is None


def test_the_power_of_the_moment_stands_in_for_the_average(device: Path) -> None:
    """Boards of the MI300 series have no average."""
    (device / "hwmon/hwmon3/power1_average").rename(device / "hwmon/hwmon3/power1_input")
    assert HwmonSensor(device).reading().watts == 304.0


def test_a_file_that_is_missing_is_unknown_and_one_that_goes_is_a_lost_device(device: Path, tmp_path: Path) -> None:
    """As with the driver of another maker."""
    assert HwmonSensor(tmp_path / "nowhere").reading() == Reading()
    sensor = HwmonSensor(device)
    sensor.reading()
    (device / "gpu_busy_percent").unlink()
    with pytest.raises(SensorError, match="gpu_busy_percent can no longer be read"):
        sensor.reading()
