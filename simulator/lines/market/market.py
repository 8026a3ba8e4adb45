"""The market as the whole company meets it: who can still be reached, what word of mouth brings, and prices.

Word of mouth is Bass's diffusion (Management Science, 1969), stepped exactly from month to month, so that no
growth passes the market's size.
"""

import numpy as np

from simulator.engine.quantities import Customers, Factor, Growth, Number, PositiveUsers, Share, Users


def demand_index(total_demand_push) -> Factor:
    """Demand against a quiet market."""
    return np.exp(total_demand_push)


def word_of_mouth(
    last_reached, market_size: PositiveUsers = 8e9, innovation: Share = 0.0, imitation: Factor = 0.0
) -> Users:
    """People who come by themselves or because others did: one exact month of Bass's equation.

    `innovation` is his p and `imitation` his q, both a month.
    """
    share = last_reached / market_size
    pace = innovation + imitation
    ahead = (innovation + imitation * share) * np.exp(pace)
    reached = (ahead - innovation * (1 - share)) / (ahead + imitation * (1 - share))
    return np.where(pace > 0, market_size * np.maximum(reached - share, 0), 0)


def open_market(last_reached, word_of_mouth, market_size) -> Share:
    """The share of the market that nobody has won yet, and that channels can still win."""
    return np.maximum(1 - (last_reached + word_of_mouth) / market_size, 0)


def signups(total_signups_by_channel, word_of_mouth, open_market, demand_index, last_reached, market_size) -> Users:
    """People who try the product this month, whichever way they came; never more than the market still has."""
    wanted = (total_signups_by_channel * open_market + word_of_mouth) * demand_index
    return np.minimum(wanted, np.maximum(market_size - last_reached, 0))


def reached(signups, last_reached=0.0) -> Users:
    """Everyone who has ever tried the product."""
    return last_reached + signups


def device_price_index(month, total_device_price_push, device_price_growth: Growth = 0.0) -> Factor:
    """What devices cost to rent against the plan's own price: the trend of a month, and events."""
    return np.exp(total_device_price_push) * (1 + device_price_growth) ** month


def token_price_index(device_price_index, total_token_price_push, token_price_follows: Share = 0.0) -> Factor:
    """The market's price of tokens: it follows that of devices, as far as competition makes it, and events."""
    return device_price_index**token_price_follows * np.exp(total_token_price_push)


def price_index(total_price_push) -> Factor:
    """What customers are ready to pay against a quiet market."""
    return np.exp(total_price_push)


def funding_index(total_funding_push) -> Factor:
    """What investors put in against a quiet market."""
    return np.exp(total_funding_push)


def market_staying(total_staying_push) -> Number:
    """The share of customers who stay through the month's events."""
    return np.exp(total_staying_push)


def upgrades_of_all(total_upgrades) -> Customers:
    """Customers who leave a plan for a better one, over all plans."""
    return total_upgrades
