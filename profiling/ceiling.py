"""What this device can do at best, measured beside the models: a large matrix product and a large copy."""

from __future__ import annotations

from collections.abc import Callable

import torch

from profiling.meter import Meter

# Large enough to fill the device, small enough for a second of it.
MATRIX_SIZE = {"cpu": 1536}
MATRIX_SIZE_ON_ACCELERATOR = 8192
# Far beyond any cache, or the copy would measure that.
COPY_BYTES = {"cpu": 256 * 2**20}
COPY_BYTES_ON_ACCELERATOR = 2 * 2**30

# One step of the work is timed again and again for so long, a third of it for warming up.
SECONDS = 0.6


def measure(device: torch.device, dtype: torch.dtype) -> dict[str, float]:
    """Operations and bytes of one go, and the seconds of the fastest of many.

    A product of n x n matrices is 2·n³ operations; a copy reads and writes each byte once, and counts twice.
    The fastest go stands for the device, as in the STREAM benchmark: a ceiling that the neighbours of one
    moment pull down is none.
    """
    size = MATRIX_SIZE.get(device.type, MATRIX_SIZE_ON_ACCELERATOR)
    left, right = (torch.randn(size, size, device=device).to(dtype) for _ in range(2))
    product = torch.empty_like(left)
    length = COPY_BYTES.get(device.type, COPY_BYTES_ON_ACCELERATOR)
    source = torch.ones(length // 4, dtype=torch.float32, device=device)
    target = torch.zeros_like(source)
    return {
        "matmul_flops": 2.0 * size**3,
        "matmul_seconds": _fastest(device, lambda: torch.mm(left, right, out=product)),
        "copy_bytes": 2.0 * length,
        "copy_seconds": _fastest(device, lambda: target.copy_(source)),
    }


def _fastest(device: torch.device, work: Callable[[], object]) -> float:
    """Seconds of the fastest go, after a warm-up."""
    meter = Meter(device)
    _goes(meter, work, SECONDS / 3)
    return min(_goes(meter, work, SECONDS * 2 / 3))


def _goes(meter: Meter, work: Callable[[], object], seconds: float) -> list[float]:
    """Seconds of each go, for at least so many seconds and twice at least; each waits for the device."""
    goes: list[float] = []
    while len(goes) < 2 or sum(goes) < seconds:
        with meter.window() as window:
            work()
        goes.append(window.seconds)
    return goes
