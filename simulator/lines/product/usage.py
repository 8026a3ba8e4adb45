"""Usage, per plan: how much customers ask of the product, when a tenth of them ask for most of it.

Requests a month are lognormal over customers, so that what exceeds an allowance, a cap or a commitment has a closed
form. The spread is given as such, or by the share of all usage that the top tenth has.
"""

import numpy as np

from simulator.engine.lognormal import excess, spread_of_top_tenth
from simulator.engine.quantities import (
    TINY_MONEY,
    Factor,
    MoneyPerCustomer,
    PositiveRequestsPerCustomer,
    Requests,
    RequestsPerCustomer,
    Share,
    Spread,
)

PER = "plan"


def usage_deviation(usage_spread: Spread = 1.0, top_tenth_share: Share = 0.0) -> Factor:
    """The deviation of the logarithm of usage; the share of the top tenth, where it is given, decides it."""
    # A tenth that uses a tenth has no tail at all, which no lognormal can say.
    given = np.minimum(np.maximum(top_tenth_share, 0.1001), 0.9999)
    return np.where(top_tenth_share > 0, spread_of_top_tenth(given), usage_spread)


def capped_requests(
    requests_per_customer: PositiveRequestsPerCustomer,
    usage_deviation,
    requests_cap: PositiveRequestsPerCustomer = 1e12,
) -> RequestsPerCustomer:
    """Mean requests of a customer when none can make more than the cap: the limited expected value."""
    return requests_per_customer - excess(requests_per_customer, requests_cap, usage_deviation)


def requests(customers, capped_requests) -> Requests:
    """What the plan's customers ask of the product this month."""
    return customers * capped_requests


def overage_per_customer(
    requests_per_customer,
    usage_deviation,
    requests_cap,
    included_requests: PositiveRequestsPerCustomer = 1e12,
) -> RequestsPerCustomer:
    """Mean requests above the allowance and below the cap.

    It is above zero even where the mean customer stays below the allowance: the heavy users pay it.
    """
    above = excess(requests_per_customer, np.minimum(included_requests, requests_cap), usage_deviation)
    return np.maximum(above - excess(requests_per_customer, requests_cap, usage_deviation), 0)


def metered_value(capped_requests, total_metered_per_request, signed_level) -> MoneyPerCustomer:
    """What a customer's tokens are worth at the plan's prices, before tiers and commitments."""
    return capped_requests * total_metered_per_request * signed_level


def metered_fee(
    requests_per_customer,
    requests_cap,
    metered_value,
    total_metered_per_request,
    signed_level,
    usage_deviation,
    signed_commitment,
    tier_starts: MoneyPerCustomer = 1e12,
    tier_discount: Share = 0.0,
) -> MoneyPerCustomer:
    """What a customer pays for metered use: the commitment, or more where use is worth more.

    Use beyond `tier_starts` is cheaper by the tier's discount, and nobody's use is worth more than the cap lets it be.
    The mean over customers is a sum of limited expected values, because who pays what grows with use.
    """
    price = total_metered_per_request * signed_level
    worth, most = np.maximum(requests_per_customer * price, TINY_MONEY), np.maximum(requests_cap * price, TINY_MONEY)
    tier, floor = np.maximum(tier_starts, TINY_MONEY), np.maximum(signed_commitment, TINY_MONEY)
    kept = np.maximum(1 - tier_discount, 0.000001)
    capped = excess(worth, most, usage_deviation)
    # A commitment beyond the tier is used up only where the cheaper use reaches it.
    used_up = np.where(floor <= tier, floor, tier + np.maximum(floor - tier, 0) / kept)
    beyond = excess(worth, np.minimum(used_up, most), usage_deviation) - capped
    cheaper = excess(worth, np.minimum(tier, most), usage_deviation) - capped
    fee = floor + np.where(floor <= tier, 1, kept) * beyond - np.where(floor <= tier, tier_discount, 0) * cheaper
    return np.where(metered_value + signed_commitment > 0, fee, 0)
