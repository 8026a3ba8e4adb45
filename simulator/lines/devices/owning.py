"""The price of an hour of a new owned device, per pool, to compare with renting; no cash follows from it."""

import numpy as np

from simulator.engine.quantities import DevicePrice, Factor, SteadyShare

PER = "pool"


def capital_charge(economic_life, residual_share, cost_of_capital: SteadyShare = 0.0) -> Factor:
    """Monthly cost of owning a device, relative to its price: wear, and the return on the money that it ties up.

    The equal monthly payments that repay the price, less what the device sells for, over its economic life.

    cost_of_capital: Yearly return that money in owned devices would earn elsewhere, or interest on it.
    """
    rate = (1 + cost_of_capital) ** (1 / 12) - 1
    # An annuity of 1 over the life; without interest, equal parts.
    payment = np.where(rate > 0, rate / (1 - 1 / (1 + rate) ** economic_life), 1 / economic_life)
    return (1 - residual_share) * payment + residual_share * rate


def owned_hour_price(
    device_list_price, capital_charge, hosting_price, device_power, power_overhead, power_price, hours_per_month
) -> DevicePrice:
    """Price of an hour of a new owned device this month, busy or idle: capital, hosting and power at full draw."""
    power = device_power * power_overhead * power_price
    return (device_list_price * capital_charge + hosting_price) / hours_per_month + power
