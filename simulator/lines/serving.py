"""Serving, per pool: one model on one kind of device, rented whole."""

import numpy as np

from simulator.quantities import (
    SECONDS_PER_HOUR,
    TOKENS_PER_MILLION,
    DevicePrice,
    Devices,
    DirectCost,
    Hours,
    Markup,
    MillionTokens,
    MillionTokensPerDevice,
    MoneyPerMillionTokens,
    Share,
    TokensPerSecond,
)

PER = "pool"


def tokens_served(total_tokens_used) -> MillionTokens:
    """Tokens that the features on this pool need this month."""
    return total_tokens_used


def device_capacity(tokens_per_second: TokensPerSecond, hours_per_month: Hours) -> MillionTokensPerDevice:
    """Tokens that one device serves in a month of steady load at its measured or published rate."""
    return tokens_per_second * SECONDS_PER_HOUR * hours_per_month / TOKENS_PER_MILLION


def devices_needed(tokens_served, device_capacity, peak_to_mean: Markup, headroom: Share = 0.0) -> Devices:
    """Devices for the busiest hour, with headroom kept free on top."""
    return tokens_served * peak_to_mean * (1 + headroom) / device_capacity


def devices_rented(devices_needed, fewest_devices: Devices = 1.0) -> Devices:
    """Whole devices paid for this month, never below the floor that keeps the service up."""
    return np.ceil(np.maximum(fewest_devices, devices_needed))


def device_rent(devices_rented, device_price: DevicePrice, hours_per_month) -> DirectCost:
    """What the month's devices cost to rent, busy or idle."""
    return devices_rented * device_price * hours_per_month


def utilisation(tokens_served, devices_rented, device_capacity) -> Share:
    """The busy share of what is rented."""
    return np.where(devices_rented > 0, tokens_served / (devices_rented * device_capacity), 0)


def cost_per_million_tokens(device_rent, tokens_served) -> MoneyPerMillionTokens:
    """Rent per million tokens on the allocation basis: idle devices are paid for, too. 0 where nothing is served."""
    return np.where(tokens_served > 0, device_rent / tokens_served, 0)
