"""Reserved devices, per pool: signed for a term, paid for to its end whether used or not, and renewed at its end.

A reservation keeps the price at which it was signed. Where fewer devices are wanted, the others go as their terms end.
"""

from typing import Annotated

import numpy as np

from simulator.engine.ages import over_ages
from simulator.engine.choice import where
from simulator.engine.quantities import DevicePrice, Devices, Factor, Money, Numbers, Term
from simulator.engine.units import quantity

PER = "pool"

MoneyPerHour = Annotated[Numbers, quantity("money/hour", 0)]


def in_force(month, reserved_term: Term = 1.0) -> Factor:
    """1 at each age in months at which a reservation is in force, counted from the month it was signed; otherwise 0.

    reserved_term: Months for which a device is reserved and paid for; 1 lets a reservation end with any month.
    """
    return np.where(month < np.ceil(reserved_term), 1, 0)


def term_left(month, reserved_term) -> Factor:
    """Months that a reservation still runs after the month in which it has an age; 0 once its term is over."""
    return np.maximum(np.ceil(reserved_term) - 1 - month, 0)


def runs_on(term_left) -> Factor:
    """1 at each age at which a reservation runs on into the next month; otherwise 0."""
    return np.minimum(term_left, 1)


def reserved_before(month, last_devices_signed=0.0) -> Devices:
    """Devices that the pool reserved last month; 0 in the first month.

    opening_devices_signed: State of the model that no scenario needs to give.
    """
    # Reservations from before the scenario count as signed in its first month.
    return np.where(month > 0, last_devices_signed, 0)


def still_reserved(past_reserved_before, past_runs_on) -> Devices:
    """Reserved devices of the pool whose terms run on into this month."""
    return over_ages(past_reserved_before, past_runs_on)


def devices_signed(still_reserved, reserved_devices: Devices = 0.0) -> Devices:
    """Devices that the pool reserves this month for a whole term, renewals included, to reach the wanted number.

    reserved_devices: Devices to have reserved, paid for whether used or not; each is signed for `reserved_term`.
    """
    return where(reserved_devices > 0, _signed, 0.0, reserved_devices, still_reserved)


def _signed(wanted, still):
    return np.maximum(wanted - still, 0)


def devices_held(still_reserved, devices_signed) -> Devices:
    """Reserved devices of the pool that are paid for this month."""
    return still_reserved + devices_signed


def signed_rent(devices_signed, reserved_price: DevicePrice = 0.0) -> MoneyPerHour:
    """Rent per hour of the devices that the pool reserves this month, at the price of this month.

    reserved_price: Price of a reserved device for an hour, agreed when it is signed and kept for its term.
    """
    return devices_signed * reserved_price


def reserved_rent(past_signed_rent, past_in_force, hours_per_month) -> Money:
    """Rent of the pool's reserved devices this month, at the prices agreed when they were signed, used or not."""
    return over_ages(past_signed_rent, past_in_force) * hours_per_month


def rent_committed(past_signed_rent, past_term_left, hours_per_month) -> Money:
    """Rent of the pool's reserved devices that is agreed and not yet due: all months of their terms after this one."""
    return over_ages(past_signed_rent, past_term_left) * hours_per_month
