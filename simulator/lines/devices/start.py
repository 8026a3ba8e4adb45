"""Owned devices from before the scenario, per pool: when they retire, what the books hold of them, and their sale.

Their ages lie evenly between the youngest's and the oldest's. Every month of service takes the same part of their book
value, so that none is left when they retire, and what they sell for is a gain.
"""

from typing import Any

import numpy as np

from simulator.engine.quantities import Amount, Devices, Money, Months, Share, SteadyMonths

PER = "pool"


def start_retiring_months(
    economic_life, opening_device_age: SteadyMonths = 0.0, opening_age_spread: SteadyMonths = 120.0
) -> Months:
    """Months over which the pool's devices from before the scenario retire, one after the other.

    opening_device_age: Age, when the scenario begins, of the youngest owned device.
    opening_age_spread: Months by which the oldest owned device is older than the youngest; at most until it retires.
    """
    serves = np.maximum(np.ceil(economic_life) - np.ceil(opening_device_age), 0)
    return np.minimum(np.ceil(opening_age_spread), serves)


def start_full_months(economic_life, opening_device_age, start_retiring_months) -> Months:
    """Months in which all of the pool's devices from before the scenario serve."""
    return np.maximum(np.ceil(economic_life) - np.ceil(opening_device_age), 0) - start_retiring_months


def start_left(month, start_full_months, start_retiring_months) -> Share:
    """Share of the pool's devices from before the scenario that still serves at the end of the month."""
    return _left(1.0, month, start_full_months, start_retiring_months)


def devices_of_start_retired(month, start_full_months, start_retiring_months, opening_owned_devices=0.0) -> Devices:
    """Whole devices from before the scenario that retire in the pool this month.

    opening_owned_devices: Devices that the company owns in the pool when the scenario begins.
    """
    before, after = (
        # A part of a device stays as long as a whole one, and no longer.
        np.minimum(
            np.ceil(_left(opening_owned_devices, by, start_full_months, start_retiring_months)), opening_owned_devices
        )
        for by in (month - 1, month)
    )
    return before - after


def depreciation_of_start(
    month, start_left, start_full_months, start_retiring_months, opening_owned_devices, book_life, opening_equipment=0.0
) -> Money:
    """Depreciation this month of the pool's equipment from before the scenario.

    That of owned devices is alike in each month of their service; other equipment takes a full book life from now.

    opening_equipment: Book value of the pool's owned devices when the scenario begins.
    """
    # The sum of the share left over all months; 0 if all devices retire in the first, which writes them off.
    served = start_full_months + np.maximum(start_retiring_months - 1, 0) / 2
    by_service = np.where(served > 0, start_left / np.maximum(served, 0.5), np.where(month > 0, 0, 1))
    by_book = np.where(month < np.ceil(book_life), 1 / np.ceil(book_life), 0)
    return opening_equipment * np.where(opening_owned_devices > 0, by_service, by_book)


def equipment_at_start(opening_equipment) -> Money:
    """Book value of the pool's owned devices when the scenario begins."""
    return opening_equipment


def start_proceeds(devices_of_start_retired, device_list_price, residual_share) -> Amount:
    """Cash from selling the pool's devices from before the scenario that retire this month.

    They sell for the same share of a new device's price as those bought later.
    """
    return devices_of_start_retired * device_list_price * residual_share


def _left(amount: Any, month: Any, full_months: Any, retiring_months: Any) -> Any:
    """Return what is left of an amount after the month, in equal steps over `retiring_months`, all at once if 0."""
    steps = np.maximum(retiring_months, 1)
    return np.minimum(np.maximum(amount * (full_months + steps - 1 - month) / steps, 0), amount)
