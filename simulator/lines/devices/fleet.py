"""Sources of a pool's devices, per pool: rented on demand or on spot, or owned, and the cost of each.

Owned devices are bought when the wanted number grows or an old device retires. Two lives differ: the books write a
device off over `book_life`, and it is useful for `economic_life`, after which it sells for `residual_share`. Devices
from before the scenario retire at the same age; `start` holds what is known of them, and `reserving` those reserved.
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
    HostingPrice,
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


def fleet(owned_devices, devices_held) -> Devices:
    """Devices of the pool that are paid for whether needed or not: owned and reserved."""
    return owned_devices + devices_held


def rented_hours(total_devices_beyond_fleet, hours_per_month) -> DeviceHours:
    """Device-hours that the pool rents on demand or on spot this month, beyond its owned and reserved devices."""
    # The sum over 24 hours of the day counts device-hours of one day; each hour of the day has a 24th of the month.
    return total_devices_beyond_fleet * hours_per_month / 24


def device_hours(rented_hours, fleet, hours_per_month) -> DeviceHours:
    """Hours of all devices that the pool pays for this month: rented, reserved and owned, busy or idle."""
    # Owned and reserved devices are paid for in every hour of the month.
    return rented_hours + fleet * hours_per_month


def lent_hours(total_idle_devices, hours_per_month, lent_to_training) -> DeviceHours:
    """Hours of the pool's idle owned and reserved devices this month that training programs may use."""
    return total_idle_devices * hours_per_month / 24 * lent_to_training


def working_share(utilisation, lent_hours, lent_hours_used, device_hours) -> Share:
    """Share of the pool's paid device-hours this month that are busy, with serving or with training."""
    training = np.where(device_hours > 0, lent_hours * lent_hours_used / device_hours, 0)
    return np.minimum(utilisation + training, 1)


def spot_hours(rented_hours, spot_share: Share = 0.0, spot_lost_share: Share = 0.0) -> DeviceHours:
    """Device-hours that the pool rents on spot this month, including those that interruptions waste.

    spot_share: Share of rented device-hours that are spot devices, which the cloud may take back.
    spot_lost_share: Share of spot hours whose work is lost by interruptions and done again.
    """
    # An interruption loses work that has to be done again, so lost hours come on top.
    return rented_hours * spot_share * (1 + spot_lost_share)


def cloud_rent(
    rented_hours,
    spot_share,
    spot_hours,
    device_price_index,
    device_price: DevicePrice = 0.0,
    spot_price: DevicePrice = 0.0,
) -> Money:
    """Rent of the pool's on-demand and spot devices this month; reserved devices are excluded.

    device_price: Price of renting a device on demand for an hour.
    spot_price: Price of a spot device for an hour.
    """
    return (rented_hours * (1 - spot_share) * device_price + spot_hours * spot_price) * device_price_index


def cloud_bill(cloud_rent, reserved_rent, vendor_cost, credits_pay_vendor: Switch = 0.0) -> Money:
    """Cost of the pool this month that cloud credits may pay: rent, and a vendor's tokens if the cloud sells them.

    credits_pay_vendor: Use of cloud credits for the vendor's tokens, too (1), or for devices alone (0).
    """
    return cloud_rent + reserved_rent + vendor_cost * credits_pay_vendor


def free_cloud_bill(
    cloud_bill, total_free_tokens, tokens_served, total_vendor_bill, total_free_vendor_bill, credits_pay_vendor
) -> Money:
    """Part of the pool's cloud bill this month for free plans and trials: by tokens, and by a vendor's own bill."""
    # A pool that serves nobody has no plan to charge; `idle_serving` holds its cost.
    by_tokens = cloud_bill - total_vendor_bill * credits_pay_vendor
    by_bill = total_free_vendor_bill * credits_pay_vendor
    return np.where(tokens_served > 0, by_tokens * total_free_tokens / tokens_served, 0) + by_bill


def bought_before(month, last_devices_bought=0.0) -> Devices:
    """Devices that the pool bought last month; 0 in the first month.

    opening_devices_bought: State of the model that no scenario needs to give.
    """
    # The opening value would be devices bought before the scenario, whose age is unknown.
    return np.where(month > 0, last_devices_bought, 0)


def retirement_age(month, economic_life: Term = 48.0) -> Factor:
    """1 at the age at which an owned device retires, counted from the month after its purchase; otherwise 0.

    economic_life: Months that an owned device serves before it is sold.
    """
    # Purchases are read a month late, so that the retirement of a month does not wait for its purchases.
    return np.where(month == np.ceil(economic_life) - 1, 1, 0)


def devices_retired(past_bought_before, past_retirement_age, devices_of_start_retired) -> Devices:
    """Devices of the pool whose economic life ends this month, those from before the scenario included."""
    return over_ages(past_bought_before, past_retirement_age) + devices_of_start_retired


def devices_bought(last_owned_devices, devices_retired, wanted_devices: Devices = 0.0) -> Devices:
    """Whole devices that the pool buys this month to reach the wanted number; none is sold early.

    wanted_devices: Devices that the company wants to own; it buys up to this number and replaces those that retire.
    """
    return np.maximum(np.ceil(wanted_devices) - (last_owned_devices - devices_retired), 0)


def owned_devices(devices_bought, devices_retired, last_owned_devices=0.0) -> Devices:
    """Devices that the company owns in the pool at the end of the month."""
    return last_owned_devices + devices_bought - devices_retired


def device_capex(devices_bought, device_list_price: MoneyPerDevice = 0.0) -> Amount:
    """Price of the devices the pool buys this month, with their share of servers and network.

    device_list_price: Price of a new device with its share of servers and network.
    """
    return devices_bought * device_list_price


def capex_paid(device_capex) -> Investing:
    """Cash paid for the devices the pool buys this month; negative."""
    return -device_capex


def book_weight(month, economic_life, book_life: Term = 60.0, residual_share: SteadyShare = 0.1) -> Share:
    """Share of a device's price written off at an age in months: straight line until it retires.

    book_life: Months over which the books write off a device.
    residual_share: Share of its price for which a device sells when it retires.
    """
    # The residual share is never written off, since a sale recovers it.
    life = np.ceil(book_life)
    return np.where(month < np.minimum(np.ceil(economic_life), life), (1 - residual_share) / life, 0)


def device_depreciation(past_device_capex, past_book_weight, depreciation_of_start) -> NonCashCost:
    """Straight-line depreciation of the pool's owned devices this month, from the month of purchase."""
    return over_ages(past_device_capex, past_book_weight) + depreciation_of_start


def deduction_weight(month, tax_weight, tax_written_off, economic_life) -> Share:
    """Share of a device's price that tax law deducts at an age in months: the rest at once when it is sold."""
    sold = np.ceil(economic_life)
    rest = np.where(month == sold, 1 - tax_written_off + tax_weight, 0)
    return np.where(month < sold, tax_weight, rest)


def tax_depreciation(past_device_capex, past_deduction_weight) -> Money:
    """Tax deduction this month for devices that the pool has bought; those from before the scenario are excluded."""
    return over_ages(past_device_capex, past_deduction_weight)


def capex_before(month, last_device_capex=0.0) -> Money:
    """Price of the devices the pool bought last month; 0 in the first month.

    opening_device_capex: State of the model that no scenario needs to give.
    """
    return np.where(month > 0, last_device_capex, 0)


def leftover_weight(retirement_age, book_life, residual_share, economic_life) -> Share:
    """Share of a device's price still in the books at the age it retires; 0 at every other age."""
    # A device that retires before its book life is over leaves the rest to be written off at once.
    written_off = (1 - residual_share) * np.minimum(np.ceil(economic_life) / np.ceil(book_life), 1)
    return retirement_age * (1 - written_off)


def devices_disposed(past_capex_before, past_leftover_weight) -> Money:
    """Book value of the pool's devices that retire this month."""
    return over_ages(past_capex_before, past_leftover_weight)


def sale_weight(retirement_age, residual_share) -> Share:
    """Share of a device's price that it sells for at the age it retires; 0 at every other age."""
    return retirement_age * residual_share


def disposal_proceeds(past_capex_before, past_sale_weight, start_proceeds) -> Investing:
    """Cash from selling the pool's devices that retire this month."""
    return over_ages(past_capex_before, past_sale_weight) + start_proceeds


def disposal_gain(disposal_proceeds, devices_disposed) -> OtherIncome:
    """Proceeds of the pool's retired devices this month beyond their book value; negative for a loss."""
    return disposal_proceeds - devices_disposed


def disposal_gain_removed(disposal_gain) -> Adjustment:
    """Gain on the pool's retired devices taken out of operating cash, as their proceeds are investing cash."""
    return -disposal_gain


def equipment(device_capex, device_depreciation, devices_disposed, last_equipment) -> Asset:
    """Book value of the pool's owned devices at the end of the month: property, plant and equipment."""
    return last_equipment + device_capex - device_depreciation - devices_disposed


def mean_power(
    working_share, device_power: KilowattsPerDevice = 0.0, power_overhead: Markup = 1.3, idle_power_share: Share = 1 / 3
) -> KilowattsPerDevice:
    """Mean power that one device of the pool draws this month, busy or idle, including cooling (PUE).

    device_power: Power that a busy device draws, with its part of the server.
    power_overhead: Power of the whole site relative to that of its devices (PUE), which adds cooling.
    idle_power_share: Power of an idle device as a share of a busy one's.
    """
    # PUE (power usage effectiveness): power of the whole site over power of its devices.
    return device_power * power_overhead * (idle_power_share + (1 - idle_power_share) * working_share)


def power_cost(owned_devices, hours_per_month, mean_power, power_price: MoneyPerKilowattHour = 0.0) -> Money:
    """Electricity of the pool's owned devices this month, at the power that they draw, including cooling.

    power_price: Price of electricity for owned devices.
    """
    return owned_devices * hours_per_month * mean_power * power_price


def hosting_cost(owned_devices, hosting_price: HostingPrice = 0.0) -> Money:
    """Hosting of the pool's owned devices this month: space, network and technicians.

    hosting_price: Monthly cost of hosting one owned device: space, network and technicians.
    """
    return owned_devices * hosting_price
