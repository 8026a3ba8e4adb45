"""Replicas, per pool and hour of the day: whole copies of the model for the hour's load, and the devices rented for it.

A pool that is billed by the second starts and stops replicas with the load, so its devices of an hour are a mean. Each
request then keeps a replica up for its own time and for the idle seconds around it. With arrivals at random, one
replica at least is up for a share 1 - exp(-a) of the time, where a is the mean number of such requests: the busy share
of a queue in which nobody waits (M/G/infinity).
"""

import numpy as np

from simulator.engine.choice import where
from simulator.engine.quantities import ONE_DEVICE, Devices, Factor, Share

PER = ("pool", "hour")


def hour_pull(hour_load: Factor = 1.0, pool_day_swing: Factor = 1.0) -> Factor:
    """Relative load of the pool in an hour of the day; only its ratio to the day's mean matters.

    load: Load in this hour of the day relative to the other hours, for all pools.
    day_swing: Power by which the pool's load follows the hours: 1 as they are, 0 for a flat day, 2 for a sharper one.
    """
    return hour_load**pool_day_swing


def awake_share(pool_requests_awake, hour_pull, pool_billed_by_second) -> Share:
    """Share of an hour in which a pool that is billed by the second has at least one replica up; otherwise 1."""
    return where(pool_billed_by_second > 0, _awake, 1.0, pool_requests_awake, hour_pull)


def devices_at(
    pool_devices_for_mean,
    hour_pull,
    pool_floor_devices,
    pool_spares,
    pool_replica_size,
    pool_billed_by_second,
    awake_share,
) -> Devices:
    """Devices that the pool needs in an hour of every day this month, with floor and spares, in whole replicas.

    A pool that is billed by the second needs parts of devices: the mean over the hour.
    """
    needed = np.maximum(pool_floor_devices, pool_devices_for_mean * hour_pull)
    whole = where(pool_replica_size > ONE_DEVICE, _in_replicas, np.ceil(needed), needed, pool_replica_size)
    paid = where(pool_billed_by_second > 0, _by_second, whole, needed, pool_replica_size, awake_share)
    # Spares are added after rounding: they stand by beyond the whole devices at work.
    return paid + pool_spares


def devices_beyond_fleet(devices_at, pool_fleet_in_replicas) -> Devices:
    """Devices that the pool rents for an hour of every day this month, beyond its owned and reserved ones."""
    return np.maximum(devices_at - pool_fleet_in_replicas, 0)


def idle_devices(pool_fleet, pool_fleet_in_replicas, devices_at, pool_lent_to_training: Share = 0.0) -> Devices:
    """Owned and reserved devices that the pool does not need in an hour of every day, if they may train; otherwise 0.

    lent_to_training: Share of idle hours of owned and reserved devices that any program may use; nights need `hours`.
    """
    return where(pool_lent_to_training > 0, _idle, 0.0, pool_fleet, pool_fleet_in_replicas, devices_at)


def _idle(fleet, fleet_in_replicas, devices_at):
    return fleet - np.minimum(fleet_in_replicas, devices_at)


def _awake(requests_awake, hour_pull):
    return -np.expm1(-requests_awake * hour_pull)


def _in_replicas(needed, replica_size):
    return np.ceil(needed / replica_size) * replica_size


def _by_second(needed, replica_size, awake_share):
    return np.maximum(needed, replica_size * awake_share)
