"""Replicas, per pool and hour of the day: whole devices for the hour's load, and those of them rented for it."""

import numpy as np

from simulator.engine.quantities import Devices, Factor

PER = ("pool", "hour")


def hour_pull(hour_load: Factor = 1.0, pool_day_swing: Factor = 1.0) -> Factor:
    """Relative load of the pool in an hour of the day; only its ratio to the day's mean matters."""
    return hour_load**pool_day_swing


def devices_at(pool_devices_for_mean, hour_pull, pool_floor_devices, pool_spares) -> Devices:
    """Whole devices that the pool needs in an hour of every day this month, with floor and spares."""
    # Spares are added after rounding: they stand by beyond the whole devices at work.
    return np.ceil(np.maximum(pool_floor_devices, pool_devices_for_mean * hour_pull)) + pool_spares


def devices_beyond_fleet(devices_at, pool_fleet) -> Devices:
    """Devices that the pool rents for an hour of every day this month, beyond its owned and reserved ones."""
    return np.maximum(devices_at - pool_fleet, 0)
