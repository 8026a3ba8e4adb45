"""A vendor's API, per pool: the tokens that it serves instead of own devices, on demand or from reserved throughput.

A reservation is paid by the hour, used or not. What exceeds it in an hour of the day spills over to prices on demand.
"""

from typing import Annotated

import numpy as np

from simulator.engine.choice import where
from simulator.engine.quantities import (
    SECONDS_PER_HOUR,
    TOKENS_PER_MILLION,
    Factor,
    MillionTokens,
    Money,
    Numbers,
    PositiveFactor,
    Share,
)
from simulator.engine.units import quantity

PER = "pool"

# Extra on a price; a write to the cache may also be cheaper than reading.
Premium = Annotated[Numbers, quantity("1", -1)]
ReservedUnits = Annotated[Numbers, quantity("unit", 0)]
PriceChange = Annotated[Numbers, quantity("share", -1, per="year", steady=True)]
UnitRate = Annotated[Numbers, quantity("token/s/unit", 0)]
UnitPrice = Annotated[Numbers, quantity("money/unit/hour", 0)]


def vendor_tokens(tokens_served, vendor_share: Share = 0.0) -> MillionTokens:
    """Part of the pool's tokens this month that a vendor's API serves instead of its own devices.

    vendor_share: Share of the pool's tokens that a vendor's API serves instead of own devices.
    """
    return tokens_served * vendor_share


def vendor_price_index(
    month, token_price_index, vendor_price_level: PositiveFactor = 1.0, vendor_price_change: PriceChange = 0.0
) -> Factor:
    """Vendor's prices on demand this month relative to the scenario's own (1): the market's, and the vendor's course.

    vendor_price_level: Level of the vendor's prices on demand per price of the market: 0.5 for half.
    vendor_price_change: Change of the vendor's prices on demand in a year, beside the market's; -50% halves them.
    """
    return token_price_index * vendor_price_level * (1 + vendor_price_change) ** (month / 12)


def write_premium(
    vendor_write_premium: Premium = 0.0, vendor_hour_premium: Premium = 0.0, vendor_hour_share: Share = 0.0
) -> Premium:
    """Mean extra on the vendor's input price for a token that is written to its cache.

    vendor_write_premium: Extra on the input price for tokens written to the vendor's cache for minutes.
    vendor_hour_premium: Extra on the input price for tokens written to the vendor's cache for an hour.
    vendor_hour_share: Share of the tokens written to the vendor's cache that are kept for an hour.
    """
    return vendor_write_premium + vendor_hour_share * (vendor_hour_premium - vendor_write_premium)


def batch_factor(vendor_batch_share: Share = 0.0, vendor_batch_discount: Share = 0.0) -> Share:
    """Price of the vendor's tokens, some of them in batches that are answered within a day, per price without batches.

    vendor_batch_share: Share of the requests to the vendor that can wait for a batch.
    vendor_batch_discount: Discount of the vendor on the tokens of a batch.
    """
    return 1 - vendor_batch_share * vendor_batch_discount


def cached_batch_factor(vendor_batch_share, vendor_batch_discount, vendor_batch_cached: Share = 1.0) -> Share:
    """Price of tokens read from the vendor's cache, some of them in batches, per price without batches.

    vendor_batch_cached: Share of a batch's discount that the vendor grants on tokens read from its cache.
    """
    return 1 - vendor_batch_share * vendor_batch_discount * vendor_batch_cached


def reserved_capacity(
    hours_per_month, vendor_reserved_units: ReservedUnits = 0.0, vendor_unit_rate: UnitRate = 0.0
) -> MillionTokens:
    """Millions of weighted tokens that the throughput reserved at the vendor can serve in a month.

    vendor_reserved_units: Units of throughput that are reserved at the vendor.
    vendor_unit_rate: Rate of weighted tokens that one reserved unit of throughput serves.
    """
    per_hour = vendor_reserved_units * vendor_unit_rate * SECONDS_PER_HOUR / TOKENS_PER_MILLION
    return per_hour * hours_per_month


def spilled_share(vendor_tokens, total_reserved_tokens, vendor_reserved_units) -> Share:
    """Share of the vendor's tokens this month beyond the reserved throughput, which costs the price on demand."""
    reserves = np.logical_and(vendor_reserved_units > 0, vendor_tokens > 0)
    return where(
        reserves, lambda asked, served: np.maximum(1 - served / asked, 0), 1, vendor_tokens, total_reserved_tokens
    )


def reserved_bill(vendor_reserved_units, hours_per_month, vendor_unit_price: UnitPrice = 0.0) -> Money:
    """Price of the throughput reserved at the vendor this month, used or not.

    vendor_unit_price: Price of a reserved unit of throughput for an hour.
    """
    return vendor_reserved_units * vendor_unit_price * hours_per_month


def vendor_cost(total_vendor_bill, reserved_bill) -> Money:
    """Cost of the tokens that a vendor's API serves for the pool this month, on demand and from reserved throughput."""
    return total_vendor_bill + reserved_bill
