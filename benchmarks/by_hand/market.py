"""Events, the market, channels and sign-ups."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np

from benchmarks.by_hand.parts import Array, total


def known(given: SimpleNamespace) -> dict[str, Array]:
    """Logarithms of what events do."""
    return {
        "log_demand": np.log(given.demand_factor),
        "log_conversion": np.log(given.conversion_factor),
        "log_price": np.log(given.price_factor),
        "log_device_price": np.log(given.device_price_factor),
        "log_token_price": np.log(given.token_price_factor),
        "log_funding": np.log(given.funding_factor),
    }


def month_of(now: SimpleNamespace, last: SimpleNamespace, month: int) -> None:
    """A month of events, prices in the market, and people who try the product."""
    _events(now, month)
    trend = (1 + now.device_price_growth) ** month
    now.device_price_index = np.exp(now.device_price_push) * trend
    now.token_price_index = now.device_price_index**now.token_price_follows * np.exp(now.token_price_push)
    _signups(now, last)


def _events(now: SimpleNamespace, month: int) -> None:
    begins = np.ceil(now.starts)
    happening = np.where((month >= begins) & (month < begins + now.lasts), now.happens, 0)
    demand_push = happening * now.log_demand
    conversion_push = happening * now.log_conversion
    price_push = happening * now.log_price
    device_price_push = happening * now.log_device_price
    token_price_push = happening * now.log_token_price
    funding_push = happening * now.log_funding
    staying_push = np.log(1 - happening * now.customers_lost)
    frontier_jump = happening * now.frontier_gain
    quality_lost = happening * now.quality_loss
    credits_lost = np.where(month == begins, now.happens * now.credits_lost, 0)
    credits_withdrawn = np.log(1 - np.minimum(credits_lost, 0.999999))
    now.event_cost = np.where(month == begins, now.happens * now.cost_once, 0) + happening * now.cost_per_month
    now.demand_index = np.exp(total(demand_push))
    now.conversion_push = total(conversion_push)
    now.price_index = np.exp(total(price_push))
    now.device_price_push = total(device_price_push)
    now.token_price_push = total(token_price_push)
    now.funding_index = np.exp(total(funding_push))
    now.market_staying = np.exp(total(staying_push))
    now.frontier_jump = total(frontier_jump)
    now.quality_lost = total(quality_lost)
    now.credits_withdrawn = total(credits_withdrawn)


def _signups(now: SimpleNamespace, last: SimpleNamespace) -> None:
    now.marketing_spend = now.budget
    paid_signups = now.most_signups * (1 - np.exp(-now.marketing_spend / (now.cost_per_signup * now.most_signups)))
    signups_by_channel = paid_signups + now.organic_signups
    share = last.reached / now.market_size
    pace = now.innovation + now.imitation
    ahead = (now.innovation + now.imitation * share) * np.exp(pace)
    then = (ahead - now.innovation * (1 - share)) / (ahead + now.imitation * (1 - share))
    word_of_mouth = np.where(pace > 0, now.market_size * np.maximum(then - share, 0), 0)
    open_market = np.maximum(1 - (last.reached + word_of_mouth) / now.market_size, 0)
    wanted = (total(signups_by_channel) * open_market + word_of_mouth) * now.demand_index
    now.signups = np.minimum(wanted, np.maximum(now.market_size - last.reached, 0))
    now.reached = last.reached + now.signups
