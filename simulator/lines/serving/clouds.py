"""Cloud credits: used before cash, until they expire. Costs are at list price, and credits are negative costs."""

import numpy as np

from simulator.engine.quantities import (
    Amount,
    CalendarMonth,
    DirectCost,
    Money,
    ResearchCost,
    SellingCost,
    Share,
)


def cloud_usage(total_cloud_bill, total_training_rent) -> Money:
    """Cloud charges for serving and training this month at list price, in cash or credits.

    The cost of owned devices is excluded.
    """
    return total_cloud_bill + total_training_rent


def credits_available(
    month,
    total_credits_withdrawn,
    last_cloud_credits=0.0,
    credits_granted: Amount = 0.0,
    credits_expire: CalendarMonth = 1_000.0,
) -> Money:
    """Cloud credits that the company can use this month, before any is used.

    opening_cloud_credits: Cloud credits in hand when the scenario begins.
    credits_granted: Cloud credits granted this month.
    credits_expire: Month from which all cloud credits are worthless.
    """
    # Withdrawals arrive as logarithms, which add up over events.
    valid = np.where(month < np.ceil(credits_expire), 1, 0)
    return (last_cloud_credits + credits_granted) * valid * np.exp(total_credits_withdrawn)


def credits_applied(credits_available, cloud_usage) -> Money:
    """Cloud credits that pay for this month's cloud usage; they are used before cash."""
    return np.minimum(credits_available, cloud_usage)


def cloud_credits(credits_available, credits_applied) -> Amount:
    """Cloud credits left at the end of the month; they are not an asset in the books."""
    # A credit is a discount on a future bill, which the books do not show in advance.
    return credits_available - credits_applied


def cloud_paid(cloud_usage, credits_applied) -> Money:
    """Cloud usage of this month paid in cash, not in credits."""
    return cloud_usage - credits_applied


def credited_share(credits_applied, cloud_usage) -> Share:
    """Share of this month's cloud usage that credits pay for."""
    # One share for all usage: serving and training use up credits at the same rate.
    return np.where(cloud_usage > 0, credits_applied / cloud_usage, 0)


def credits_for_customers(credited_share, total_cloud_bill, total_free_cloud_bill) -> DirectCost:
    """Cloud credits against this month's cost of serving paying customers and of idle pools; negative."""
    # Idle pools are a cost of revenue, so their credits count here, too.
    return -credited_share * (total_cloud_bill - total_free_cloud_bill)


def credits_for_free_plans(credited_share, total_free_cloud_bill) -> SellingCost:
    """Cloud credits set against this month's cost of serving free plans and free trials; negative."""
    return -credited_share * total_free_cloud_bill


def credits_for_training(credited_share, total_training_rent) -> ResearchCost:
    """Cloud credits set against this month's rent of devices for training; negative."""
    return -credited_share * total_training_rent
