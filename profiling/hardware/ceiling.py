"""The ceiling of this device, measured beside the models: a large matrix product and a large copy."""

from __future__ import annotations

import math
import traceback
from collections.abc import Callable, Sequence
from statistics import fmean
from typing import Any

import torch

from profiling.hardware import device as devices
from profiling.hardware.device import DTYPES
from profiling.hardware.meter import Window

# Large enough to fill the device, small enough for a second of it.
MATRIX_SIZE = {"cpu": 1536}
MATRIX_SIZE_ON_ACCELERATOR = 8192
# Far larger than any cache, which the copy would measure otherwise.
COPY_BYTES = {"cpu": 256 * 2**20}
COPY_BYTES_ON_ACCELERATOR = 2 * 2**30
# At most this share of the free memory: a small device must not run out of it, nor a shared one.
MEMORY_SHARE = 0.25
# At most four matrices exist at once, two of them in 32 bits before they are rounded.
BYTES_BESIDE_AN_ENTRY = 16
# Sizes that every kernel divides into whole tiles.
TILE = 256

# Each ceiling is timed for this long.
SECONDS = 0.6
# An accelerator is timed until its power limit and heat have slowed it.
SECONDS_SUSTAINED = 5.0


def measure(device: torch.device, precisions: Sequence[str]) -> dict[str, Any]:
    """Return operations and bytes of one pass, and the seconds of the fastest of many, for each precision with kernels.

    A product of n x n matrices is 2·n³ operations; a copy reads and writes each byte once, and counts twice.  The
    fastest pass stands for the device, as in the STREAM benchmark, since other load at the moment must not lower the
    ceiling.  An accelerator is also given the mean of a pass over the last seconds of many, which is what it sustains.
    """
    size, length = sizes(device.type, devices.free_bytes(device))
    seconds = SECONDS if device.type == "cpu" else SECONDS_SUSTAINED
    tried = {name: _products(device, size, name, seconds) for name in precisions}
    found = {name: passes for name, passes in tried.items() if passes}
    source = torch.ones(length // 4, dtype=torch.float32, device=device)
    target = torch.zeros_like(source)
    sustained = {} if device.type == "cpu" else {name: fmean(passes) for name, passes in found.items()}
    return {
        "matmul_flops": 2.0 * size**3,
        "matmul_seconds": {name: min(passes) for name, passes in found.items()},
        "matmul_sustained_seconds": sustained,
        "copy_bytes": 2.0 * length,
        "copy_seconds": min(_passes(device, lambda: target.copy_(source), SECONDS)),
    }


def sizes(kind: str, free_bytes: int | None) -> tuple[int, int]:
    """Return the rows of the matrices and the bytes of the copy that a kind of device has room for."""
    size = MATRIX_SIZE.get(kind, MATRIX_SIZE_ON_ACCELERATOR)
    length = COPY_BYTES.get(kind, COPY_BYTES_ON_ACCELERATOR)
    if free_bytes is None:
        return size, length
    room = int(free_bytes * MEMORY_SHARE)
    fitting = math.isqrt(room // BYTES_BESIDE_AN_ENTRY) // TILE * TILE
    return max(TILE, min(size, fitting)), min(length, room // 2)


def _products(device: torch.device, size: int, precision: str, seconds: float) -> list[float]:
    """Return the seconds of each product in a precision; none where torch refuses it, which must not end the run."""
    try:
        return _passes(device, product(device, size, precision), seconds)
    except (RuntimeError, AttributeError) as error:
        if devices.ran_out_of_memory(error):
            raise
        traceback.print_exc()  # into the run's log
        return []


def product(device: torch.device, size: int, precision: str) -> Callable[[], torch.Tensor]:
    """Return a function that multiplies two square matrices; products of 8 bits are summed in 32."""
    if precision == "int8":
        left, right = (torch.randint(-127, 128, (size, size), dtype=torch.int8, device=device) for _ in range(2))
        columns = right.T  # as a GPU's kernels read the right matrix
        return lambda: torch._int_mm(left, columns)
    drawn = (torch.randn(size, size, device=device) for _ in range(2))
    if precision == "fp8":
        left, right = (matrix.to(torch.float8_e4m3fn) for matrix in drawn)
        one, columns = torch.ones((), device=device), right.T
        return lambda: torch._scaled_mm(left, columns, one, one, out_dtype=torch.bfloat16)
    left, right = (matrix.to(DTYPES[precision]) for matrix in drawn)
    result = torch.empty_like(left)
    return lambda: torch.mm(left, right, out=result)


def _passes(device: torch.device, work: Callable[[], object], total: float) -> list[float]:
    """Return the seconds of each pass after a warm-up, a third of the total; each pass waits for the device.

    Either has one pass at least: bfloat16 on a CPU without instructions for it takes ten seconds for one.
    """
    passes = list[float]()
    for seconds in (total / 3, total * 2 / 3):
        passes = []
        while not passes or sum(passes) < seconds:
            with Window(device) as window:
                work()
            passes.append(window.seconds)
    return passes
