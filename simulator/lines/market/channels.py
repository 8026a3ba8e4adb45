"""Acquisition, per channel: marketing spend, and the sign-ups that it brings."""

import numpy as np

from simulator.engine.quantities import Amount, PositiveMoneyPerUser, PositiveUsers, SellingCost, Users

PER = "channel"


def marketing_spend(budget: Amount = 0.0) -> SellingCost:
    """Money spent this month to attract sign-ups through the channel."""
    return budget


def paid_signups(
    marketing_spend, cost_per_signup: PositiveMoneyPerUser = 1.0, most_signups: PositiveUsers = 1.0
) -> Users:
    """Sign-ups this month that the channel's spending brings, before market saturation and events.

    The first cost `cost_per_signup` each; each further one costs more as the channel nears the most it can give. The
    response is the exponential saturation of media-mix models.
    """
    # The slope at zero spend is 1 / cost_per_signup; the limit is most_signups.
    return most_signups * (1 - np.exp(-marketing_spend / (cost_per_signup * most_signups)))


def signups_by_channel(paid_signups, organic_signups: Users = 0.0) -> Users:
    """Sign-ups this month because of the channel, paid and organic, before market saturation and events."""
    return paid_signups + organic_signups
