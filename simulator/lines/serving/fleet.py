"""Where a pool's devices come from, per pool: rented by the hour, on spot, reserved, or owned, and what each costs.

Owned devices are bought when the fleet that is wanted grows or an old one retires. Three lives differ: books write a
device off over `book_life`, it earns its keep for `economic_life`, and what it then fetches is `residual_share`.
"""

import numpy as np

from simulator.engine.ages import over_ages
from simulator.engine.quantities import (
    Adjustment,
    Amount,
    Asset,
    DeviceHours,
    DevicePrice,
    Devices,
    Factor,
    Investing,
    KilowattsPerDevice,
    Markup,
    Money,
    MoneyPerDevice,
    MoneyPerKilowattHour,
    NonCashCost,
    OtherIncome,
    Share,
    SteadyShare,
    Switch,
    Term,
)

PER = "pool"


def fleet(owned_devices, reserved_devices: Devices = 0.0) -> Devices:
    """Devices that are there whether needed or not: owned and reserved."""
    return owned_devices + reserved_devices


def rented_hours(total_devices_beyond_fleet, hours_per_month) -> DeviceHours:
    """Hours of devices rented for the hour, over the month's days."""
    return total_devices_beyond_fleet * hours_per_month / 24


def device_hours(rented_hours, fleet, hours_per_month) -> DeviceHours:
    """Hours of all devices that are paid for, the idle ones of the fleet included."""
    return rented_hours + fleet * hours_per_month


def spot_hours(rented_hours, spot_share: Share = 0.0, spot_lost_share: Share = 0.0) -> DeviceHours:
    """Hours rented on spot, with those that interruptions waste."""
    return rented_hours * spot_share * (1 + spot_lost_share)


def cloud_rent(
    rented_hours,
    spot_share,
    spot_hours,
    device_price_index,
    device_price: DevicePrice,
    spot_price: DevicePrice = 0.0,
) -> Money:
    """What hours on demand and on spot cost at this month's prices."""
    return (rented_hours * (1 - spot_share) * device_price + spot_hours * spot_price) * device_price_index


def reserved_rent(reserved_devices, hours_per_month, reserved_price: DevicePrice = 0.0) -> Money:
    """What reserved devices cost: their price was agreed, and is paid whether they are used or not."""
    return reserved_devices * hours_per_month * reserved_price


def cloud_bill(cloud_rent, reserved_rent, vendor_cost, credits_pay_vendor: Switch = 0.0) -> Money:
    """What of the pool's cost cloud credits may pay: rent, and a vendor's interface where the cloud itself sells it."""
    return cloud_rent + reserved_rent + vendor_cost * credits_pay_vendor


def free_cloud_bill(cloud_bill, total_free_tokens, tokens_served) -> Money:
    """The part of it that serves free plans, by tokens."""
    return np.where(tokens_served > 0, cloud_bill * total_free_tokens / tokens_served, 0)


def bought_before(month, last_devices_bought=0.0) -> Devices:
    """Devices bought in the month before; those there at the start are not followed by age."""
    return np.where(month > 0, last_devices_bought, 0)


def retirement_age(month, economic_life: Term = 48.0) -> Factor:
    """1 at the age, counted from the month after it was bought, at which a device retires."""
    return np.where(month == np.ceil(economic_life) - 1, 1, 0)


def devices_retired(past_bought_before, past_retirement_age) -> Devices:
    """Devices whose economic life ends."""
    return over_ages(past_bought_before, past_retirement_age)


def devices_bought(last_owned_devices, devices_retired, wanted_devices: Devices = 0.0) -> Devices:
    """Whole devices bought so that the fleet is as large as wanted; none is sold before its time."""
    return np.maximum(np.ceil(wanted_devices) - (last_owned_devices - devices_retired), 0)


def owned_devices(devices_bought, devices_retired, last_owned_devices=0.0) -> Devices:
    """Devices that the company owns."""
    return last_owned_devices + devices_bought - devices_retired


def device_capex(devices_bought, device_list_price: MoneyPerDevice = 0.0) -> Amount:
    """What the month's new devices cost, with their share of servers and network."""
    return devices_bought * device_list_price


def capex_paid(device_capex) -> Investing:
    """Cash that goes into devices."""
    return -device_capex


def book_weight(month, economic_life, book_life: Term = 60.0, residual_share: SteadyShare = 0.1) -> Share:
    """The part of a device's price that is written off at that age: straight line, until it retires."""
    life = np.ceil(book_life)
    return np.where(month < np.minimum(np.ceil(economic_life), life), (1 - residual_share) / life, 0)


def depreciation_of_start(month, book_life, opening_equipment=0.0) -> Money:
    """Straight-line depreciation of devices that were there when the plan began, written off anew."""
    return np.where(month < np.ceil(book_life), opening_equipment / np.ceil(book_life), 0)


def device_depreciation(past_device_capex, past_book_weight, depreciation_of_start) -> NonCashCost:
    """Straight-line depreciation for the books, from the month of purchase."""
    return over_ages(past_device_capex, past_book_weight) + depreciation_of_start


def equipment_at_start(opening_equipment) -> Money:
    """Book value of devices when the plan began."""
    return opening_equipment


def capex_before(month, last_device_capex=0.0) -> Money:
    """What was bought in the month before; what was there at the start is in `opening_equipment`."""
    return np.where(month > 0, last_device_capex, 0)


def leftover_weight(month, retirement_age, book_life, residual_share, economic_life) -> Share:
    """The part of a device's price still in the books when it retires."""
    written_off = (1 - residual_share) * np.minimum(np.ceil(economic_life) / np.ceil(book_life), 1)
    return retirement_age * (1 - written_off)


def devices_disposed(past_capex_before, past_leftover_weight) -> Money:
    """Book value of the devices that retire."""
    return over_ages(past_capex_before, past_leftover_weight)


def sale_weight(retirement_age, residual_share) -> Share:
    """The part of its price that a device fetches when it retires."""
    return retirement_age * residual_share


def disposal_proceeds(past_capex_before, past_sale_weight) -> Investing:
    """What retired devices are sold for."""
    return over_ages(past_capex_before, past_sale_weight)


def disposal_gain(disposal_proceeds, devices_disposed) -> OtherIncome:
    """What they fetch beyond their book value; a loss where books were slower than the market."""
    return disposal_proceeds - devices_disposed


def disposal_gain_removed(disposal_gain) -> Adjustment:
    """The gain is no operating cash: what was fetched is in investing."""
    return -disposal_gain


def equipment(device_capex, device_depreciation, devices_disposed, last_equipment) -> Asset:
    """Book value of the devices that are owned: property, plant and equipment."""
    return last_equipment + device_capex - device_depreciation - devices_disposed


def power_cost(
    owned_devices,
    hours_per_month,
    device_power: KilowattsPerDevice = 0.0,
    power_overhead: Markup = 1.3,
    power_price: MoneyPerKilowattHour = 0.0,
) -> Money:
    """Electricity of owned devices: their power, times what cooling adds (PUE), times its price."""
    return owned_devices * hours_per_month * device_power * power_overhead * power_price


def hosting_cost(owned_devices, hosting_price: MoneyPerDevice = 0.0) -> Money:
    """Space, network and hands for owned devices, a month."""
    return owned_devices * hosting_price
