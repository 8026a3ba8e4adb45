"""A vendor's bill, per feature: what a mean request costs at the vendor's own prices.

Some vendors charge more for a long call: above a threshold of input, the whole call is dearer. Lengths of calls are
lognormal, so the share of calls above the threshold, and the share of all input in them, have closed forms.
"""

from typing import Annotated

from simulator.engine.choice import where
from simulator.engine.lognormal import part_above, share_above
from simulator.engine.quantities import (
    TOKENS_PER_MILLION,
    MoneyPerCall,
    MoneyPerMillionTokens,
    MoneyPerRequest,
    Numbers,
    PositiveFactor,
    Share,
)
from simulator.engine.units import quantity

PER = "feature"

TokensPerCall = Annotated[Numbers, quantity("token/call", 0)]
LengthSpread = Annotated[Numbers, quantity("1", 0, 5)]


def call_length(input_per_request, calls_per_request) -> TokensPerCall:
    """Mean input tokens of one call of the feature's model."""
    return input_per_request / calls_per_request


def long_call_share(
    call_length, pool_vendor_threshold: TokensPerCall = 0.0, length_spread: LengthSpread = 0.0
) -> Share:
    """Share of the feature's calls that are longer than the vendor's threshold; 0 without a threshold.

    vendor_threshold: Input tokens of a call above which the vendor charges more for the whole call; 0 means never.
    length_spread: Spread of the lengths of calls: the standard deviation of the logarithm; 0 if all are alike.
    """
    return where(pool_vendor_threshold > 0, share_above, 0, call_length, pool_vendor_threshold, length_spread)


def long_input_share(call_length, pool_vendor_threshold, length_spread) -> Share:
    """Share of the feature's input tokens that are in calls longer than the vendor's threshold."""
    return where(pool_vendor_threshold > 0, part_above, 0, call_length, pool_vendor_threshold, length_spread)


def vendor_input_bill(
    input_per_request,
    cached_per_request,
    written_per_request,
    long_input_share,
    pool_write_premium,
    pool_batch_factor,
    pool_cached_batch_factor,
    pool_vendor_input_price: MoneyPerMillionTokens = 0.0,
    pool_vendor_cache_discount: Share = 0.0,
    pool_vendor_long_input: PositiveFactor = 1.0,
) -> MoneyPerRequest:
    """Vendor's bill for the input of a mean request to the feature.

    Cached tokens cost less, tokens written to the cache more, tokens of a batch less, and those of long calls more.

    vendor_input_price: Price of a vendor's API for a million input tokens.
    vendor_cache_discount: Discount of the vendor on input tokens that it reads from its cache.
    vendor_long_input: Price of input in calls above the vendor's threshold, per price below it.
    """
    fresh = (input_per_request - cached_per_request + written_per_request * pool_write_premium) * pool_batch_factor
    cached = cached_per_request * (1 - pool_vendor_cache_discount) * pool_cached_batch_factor
    dearer = 1 + long_input_share * (pool_vendor_long_input - 1)
    return (fresh + cached) * dearer * pool_vendor_input_price / TOKENS_PER_MILLION


def vendor_output_bill(
    output_per_request,
    long_call_share,
    pool_batch_factor,
    pool_vendor_output_price: MoneyPerMillionTokens = 0.0,
    pool_vendor_long_output: PositiveFactor = 1.0,
) -> MoneyPerRequest:
    """Vendor's bill for the output of a mean request to the feature, reasoning included.

    How much a call writes does not depend on how much it reads.

    vendor_output_price: Price of a vendor's API for a million output tokens.
    vendor_long_output: Price of output in calls above the vendor's threshold, per price below it.
    """
    dearer = 1 + long_call_share * (pool_vendor_long_output - 1)
    return output_per_request * dearer * pool_batch_factor * pool_vendor_output_price / TOKENS_PER_MILLION


def vendor_request_bill(
    vendor_input_bill, vendor_output_bill, calls_per_request, pool_vendor_call_fee: MoneyPerCall = 0.0
) -> MoneyPerRequest:
    """Vendor's bill for a mean request to the feature on demand, before the market moves its prices.

    Lengths of calls are lognormal around their mean, so some calls exceed a threshold that the mean call does not.

    vendor_call_fee: Fee of the vendor for each call, besides tokens.
    """
    return vendor_input_bill + vendor_output_bill + calls_per_request * pool_vendor_call_fee


def vendor_request_cost(
    vendor_request_bill, pool_vendor_price_index, pool_vendor_share, pool_spilled_share
) -> MoneyPerRequest:
    """Cost on demand of a mean request to the feature this month: the vendor's share of it at this month's prices."""
    return where(
        pool_vendor_share * vendor_request_bill > 0,
        lambda bill, share, spilled, index: bill * share * spilled * index,
        0,
        vendor_request_bill,
        pool_vendor_share,
        pool_spilled_share,
        pool_vendor_price_index,
    )
