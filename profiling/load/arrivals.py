"""The times at which requests are to be sent: evenly, at random or in bursts, at a rate that is known and may rise."""

from __future__ import annotations

from collections.abc import Iterator
from zlib import crc32

import numpy as np


def drawn(
    requests_per_minute: float,
    seed: int,
    burstiness_percent: int = 100,
    ramp_to: float | None = None,
    ramp_requests: int = 1,
) -> Iterator[float]:
    """Yield seconds after the start, without end; the same ones for the same seed.

    Gaps are gamma distributed, with that standard deviation in percent of their mean: 0 is even, 100 independent
    arrivals (Poisson), more comes in bursts.  The rate goes to `ramp_to` in equal steps over `ramp_requests`.
    """
    draw = np.random.default_rng([seed, crc32(b"arrivals")])
    shape = np.inf if burstiness_percent == 0 else (100 / burstiness_percent) ** 2
    last = requests_per_minute if ramp_to is None else ramp_to
    now, count = 0.0, 0
    while True:
        share = min(1.0, count / ramp_requests)
        mean = 60 / (requests_per_minute + share * (last - requests_per_minute))
        now += mean if np.isinf(shape) else float(draw.gamma(shape, mean / shape))
        count += 1
        yield now
