"""The times at which requests are to be sent: random with a known rate, or as a trace recorded them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from zlib import crc32

import numpy as np

from profiling.errors import WorkloadError

LARGEST_TRACE_BYTES = 20_000_000  # a million arrivals


def poisson(requests_per_minute: float, seed: int) -> Iterator[float]:
    """Yield seconds after the start, without end: independent exponential gaps, the same ones for the same seed."""
    draw = np.random.default_rng([seed, crc32(b"arrivals")])
    now = 0.0
    while True:
        now += float(draw.exponential(60 / requests_per_minute))
        yield now


def trace(path: Path) -> tuple[float, ...]:
    """Return offsets in seconds, one a line, ascending, moved to start at 0; raise WorkloadError for any other file."""
    try:
        with path.open(encoding="utf-8") as file:
            lines = file.read(LARGEST_TRACE_BYTES).splitlines()
        offsets = [float(line) for line in lines if line.strip()]
    except OSError as error:
        raise WorkloadError(f"cannot be read ({error.strerror})", todo="check the path", where=str(path)) from error
    except ValueError as error:
        raise WorkloadError(f"{error}", todo="write one arrival a line, in seconds", where=str(path)) from error
    if not offsets or not np.isfinite(offsets).all() or any(later < sooner for sooner, later in pairwise(offsets)):
        raise WorkloadError("the arrivals must be finite numbers in ascending order", todo="sort them", where=str(path))
    return tuple(offset - offsets[0] for offset in offsets)
