"""GPU-hours by arithmetic.

GPU-hours times a rate is not evidence of what a run will cost: in the large published runs, evaluation, restarts and
failed runs took 7-34 % more.
"""

from __future__ import annotations

SECONDS_PER_HOUR = 3600


def gpu_hours(flops: float, flops_per_second: float) -> float:
    """Return device hours at a sustained rate per device; the number of devices does not change them."""
    return flops / flops_per_second / SECONDS_PER_HOUR
