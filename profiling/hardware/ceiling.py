"""The ceiling of this device, measured beside the models: a large matrix product and a large copy."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch

from profiling.hardware.device import DTYPES
from profiling.hardware.meter import Meter

# Large enough to fill the device, small enough for a second of it.
MATRIX_SIZE = {"cpu": 1536}
MATRIX_SIZE_ON_ACCELERATOR = 8192
# Far larger than any cache, which the copy would measure otherwise.
COPY_BYTES = {"cpu": 256 * 2**20}
COPY_BYTES_ON_ACCELERATOR = 2 * 2**30

# Each ceiling is timed for this long, a third of it for warm-up.
SECONDS = 0.6


def measure(device: torch.device, precisions: Sequence[str]) -> dict[str, Any]:
    """Return operations and bytes of one pass, and the seconds of the fastest of many, for each precision.

    A product of n x n matrices is 2·n³ operations; a copy reads and writes each byte once, and counts twice.  The
    fastest pass stands for the device, as in the STREAM benchmark, since other load at the moment must not lower the
    ceiling.
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
    """Return a function that multiplies two square matrices; int8 products are summed in 32 bits."""
    if precision == "int8":
        left, right = (torch.randint(-127, 128, (size, size), dtype=torch.int8, device=device) for _ in range(2))
        columns = right.T  # as a GPU's kernels read the right matrix
        return lambda: torch._int_mm(left, columns)
    left, right = (torch.randn(size, size, device=device).to(DTYPES[precision]) for _ in range(2))
    result = torch.empty_like(left)
    return lambda: torch.mm(left, right, out=result)


def _fastest(device: torch.device, work: Callable[[], object]) -> float:
    """Return the seconds of the fastest pass, after a warm-up; each pass waits for the device."""
    meter, passes = Meter(device), list[float]()
    for seconds in (SECONDS / 3, SECONDS * 2 / 3):
        passes = []
        while len(passes) < 2 or sum(passes) < seconds:
            with meter.window() as window:
                work()
            passes.append(window.seconds)
    return min(passes)
