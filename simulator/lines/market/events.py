"""What happens to the company, per event: by date or by chance, for a while or for good, and what it does.

Effects are factors; those of several events multiply, because their logarithms add up in `market`.
"""

import numpy as np

from simulator.engine.quantities import Amount, GeneralCost, Months, Number, PositiveFactor, Share, ShockShare, Switch

PER = "event"


def happening(month, starts: Months, lasts: Months = 240.0, happens: Switch = 1.0) -> Share:
    """Whether the event is under way: 1 or 0, from the month in which it starts for as long as it lasts."""
    return np.where(np.logical_and(month >= np.ceil(starts), month < np.ceil(starts) + lasts), happens, 0)


def demand_push(happening, demand_factor: PositiveFactor = 1.0) -> Number:
    """How the event moves the number of people who try the product, as a logarithm."""
    return happening * np.log(demand_factor)


def conversion_push(happening, conversion_factor: PositiveFactor = 1.0) -> Number:
    """How the event moves the share of them who buy, as a logarithm."""
    return happening * np.log(conversion_factor)


def price_push(happening, price_factor: PositiveFactor = 1.0) -> Number:
    """How the event moves the prices that customers are ready to pay, as a logarithm."""
    return happening * np.log(price_factor)


def device_price_push(happening, device_price_factor: PositiveFactor = 1.0) -> Number:
    """How the event moves what devices cost to rent, as a logarithm."""
    return happening * np.log(device_price_factor)


def token_price_push(happening, token_price_factor: PositiveFactor = 1.0) -> Number:
    """How the event moves the market's price of tokens beyond what devices do to it, as a logarithm."""
    return happening * np.log(token_price_factor)


def funding_push(happening, funding_factor: PositiveFactor = 1.0) -> Number:
    """How the event moves what investors put in, as a logarithm."""
    return happening * np.log(funding_factor)


def staying_push(happening, customers_lost: ShockShare = 0.0) -> Number:
    """How the event moves the share of customers who stay each month, as a logarithm."""
    return np.log(1 - happening * customers_lost)


def frontier_jump(happening, frontier_gain: Number = 0.0) -> Number:
    """How far the event moves the best product on the market ahead."""
    return happening * frontier_gain


def quality_lost(happening, quality_loss: Share = 0.0) -> Number:
    """How much worse the company's own product is while the event lasts, as when a base model is withdrawn."""
    return happening * quality_loss


def credits_withdrawn(month, starts, happens, credits_lost: Share = 0.0) -> Number:
    """What the event leaves of the cloud credits there are when it starts, as a logarithm."""
    lost = np.where(month == np.ceil(starts), happens * credits_lost, 0)
    return np.log(1 - np.minimum(lost, 0.999999))


def event_cost(happening, month, starts, happens, cost_once: Amount = 0.0, cost_per_month: Amount = 0.0) -> GeneralCost:
    """What the event costs the company: once, and in each month that it lasts."""
    return np.where(month == np.ceil(starts), happens * cost_once, 0) + happening * cost_per_month
