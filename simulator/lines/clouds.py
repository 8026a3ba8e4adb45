"""Cloud credits: used before cash, until they expire; the list price stays in the costs, credits stand against it."""

import numpy as np

from simulator.quantities import Amount, DirectCost, Money, Months, ResearchCost, SellingCost, Share


def cloud_usage(total_cloud_rent, total_reserved_rent, total_training_rent) -> Money:
    """Device rent at list price, for serving and for training, however it is paid."""
    return total_cloud_rent + total_reserved_rent + total_training_rent


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


def free_share(total_free_inference, total_inference_cost) -> Share:
    """The part of what serving costs that goes to free plans."""
    return np.where(total_inference_cost > 0, total_free_inference / total_inference_cost, 0)


def credits_for_customers(credited_share, total_cloud_rent, total_reserved_rent, free_share) -> DirectCost:
    """Credits against what serving paying customers costs."""
    return -credited_share * (total_cloud_rent + total_reserved_rent) * (1 - free_share)


def credits_for_free_plans(credited_share, total_cloud_rent, total_reserved_rent, free_share) -> SellingCost:
    """Credits against what serving free plans costs."""
    return -credited_share * (total_cloud_rent + total_reserved_rent) * free_share


def credits_for_training(credited_share, total_training_rent) -> ResearchCost:
    """Credits against what training costs."""
    return -credited_share * total_training_rent
