"""Training on idle devices of the serving pools: what they offer, and how much of it all programs together use.

A device-hour of a pool counts as one of a program, so both should mean the same kind of device. The cost of a lent
device stays with its pool, as the device is paid for in any case.
"""

import numpy as np

from simulator.engine.quantities import Share


def trained_on_fleet(total_lent_hours, total_training_device_hours) -> Share:
    """Share of this month's training that runs on idle owned and reserved devices, before any are rented."""
    enough = total_lent_hours >= total_training_device_hours
    return np.where(
        enough, np.where(total_training_device_hours > 0, 1, 0), total_lent_hours / total_training_device_hours
    )


def lent_hours_used(total_lent_hours, total_training_device_hours) -> Share:
    """Share of the device-hours that pools offer to training this month that it uses."""
    enough = total_lent_hours >= total_training_device_hours
    used = np.where(enough, total_training_device_hours / total_lent_hours, 1)
    return np.where(total_lent_hours > 0, used, 0)
