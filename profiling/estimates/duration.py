"""How long and for how much, by arithmetic: training time from operations, GPU-hours, cost.

GPU-hours times a rate is arithmetic, no evidence of what a run will cost: evaluation, restarts and failed runs took
7-34 % more in the large runs that were published.
"""

from __future__ import annotations

SECONDS_PER_HOUR = 3600
SECONDS_PER_DAY = 86400


def training_flops(parameters: float, tokens: float) -> float:
    """6·N·D: forward 2 and backward 4 operations for each parameter and token (arXiv:2001.08361, section 2.1)."""
    return 6 * parameters * tokens


def gpu_hours(flops: float, flops_per_second: float) -> float:
    """Hours of one device at a rate that it keeps up; of several devices together the same."""
    return flops / flops_per_second / SECONDS_PER_HOUR


def training_days(flops: float, devices: int, flops_per_second: float) -> float:
    """Days of `devices` that each keep up `flops_per_second`."""
    return flops / (devices * flops_per_second) / SECONDS_PER_DAY


def cost(hours: float, price_per_hour: float, overhead: float = 0.0) -> float:
    """Price of device hours; `overhead` is the share of further hours apart from steps, 0.1 for a tenth."""
    return hours * (1 + overhead) * price_per_hour
