"""Cloud credits: used before cash, until they expire; the list price stays in the costs, credits stand against it."""

import numpy as np

from simulator.engine.quantities import Amount, DirectCost, Money, Months, ResearchCost, SellingCost, Share


def cloud_usage(total_cloud_bill, total_training_rent) -> Money:
    """What clouds charge at list price, for serving and for training, however it is paid; owned devices are no part."""
    return total_cloud_bill + total_training_rent


def credits_available(
    month,
    total_credits_withdrawn,
    last_cloud_credits=0.0,
    credits_granted: Amount = 0.0,
    credits_expire: Months = 1_000.0,
) -> Money:
    """Credits that can be used this month."""
    valid = np.where(month < np.ceil(credits_expire), 1, 0)
    return (last_cloud_credits + credits_granted) * valid * np.exp(total_credits_withdrawn)


def credits_applied(credits_available, cloud_usage) -> Money:
    """Credits that pay for usage, before any cash does."""
    return np.minimum(credits_available, cloud_usage)


def cloud_credits(credits_available, credits_applied) -> Money:
    """Credits left at the end of the month; they are no asset in the books."""
    return credits_available - credits_applied


def cloud_paid(cloud_usage, credits_applied) -> Money:
    """What of the usage is paid in cash."""
    return cloud_usage - credits_applied


def credited_share(credits_applied, cloud_usage) -> Share:
    """The part of usage that credits pay."""
    return np.where(cloud_usage > 0, credits_applied / cloud_usage, 0)


def credits_for_customers(credited_share, total_cloud_bill, total_free_cloud_bill) -> DirectCost:
    """Credits against what clouds charge for serving paying customers, and for pools that serve nobody."""
    return -credited_share * (total_cloud_bill - total_free_cloud_bill)


def credits_for_free_plans(credited_share, total_free_cloud_bill) -> SellingCost:
    """Credits against what clouds charge for serving free plans."""
    return -credited_share * total_free_cloud_bill


def credits_for_training(credited_share, total_training_rent) -> ResearchCost:
    """Credits against what training costs."""
    return -credited_share * total_training_rent
