"""Events, per event: something that happens to the company by date or by chance, for some months or for good.

Effects are factors. Each event gives the logarithm of its factor, so that the sum over events in `market` multiplies
them.
"""

import numpy as np

from simulator.engine.quantities import (
    Amount,
    CalendarMonth,
    GeneralCost,
    MonthlyAmount,
    Months,
    Number,
    PositiveFactor,
    Share,
    ShockShare,
    Switch,
)

PER = "event"


def happening(month, starts: CalendarMonth, lasts: Months = 240.0, happens: Switch = 1.0) -> Share:
    """1 in the months in which the event is under way, from its start for as long as it lasts; otherwise 0.

    Where the event is uncertain, `happens` is 1 in the trials in which it occurs.

    starts: Month in which the event begins.
    lasts: Months for which the event lasts.
    happens: Occurrence of the event: 1 for certain, 0 for never, or the chance of it.
    """
    # A drawn start may be a fraction; the event then begins with the next whole month.
    return np.where(np.logical_and(month >= np.ceil(starts), month < np.ceil(starts) + lasts), happens, 0)


def demand_push(happening, demand_factor: PositiveFactor = 1.0) -> Number:
    """Effect of the event on this month's sign-ups, as the logarithm of its factor; 0 outside it.

    demand_factor: Factor on sign-ups and deals during the event: 0.7 for 30% fewer.
    """
    return happening * np.log(demand_factor)


def conversion_push(happening, conversion_factor: PositiveFactor = 1.0) -> Number:
    """Effect of the event on the share of sign-ups who buy, as the logarithm of its factor; 0 outside it.

    conversion_factor: Factor on the share of sign-ups who buy during the event.
    """
    return happening * np.log(conversion_factor)


def price_push(happening, price_factor: PositiveFactor = 1.0) -> Number:
    """Effect of the event on the prices customers accept, as the logarithm of its factor; 0 outside it.

    price_factor: Factor on the prices of all plans during the event: 0.8 in a price war that costs 20%.
    """
    return happening * np.log(price_factor)


def device_price_push(happening, device_price_factor: PositiveFactor = 1.0) -> Number:
    """Effect of the event on the rent of devices, as the logarithm of its factor; 0 outside it.

    device_price_factor: Factor on the rent of devices during the event: 2 for a shortage that doubles it.
    """
    return happening * np.log(device_price_factor)


def token_price_push(happening, token_price_factor: PositiveFactor = 1.0) -> Number:
    """Effect of the event on market prices of tokens, as the logarithm of its factor; 0 outside it.

    An effect through device prices comes on top.

    token_price_factor: Factor on market prices of tokens during the event.
    """
    return happening * np.log(token_price_factor)


def funding_push(happening, funding_factor: PositiveFactor = 1.0) -> Number:
    """Effect of the event on the money investors put into a round, as the logarithm of its factor; 0 outside it.

    funding_factor: Factor on the money that rounds bring during the event: 0.5 if investors halve their tickets.
    """
    return happening * np.log(funding_factor)


def staying_push(happening, customers_lost: ShockShare = 0.0) -> Number:
    """Effect of the event on the share of customers who stay this month, as the logarithm of that share.

    customers_lost: Share of all customers who leave in each month of the event.
    """
    # ShockShare stops at 0.9, so the logarithm is finite.
    return np.log(1 - happening * customers_lost)


def frontier_jump(happening, frontier_gain: Number = 0.0) -> Number:
    """Rise of the best product on the market in quality because of the event; 0 while it is not under way.

    frontier_gain: Gain in quality of the best rival product through the event.
    """
    return happening * frontier_gain


def quality_lost(happening, quality_loss: Share = 0.0) -> Number:
    """Quality that the company's own product loses while the event is under way, as when a base model is withdrawn.

    quality_loss: Quality that the company's own product lacks during the event.
    """
    return happening * quality_loss


def credits_withdrawn(month, starts, happens, credits_lost: Share = 0.0) -> Number:
    """Share of cloud credits that survives the event in the month it starts, as a logarithm; 0 in other months.

    credits_lost: Share of unused cloud credits that is withdrawn when the event begins.
    """
    # Without a ceiling, an event that takes all credits would be the logarithm of zero.
    lost = np.where(month == np.ceil(starts), happens * credits_lost, 0)
    return np.log(1 - np.minimum(lost, 0.999999))


def event_cost(
    happening, month, starts, happens, cost_once: Amount = 0.0, cost_per_month: MonthlyAmount = 0.0
) -> GeneralCost:
    """Cost of the event to the company this month: a single cost when it starts, and a monthly cost while it lasts.

    cost_once: Cost in the month in which the event begins.
    cost_per_month: Cost in each month of the event.
    """
    return np.where(month == np.ceil(starts), happens * cost_once, 0) + happening * cost_per_month
