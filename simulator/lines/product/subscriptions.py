"""Subscriptions, per plan: recurring fees invoiced ahead, the part of them that is revenue this month, and the rest.

Fees are invoiced for `prepaid_months` ahead and become revenue in equal parts (ASC 606). `invoices` says who is
invoiced, and at which fees. Opening customers renew evenly over the months of a period.
"""

from typing import Any

import numpy as np

from simulator.engine.ages import over_ages
from simulator.engine.choice import where
from simulator.engine.quantities import Income, Liability, Money, Share

PER = "plan"


def subscription_billings(
    customers_invoiced,
    seats_invoiced,
    fee,
    seat_fee,
    invoiced_fee,
    invoiced_seat_fee,
    contract_months,
    prepaid_months,
    net_level,
    refund_share: Share = 0.0,
) -> Money:
    """Recurring fees of the plan invoiced this month for the months ahead, after refunds; commitments are excluded.

    A customer who prepays the whole contract signs with each invoice, at the current price; one who prepays less owes
    what is signed.

    refund_share: Share of each invoice of recurring fees that is given back at once, whoever leaves.
    """
    # An invoice for the whole term renews the contract, so today's prices apply.
    signing = np.ceil(prepaid_months) >= np.ceil(contract_months)
    by_customer = customers_invoiced * np.where(signing, fee, invoiced_fee)
    by_seat = seats_invoiced * np.where(signing, seat_fee, invoiced_seat_fee)
    return (by_customer + by_seat) * net_level * np.ceil(prepaid_months) * (1 - refund_share)


def recognition(month, prepaid_months) -> Share:
    """Share of an invoice that becomes revenue at each age in months: equal parts over the prepaid months."""
    return np.where(month < np.ceil(prepaid_months), 1 / np.ceil(prepaid_months), 0)


def opening_earned(month, prepaid_months) -> Share:
    """Share of the revenue deferred before the scenario that is earned this month.

    The share falls month by month as customers renew.
    """
    # With renewals spread evenly over n months, n - 1 parts are earned in the first month, n - 2 in the second, and
    # so on, of n (n - 1) / 2 parts in all.
    rest = np.ceil(prepaid_months) - 1
    falling = 2 * np.maximum(rest - month, 0) / np.maximum(rest * (rest + 1), 1)
    return np.where(rest > 0, falling, np.where(month == 0, 1, 0))


def deferred_at_start(
    first_fee,
    first_seat_fee,
    first_seats_per_customer,
    first_refund_share,
    first_net_level,
    prepaid_months,
    opening_customers,
    opening_deferred_revenue=-1.0,
) -> Money:
    """Recurring fees of the plan invoiced and not yet earned when the scenario begins.

    Where the scenario does not state them, they are those of opening customers who renew evenly at the first month's
    prices: of n prepaid months, n - 1 are left to one n-th of the customers, n - 2 to the next, and so on.

    opening_deferred_revenue: Fees of the plan invoiced and not yet earned at the start; below 0 derives them from
      opening customers and prepaid months.
    """
    paid = opening_customers * (first_fee + first_seat_fee * first_seats_per_customer) * (1 - first_refund_share)
    left = paid * first_net_level * (np.ceil(prepaid_months) - 1) / 2
    return np.where(opening_deferred_revenue < 0, left, opening_deferred_revenue)


def fees_due(past_subscription_billings, past_recognition, opening_earned, deferred_at_start) -> Money:
    """Recurring fees of the plan earned this month if nobody gets any back, whenever invoiced."""
    # Fees deferred before the scenario fall due on a schedule of their own.
    earned = over_ages(past_subscription_billings, past_recognition)
    return earned + deferred_at_start * opening_earned


def subscription_revenue(
    fees_due, fees_kept_ahead, months_staying, share_used, subscription_billings, prepaid_months, refund_on_leaving
) -> Income:
    """Recurring fees of the plan earned this month, whenever invoiced, including before the scenario.

    Fees that customers get back on leaving are never earned.
    """
    ahead = fees_kept_ahead, months_staying, share_used
    length = np.ceil(prepaid_months)
    return where(
        refund_on_leaving > 0, _earned, fees_due, fees_due, subscription_billings, length, *ahead, refund_on_leaving
    )


def _earned(due: Any, billed: Any, length: Any, ahead: Any, staying: Any, used: Any, refunded: Any) -> Any:
    return (1 - refunded) * due + refunded * (billed / length + ahead * staying * used)


def deferred_before(month, deferred_at_start, last_deferred_revenue) -> Money:
    """Recurring fees of the plan invoiced ahead and not yet earned when the month begins."""
    return np.where(month > 0, last_deferred_revenue, deferred_at_start)


def deferred_revenue(deferred_before, subscription_billings, subscription_revenue, refunds) -> Liability:
    """Recurring fees of the plan invoiced ahead and not yet earned at the end of the month, owed as service."""
    return deferred_before + subscription_billings - subscription_revenue - refunds
