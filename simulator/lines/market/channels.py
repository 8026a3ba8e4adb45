"""Acquisition, per channel: marketing spend, and the sign-ups that it brings."""

import numpy as np

from simulator.engine.quantities import (
    MonthlyAmount,
    PositiveMoneyPerUser,
    PositiveUsers,
    SellingCost,
    Users,
    UsersPerMonth,
)

PER = "channel"


def marketing_spend(budget: MonthlyAmount = 0.0) -> SellingCost:
    """Money spent this month to attract sign-ups through the channel.

    budget: Money that the channel may spend in a month.
    """
    return budget


def paid_signups(
    marketing_spend, cost_per_signup: PositiveMoneyPerUser = 1.0, most_signups: PositiveUsers = 1.0
) -> Users:
    """Sign-ups this month that the channel's spending brings, before market saturation and events.

    The first cost `cost_per_signup` each; each further one costs more as the channel nears the most it can give. The
    response is the exponential saturation of media-mix models.

    cost_per_signup: Price of the channel's first sign-ups; later ones cost more as the channel fills up.
    most_signups: Paid sign-ups that the channel could bring in a month at most, however much is spent.
    """
    # The slope at zero spend is 1 / cost_per_signup; the limit is most_signups.
    return -most_signups * np.expm1(-marketing_spend / (cost_per_signup * most_signups))


def signups_by_channel(paid_signups, organic_signups: UsersPerMonth = 0.0) -> Users:
    """Sign-ups this month because of the channel, paid and organic, before market saturation and events.

    organic_signups: Sign-ups a month that the channel brings without any spending.
    """
    return paid_signups + organic_signups
