"""Throughput reserved at a vendor, per pool and hour of the day."""

import numpy as np

from simulator.engine.choice import where
from simulator.engine.quantities import MillionTokens

PER = ("pool", "hour")


def reserved_tokens(
    pool_vendor_tokens, hour_pull, pool_mean_pull, pool_reserved_capacity, pool_vendor_reserved_units
) -> MillionTokens:
    """Millions of weighted tokens that reserved throughput serves in an hour of every day this month.

    The load within the hour counts as even.
    """
    return where(
        pool_vendor_reserved_units > 0,
        _served,
        0,
        pool_vendor_tokens,
        hour_pull,
        pool_mean_pull,
        pool_reserved_capacity,
    )


def _served(asked, pull, mean_pull, capacity):
    # The floor on the mean pull keeps a day without load from dividing by zero.
    return np.minimum(asked * pull / np.maximum(mean_pull, 0.000001), capacity) / 24
