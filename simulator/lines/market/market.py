"""The market as a whole: people still to be reached, word of mouth, indices of demand and prices, paying customers.

Word of mouth follows Bass's diffusion (Management Science, 1969). Each month is an exact step of the differential
equation, so growth never exceeds the size of the market.
"""

import numpy as np

from simulator.engine.quantities import Customers, Factor, Growth, Number, PositiveFactor, PositiveUsers, Share, Users


def demand_index(total_demand_push, demand_level: PositiveFactor = 1.0) -> Factor:
    """Demand for the product this month, relative to the scenario's own (1).

    demand_level: Market's demand apart from events: 0.8 for a fifth less interest in all channels and deals.
    """
    return np.exp(total_demand_push) * demand_level


def word_of_mouth(
    last_reached, market_size: PositiveUsers = 8e9, innovation: Share = 0.0, imitation: Factor = 0.0
) -> Users:
    """People who come this month by themselves or because others did, before events: one month of Bass's equation.

    market_size: People whom the product could ever reach.
    innovation: Share of people not yet reached who come in a month by themselves (Bass's p).
    imitation: People whom a user brings in a month while the market is still untouched (Bass's q).
    """
    # With F the share reached and c = ((p + q F) / (1 - F)) exp(p + q), a month leads to F' = (c - p) / (c + q).
    # Both sides are multiplied by 1 - F, which may be zero.
    share = last_reached / market_size
    pace = innovation + imitation
    ahead = (innovation + imitation * share) * np.exp(pace)
    reached = (ahead - innovation * (1 - share)) / (ahead + imitation * (1 - share))
    return np.where(pace > 0, market_size * np.maximum(reached - share, 0), 0)


def open_market(last_reached, word_of_mouth, market_size) -> Share:
    """Share of the market that nobody has won yet, and that channels can still reach this month."""
    return np.maximum(1 - (last_reached + word_of_mouth) / market_size, 0)


def signups(total_signups_by_channel, word_of_mouth, open_market, demand_index, last_reached, market_size) -> Users:
    """People who try the product this month, through channels or word of mouth; never more than the market has left."""
    # Channels lose those whom the company has already won; word of mouth accounts for them itself.
    wanted = (total_signups_by_channel * open_market + word_of_mouth) * demand_index
    return np.minimum(wanted, np.maximum(market_size - last_reached, 0))


def reached(signups, last_reached=0.0) -> Users:
    """People who have ever tried the product, up to the end of this month.

    opening_reached: People who had tried the product before the scenario begins.
    """
    return last_reached + signups


def device_price_trend(month, device_price_growth: Growth = 0.0, last_device_price_trend=1.0) -> Factor:
    """Trend of device rents up to this month: each month from the second on changes them by its own growth.

    device_price_growth: Change of device rents from month to month; negative while they fall.
    opening_device_price_trend: Trend of device rents in the first month, relative to the scenario's own prices.
    """
    return np.where(month > 0, last_device_price_trend * (1 + device_price_growth), last_device_price_trend)


def device_price_index(device_price_trend, total_device_price_push, device_price_level: PositiveFactor = 1.0) -> Factor:
    """Rent of devices this month relative to the scenario's own prices (1): the trend, times events and the level.

    device_price_level: Distance of device rents from their trend: 1.2 for 20% above it.
    """
    return np.exp(total_device_price_push) * device_price_trend * device_price_level


def token_price_index(
    device_price_index,
    total_token_price_push,
    token_price_follows: Share = 0.0,
    token_price_level: PositiveFactor = 1.0,
) -> Factor:
    """Market prices of tokens this month relative to the scenario's own prices (1).

    Token prices follow device prices as far as `token_price_follows` says, and events move them further.

    token_price_follows: Extent to which token prices follow device rents: 0 not at all, 1 in proportion.
    token_price_level: Distance of token prices from where device rents put them: 0.7 for 30% below.
    """
    return device_price_index**token_price_follows * np.exp(total_token_price_push) * token_price_level


def price_index(total_price_push) -> Factor:
    """Prices that customers accept this month, relative to a market without events (1)."""
    return np.exp(total_price_push)


def funding_index(total_funding_push) -> Factor:
    """Money that investors put into a round this month, relative to a market without events (1)."""
    return np.exp(total_funding_push)


def market_staying(total_staying_push) -> Number:
    """Share of customers whom this month's events leave with the company; 1 without events."""
    return np.exp(total_staying_push)


def customers_before(month, total_paying_at_start, last_customers_served=0.0) -> Customers:
    """Paying customers of all plans when the month begins.

    opening_customers_served: State of the model that no scenario needs to give.
    """
    return np.where(month == 0, total_paying_at_start, last_customers_served)


def customers_served(total_paying_customers) -> Customers:
    """Paying customers of all plans this month; customers of free plans are excluded."""
    return total_paying_customers
