"""An AMD device's driver as a `Sensor`, through the files that Linux has for it.

amdgpu reports power in microwatts, clocks in hertz and temperature in thousandths of a degree; it has no energy counter
and no reasons for slower clocks among its files.  Source: the kernel's documentation, gpu/amdgpu/thermal.  Untried on a
device.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from profiling.errors import Phrase, SensorError
from profiling.hardware.sensor import NoSensor, Reading

DEVICES = Path("/sys/bus/pci/devices")


class HwmonSensor(NoSensor):
    """Sensor of one AMD device; a file that could be read, and can no more, means that the device is lost."""

    def __init__(self, device: Path) -> None:
        super().__init__()
        self._device, self._read = device, set[Path]()
        self._hwmon = next(device.glob("hwmon/hwmon*"), device)

    def reading(self) -> Reading:
        """Return power, clocks, temperature and use at this moment."""
        # Newer boards report the power of the moment instead of an average.
        names = ("power1_average", "power1_input")
        watts = next((found for name in names if (found := self._scaled(name, 1e6)) is not None), None)
        core, memory, heat = (
            None if (found := self._scaled(name, scale)) is None else round(found)
            for name, scale in (("freq1_input", 1e6), ("freq2_input", 1e6), ("temp1_input", 1e3))
        )
        busy = self._number(self._device / "gpu_busy_percent")
        return Reading(watts, core, memory, heat, busy_share=None if busy is None else busy / 100)

    def memory_used_bytes(self) -> int | None:  # type: ignore[override]
        """Return the memory in use on the board by all processes."""
        return self._number(self._device / "mem_info_vram_used")

    def facts(self) -> dict[str, Any]:
        """Return the power limits in watts."""
        limits = {"power_limit_watts": "power1_cap", "power_limit_default_watts": "power1_cap_default"}
        return {fact: self._scaled(name, 1e6) for fact, name in limits.items()}

    def _scaled(self, name: str, scale: float) -> float | None:
        number = self._number(self._hwmon / name)
        return None if number is None else number / scale

    def _number(self, path: Path) -> int | None:
        """Return the number in a file; None where it could never be read.  Raise SensorError where it could before."""
        try:
            found = int(path.read_text())
        except (OSError, ValueError) as error:
            if path in self._read:
                what = Phrase("{name} can no longer be read ({error})", name=path.name, error=str(error))
                raise SensorError(what, todo="check the device") from error
            return None
        self._read.add(path)
        return found
