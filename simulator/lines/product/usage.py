"""Usage, per plan: requests of customers, of whom a tenth may make most.

Monthly requests are lognormal over customers, so the part above an allowance, a cap or a commitment has a closed form.
The spread is given directly, or by the share of all usage that the top tenth of customers has.
"""

from typing import Any

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
    """Spread of use between customers of the plan: the standard deviation of the logarithm of monthly requests.

    Where `top_tenth_share` is given, the spread follows from it; otherwise it is `usage_spread`.
    """
    # Strictly between a tenth and all: at a tenth everyone uses the same, which is a spread of zero.
    given = np.minimum(np.maximum(top_tenth_share, 0.1001), 0.9999)
    return np.where(top_tenth_share > 0, spread_of_top_tenth(given), usage_spread)


def capped_requests(
    requests_per_customer: PositiveRequestsPerCustomer,
    usage_deviation,
    requests_cap: PositiveRequestsPerCustomer = 1e12,
) -> RequestsPerCustomer:
    """Mean requests of a customer of the plan this month, where none can exceed the cap.

    The mean is the limited expected value of a lognormal.
    """
    return requests_per_customer - excess(requests_per_customer, requests_cap, usage_deviation)


def requests(customers, capped_requests) -> Requests:
    """Requests of all customers of the plan this month."""
    return customers * capped_requests


def overage_per_customer(
    requests_per_customer, usage_deviation, requests_cap, included_requests: PositiveRequestsPerCustomer = 1e12
) -> RequestsPerCustomer:
    """Mean requests of a customer of the plan this month above the allowance and below the cap.

    Heavy users exceed the allowance even where the average customer stays below it.
    """
    above = excess(requests_per_customer, np.minimum(included_requests, requests_cap), usage_deviation)
    # A cap below the allowance leaves no overage; rounding may then leave a residue below zero.
    return np.maximum(above - excess(requests_per_customer, requests_cap, usage_deviation), 0)


def metered_value(capped_requests, total_metered_per_request, signed_level) -> MoneyPerCustomer:
    """Value of an average customer's metered tokens this month at the plan's prices, before tiers and commitments."""
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
    """Mean fee of a customer of the plan for metered tokens this month: the commitment, or more for more use.

    Use beyond `tier_starts` gets the tier's discount, and a cap on requests limits the fee.
    """
    price = total_metered_per_request * signed_level
    worth, most = np.maximum(requests_per_customer * price, TINY_MONEY), np.maximum(requests_cap * price, TINY_MONEY)
    tier, floor = np.maximum(tier_starts, TINY_MONEY), np.maximum(signed_commitment, TINY_MONEY)
    # The fee is linear in use between its knots, so its mean is a sum of limited expected values.
    capped = excess(worth, most, usage_deviation)
    (used_up, slope), (cheaper_from, bend) = _metered_knots(floor, tier, tier_discount)
    beyond = excess(worth, np.minimum(used_up, most), usage_deviation) - capped
    cheaper = excess(worth, np.minimum(cheaper_from, most), usage_deviation) - capped
    return np.where(metered_value + signed_commitment > 0, floor + slope * beyond + bend * cheaper, 0)


def _metered_knots(commitment: Any, tier_starts: Any, tier_discount: Any) -> tuple[tuple[Any, Any], tuple[Any, Any]]:
    """Return the two knots of the metered fee, each as (worth of use at list price, change of slope there).

    The fee is the commitment up to the first knot, where use has consumed it.
    """
    # A full discount would never consume a commitment that lies beyond the tier.
    kept = np.maximum(1 - tier_discount, 0.000001)
    within = commitment <= tier_starts
    used_up = np.where(within, commitment, tier_starts + np.maximum(commitment - tier_starts, 0) / kept)
    return (used_up, np.where(within, 1, kept)), (tier_starts, np.where(within, -tier_discount, 0))
