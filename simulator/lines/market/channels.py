"""Acquisition, per channel: what is spent to be found, and who signs up."""

import numpy as np

from simulator.engine.quantities import Amount, PositiveMoneyPerUser, PositiveUsers, SellingCost, Users

PER = "channel"


def marketing_spend(budget: Amount) -> SellingCost:
    """What the channel is paid this month."""
    return budget


def paid_signups(marketing_spend, cost_per_signup: PositiveMoneyPerUser, most_signups: PositiveUsers) -> Users:
    """Sign-ups that the spending brings: each further one costs more as the channel nears the most it can give.

    The first ones cost `cost_per_signup`; the response is the exponential saturation of media-mix models.
    """
    return most_signups * (1 - np.exp(-marketing_spend / (cost_per_signup * most_signups)))


def signups_by_channel(paid_signups, organic_signups: Users = 0.0) -> Users:
    """People who try the product because of this channel, paid for or not."""
    return paid_signups + organic_signups
