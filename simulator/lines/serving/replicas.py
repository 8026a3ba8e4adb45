"""Replicas, per pool and hour of the day: whole devices for each hour's load, and which of them are rented for it."""

import numpy as np

from simulator.engine.quantities import Devices, Factor

PER = ("pool", "hour")


def hour_pull(hour_load: Factor = 1.0, pool_day_swing: Factor = 1.0) -> Factor:
    """How much the hour pulls of the pool's load: the hour's own load, flattened or sharpened for the pool."""
    return hour_load**pool_day_swing


def devices_at(pool_devices_for_mean, hour_pull, pool_floor_devices, pool_spares) -> Devices:
    """Whole devices in that hour of every day: what its load needs, never below the floor, and the spare."""
    return np.ceil(np.maximum(pool_floor_devices, pool_devices_for_mean * hour_pull)) + pool_spares


def devices_beyond_fleet(devices_at, pool_fleet) -> Devices:
    """What of them is neither owned nor reserved, and so is rented for the hour."""
    return np.maximum(devices_at - pool_fleet, 0)
