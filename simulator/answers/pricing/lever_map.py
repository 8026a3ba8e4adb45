"""The price map: the effect of a plan's price and conversion together on margin, runway and cash."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass

import numpy as np

from simulator.answers.outcomes import first_month_below
from simulator.answers.pricing.priced import Priced
from simulator.answers.variations.inputs import vary
from simulator.engine.dates import YEAR
from simulator.engine.model import Array


@dataclass(frozen=True)
class PriceMap:
    """Outcomes by conversion (rows) and price (columns); `runway` is NaN if cash never falls below the floor."""

    prices: Array
    conversions: Array
    margin: Array
    runway: Array
    end_cash: Array


def price_map(
    priced: Priced, prices: Sequence[float], conversions: Sequence[float], executor: Executor | None = None
) -> PriceMap:
    """Return last year's gross margin, months of runway and cash at the end, at factors of price and of conversion.

    All combinations run at once. The plan's elasticity applies as well, so conversions are those at the reference
    bill. A schedule is scaled in all of its months; prices and conversions are named by the first.
    """
    changes = [
        {**priced.times(priced.name, price), **priced.times("conversion", conversion)}
        for conversion in conversions
        for price in prices
    ]
    found = vary(priced.scenario, changes, ["revenue", "gross_profit", "cash"], executor)
    revenue, profit = (found[name][-YEAR:, 0, 1:].sum(axis=0) for name in ("revenue", "gross_profit"))
    cash = found["cash"][:, 0, 1:]
    margin = np.divide(profit, revenue, out=np.full_like(revenue, np.nan), where=revenue > 0)
    outcomes = (margin, first_month_below(cash, priced.scenario.settings.cash_floor), cash[-1])
    shaped = (one.reshape(len(conversions), len(prices)) for one in outcomes)
    conversion = priced.scenario.assumption_of("conversion", priced.plan)
    shares = conversion.within(conversion.central * np.array(conversions))
    return PriceMap(priced.level * np.array(prices), shares, *shaped)
