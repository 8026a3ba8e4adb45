"""What this device can do at best, measured beside the models: a large matrix product and a large copy."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch

from profiling.hardware.meter import Meter
from profiling.models.models import DTYPES

# Large enough to fill the device, small enough for a second of it.
MATRIX_SIZE = {"cpu": 1536}
MATRIX_SIZE_ON_ACCELERATOR = 8192
# Far beyond any cache, or the copy would measure that.
COPY_BYTES = {"cpu": 256 * 2**20}
COPY_BYTES_ON_ACCELERATOR = 2 * 2**30

# One step of the work is timed again and again for so long, a third of it for warming up.
SECONDS = 0.6


def measure(device: torch.device, precisions: Sequence[str]) -> dict[str, Any]:
    """Operations and bytes of one go, and the seconds of the fastest of many; matrix products in each precision.

    A product of n x n matrices is 2·n³ operations; a copy reads and writes each byte once, and counts twice.
    The fastest go stands for the device, as in the STREAM benchmark: a ceiling that the neighbours of one
    moment pull down is none.
    """
    size = MATRIX_SIZE.get(device.type, MATRIX_SIZE_ON_ACCELERATOR)
    length = COPY_BYTES.get(device.type, COPY_BYTES_ON_ACCELERATOR)
    source = torch.ones(length // 4, dtype=torch.float32, device=device)
    target = torch.zeros_like(source)
    return {
        "matmul_flops": 2.0 * size**3,
        "matmul_seconds": {name: _fastest(device, product(device, size, name)) for name in precisions},
        "copy_bytes": 2.0 * length,
        "copy_seconds": _fastest(device, lambda: target.copy_(source)),
    }


def product(device: torch.device, size: int, precision: str) -> Callable[[], torch.Tensor]:
    """A product of two square matrices; in int8 the sums are of 32 bits."""
    if precision == "int8":
        left, right = (
            torch.randint(-127, 128, (size, size), dtype=torch.int8, device=device),
            # The kernels of a GPU read the right matrix column by column.
            torch.randint(-127, 128, (size, size), dtype=torch.int8, device=device).T,
        )
        return lambda: torch._int_mm(left, right)
    left, right = (torch.randn(size, size, device=device).to(DTYPES[precision]) for _ in range(2))
    result = torch.empty_like(left)
    return lambda: torch.mm(left, right, out=result)


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
