"""Usage, per plan: requests of customers, of whom a tenth may make most.

Monthly requests are lognormal over customers, so the part above an allowance, a cap or a commitment has a closed form.
The spread is given directly, or by the share of all usage that the top tenth of customers has.
"""

from typing import Any

import numpy as np

from simulator.engine.choice import where
from simulator.engine.lognormal import excess, spread_of_top_tenth
from simulator.engine.quantities import (
    FEWEST_REQUESTS,
    TINY_MONEY,
    Factor,
    MoneyPerCustomer,
    PositiveRequestsPerCustomer,
    Requests,
    RequestsPerCustomer,
    RequestsPerSeat,
    SeatsPerCustomer,
    Share,
    Spread,
    Switch,
)

PER = "plan"


def usage_deviation(usage_spread: Spread = 1.0, top_tenth_share: Share = 0.0) -> Factor:
    """Spread of use between customers of the plan: the standard deviation of the logarithm of monthly requests.

    Where `top_tenth_share` is given, the spread follows from it; otherwise it is `usage_spread`.

    usage_spread: Spread of use between customers: the standard deviation of the logarithm of their requests.
    top_tenth_share: Share of all use that the tenth of customers with the most use has; 0 to give `usage_spread`.
    """
    # Strictly between a tenth and all: at a tenth everyone uses the same, which is a spread of zero.
    given = np.minimum(np.maximum(top_tenth_share, 0.1001), 0.9999)
    return np.where(top_tenth_share > 0, spread_of_top_tenth(given), usage_spread)


def expected_use(
    requests_per_customer: RequestsPerCustomer = 0.0,
    requests_per_seat: RequestsPerSeat = 0.0,
    seats_per_customer: SeatsPerCustomer = 1.0,
) -> RequestsPerCustomer:
    """Requests of a new customer of the plan this month at the reference prices, with the seats it begins with.

    requests_per_customer: Requests of a mean customer a month, apart from those of its seats.
    requests_per_seat: Requests of each seat a month.
    seats_per_customer: Seats with which a mean customer of the plan begins.
    """
    return np.maximum(requests_per_customer + requests_per_seat * seats_per_customer, FEWEST_REQUESTS)


def reference_use(expected_use, reference_requests: RequestsPerCustomer = 0.0) -> RequestsPerCustomer:
    """Monthly requests for which customers compare bills, so that more use is not taken for a higher price.

    reference_requests: Use at which customers compare bills; that of month 0 unless stated.
    """
    return np.where(reference_requests > 0, reference_requests, expected_use)


def use_moves(requests_per_seat, usage_elasticity) -> Switch:
    """1 for a plan whose customers' use changes with their seats or with the price of a request; otherwise 0."""
    return np.where(np.logical_or(requests_per_seat > 0, usage_elasticity > 0), 1, 0)


def use_per_customer(
    use_moves, expected_use, price_use, seats, customers, requests_per_customer, requests_per_seat
) -> RequestsPerCustomer:
    """Mean requests that a customer of the plan would make this month without a cap: its own, and those of its seats.

    Seats that customers add or give up count, and so does the price of a request.
    """
    return where(
        np.logical_and(use_moves > 0, customers > 0),
        lambda own, each, seats, customers, answer: (
            answer * np.maximum(own + each * seats / customers, FEWEST_REQUESTS)
        ),
        expected_use,
        requests_per_customer,
        requests_per_seat,
        seats,
        customers,
        price_use,
    )


def expected_capped(expected_use, requests_cap, usage_deviation) -> RequestsPerCustomer:
    """Mean requests of a new customer of the plan this month, where none can exceed the cap."""
    return _capped(expected_use, requests_cap, usage_deviation)


def capped_requests(
    use_moves, use_per_customer, usage_deviation, expected_capped, requests_cap: PositiveRequestsPerCustomer = 1e12
) -> RequestsPerCustomer:
    """Mean requests of a customer of the plan this month, where none can exceed the cap.

    The mean is the limited expected value of a lognormal.

    requests_cap: Requests a month beyond which a customer gets none; 1e12 for no cap.
    """
    return where(use_moves > 0, _capped, expected_capped, use_per_customer, requests_cap, usage_deviation)


def _capped(use: Any, cap: Any, deviation: Any) -> Any:
    return use - excess(use, cap, deviation)


def requests(customers, capped_requests, trial_requests) -> Requests:
    """Requests of all customers of the plan this month, and of people on a free trial."""
    # The least use has a logarithm, and stands for none.
    return np.where(capped_requests > FEWEST_REQUESTS, customers * capped_requests, 0) + trial_requests


def expected_overage(expected_use, included_requests, requests_cap, usage_deviation) -> RequestsPerCustomer:
    """Mean requests of a new customer of the plan this month above the allowance and below the cap."""
    return _between(expected_use, included_requests, requests_cap, usage_deviation)


def overage_per_customer(
    use_moves,
    use_per_customer,
    usage_deviation,
    requests_cap,
    expected_overage,
    included_requests: RequestsPerCustomer = 1e12,
) -> RequestsPerCustomer:
    """Mean requests of a customer of the plan this month above the allowance and below the cap.

    Heavy users exceed the allowance even where the average customer stays below it.

    included_requests: Requests a month that the fee includes; each further one costs `overage_price`.
    """
    terms = included_requests, requests_cap, usage_deviation
    return where(use_moves > 0, _between, expected_overage, use_per_customer, *terms)


def reference_overage(reference_use, usage_deviation, requests_cap, included_requests) -> RequestsPerCustomer:
    """Mean requests above the allowance of a customer of the plan, at the reference use."""
    return _between(reference_use, included_requests, requests_cap, usage_deviation)


def _between(use: Any, allowance: Any, cap: Any, deviation: Any) -> Any:
    # Nothing is above an allowance that only the cap ends, as where there is neither.
    return where(allowance < cap, _above_allowance, 0, use, allowance, cap, deviation)


def _above_allowance(use: Any, allowance: Any, cap: Any, deviation: Any) -> Any:
    # The least use stands for an allowance of none, whose logarithm the formula could not take.
    above = excess(use, np.maximum(np.minimum(allowance, cap), FEWEST_REQUESTS), deviation)
    # A cap may lie below the least use; and of two that are nearly the same, rounding may leave a residue below zero.
    return np.maximum(above - excess(use, cap, deviation), 0)


def tier_2_due(
    tier_starts: MoneyPerCustomer = 1e12, tier_discount: Share = 0.0, tier_2_starts: MoneyPerCustomer = 1e12
) -> MoneyPerCustomer:
    """Monthly fee for metered tokens up to the start of the plan's second tier.

    tier_starts: Monthly use, at its price before tiers, beyond which a customer pays the first tier's lower price.
    tier_discount: Discount on the price of use beyond the start of the first tier.
    tier_2_starts: Monthly use, at its price before tiers, beyond which the second tier's discount replaces the first.
    """
    return tier_starts + np.maximum(tier_2_starts - tier_starts, 0) * (1 - tier_discount)


def tier_3_due(
    tier_2_due,
    tier_starts,
    tier_2_starts,
    tier_2_discount: Share = 0.0,
    tier_3_starts: MoneyPerCustomer = 1e12,
) -> MoneyPerCustomer:
    """Monthly fee for metered tokens up to the start of the plan's third tier.

    tier_2_discount: Discount on the price of use beyond the start of the second tier.
    tier_3_starts: Monthly use, at its price before tiers, beyond which the third tier's discount replaces the second.
    """
    # An uncertain start may be drawn below the one before.
    return tier_2_due + np.maximum(tier_3_starts - np.maximum(tier_2_starts, tier_starts), 0) * (1 - tier_2_discount)


def used_up(
    signed_commitment,
    tier_starts,
    tier_2_due,
    tier_3_due,
    tier_discount,
    tier_2_discount,
    tier_3_discount: Share = 0.0,
) -> MoneyPerCustomer:
    """Monthly use, at its price before tiers, that consumes the commitment of a customer of the plan.

    tier_3_discount: Discount on the price of use beyond the start of the third tier.
    """
    due, discounts = (tier_starts, tier_2_due, tier_3_due), (tier_discount, tier_2_discount, tier_3_discount)
    return where(signed_commitment > 0, _used_up, 0.0, signed_commitment, *due, *discounts)


def expected_used_up(
    commitment, tier_starts, tier_2_due, tier_3_due, tier_discount, tier_2_discount, tier_3_discount
) -> MoneyPerCustomer:
    """Monthly use, at its price before tiers, that consumes the commitment of a new customer of the plan."""
    due, discounts = (tier_starts, tier_2_due, tier_3_due), (tier_discount, tier_2_discount, tier_3_discount)
    return where(commitment > 0, _used_up, 0.0, commitment, *due, *discounts)


def _used_up(commitment: Any, first: Any, second: Any, third: Any, *discounts: Any) -> Any:
    """Return the use whose fee is the commitment, given the fees at the starts of three tiers and their discounts."""
    # A full discount would never consume a commitment that lies beyond the tier.
    kept = [np.maximum(1 - discount, 0.000001) for discount in discounts]
    in_first = np.maximum(np.minimum(commitment, second) - first, 0) / kept[0]
    in_second = np.maximum(np.minimum(commitment, third) - second, 0) / kept[1]
    return np.minimum(commitment, first) + in_first + in_second + np.maximum(commitment - third, 0) / kept[2]


def metered_fee(
    use_per_customer,
    requests_cap,
    total_metered_per_request,
    signed_level,
    usage_deviation,
    signed_commitment,
    used_up,
    tier_starts,
    tier_discount,
    tier_2_starts,
    tier_2_discount,
    tier_3_starts,
    tier_3_discount,
) -> MoneyPerCustomer:
    """Mean fee of a customer of the plan for metered tokens this month: the commitment, or more for more use.

    Use beyond the start of a tier gets that tier's discount, and a cap on requests limits the fee.
    """
    price, committed = total_metered_per_request * signed_level, (signed_commitment, used_up)
    tiers = tier_starts, tier_discount, tier_2_starts, tier_2_discount, tier_3_starts, tier_3_discount
    return _fee_for_use(use_per_customer, requests_cap, price, usage_deviation, *committed, *tiers)


def expected_metered_fee(
    reference_use,
    requests_cap,
    total_metered_per_request,
    price_level,
    usage_deviation,
    commitment,
    expected_used_up,
    tier_starts,
    tier_discount,
    tier_2_starts,
    tier_2_discount,
    tier_3_starts,
    tier_3_discount,
) -> MoneyPerCustomer:
    """Monthly fee for metered tokens that a new customer of the plan expects at the reference use."""
    price, committed = total_metered_per_request * price_level, (commitment, expected_used_up)
    tiers = tier_starts, tier_discount, tier_2_starts, tier_2_discount, tier_3_starts, tier_3_discount
    return _fee_for_use(reference_use, requests_cap, price, usage_deviation, *committed, *tiers)


def _fee_for_use(use: Any, cap: Any, price: Any, deviation: Any, commitment: Any, *terms: Any) -> Any:
    """Return the mean fee for use at a price per request; `terms` are those of `_metered_knots`."""
    worth = use * price, cap * price
    return where(worth[0] + commitment > 0, _mean_fee, 0, *worth, deviation, commitment, *terms)


def _mean_fee(worth: Any, most: Any, deviation: Any, commitment: Any, *terms: Any) -> Any:
    """Return the mean fee for use that is worth so much at list price, and at most so much."""
    worth, most, fee = (np.maximum(one, TINY_MONEY) for one in (worth, most, commitment))
    # The fee is linear in use between its knots, so its mean is a sum of limited expected values.
    capped = excess(worth, most, deviation)
    for knot, slope in _metered_knots(*terms):
        fee = fee + where(knot < most, _beyond, 0, knot, slope, worth, deviation, capped)
    return fee


def _beyond(knot: Any, slope: Any, worth: Any, deviation: Any, capped: Any) -> Any:
    return slope * (excess(worth, knot, deviation) - capped)


def _metered_knots(used_up: Any, *tiers: Any) -> list[tuple[Any, Any]]:
    """Return the knots of the metered fee, each as (worth of use at list price, change of slope there).

    The fee is the commitment until use has consumed it, at the first knot. `tiers` are start and discount of one tier
    after the other, each of which replaces the one before.
    """
    first, before = np.maximum(used_up, TINY_MONEY), 0
    knots, starts = [(first, 1)], first
    for start, discount in zip(tiers[::2], tiers[1::2], strict=True):
        starts = np.maximum(starts, start)
        knots.append((starts, before - discount))
        before = discount
    return knots
