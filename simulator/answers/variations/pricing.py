"""The price map: the effect of a plan's price and conversion together on margin, runway and cash."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from simulator.answers.inputs import vary
from simulator.answers.outcomes import first_month_below
from simulator.engine.dates import YEAR
from simulator.engine.model import Array
from simulator.scenario.scenario import Scenario


@dataclass(frozen=True)
class PriceMap:
    """Outcomes by conversion (rows) and price (columns); `runway` is NaN if cash never falls below the floor."""

    prices: Array
    conversions: Array
    margin: Array
    runway: Array
    end_cash: Array


# What a plan may charge, in order of preference: the first that is not zero is its price.
PRICES = ("price", "seat_price", "commitment", "output_price", "input_price", "credits_per_customer", "service_fee")


def price_of(scenario: Scenario, plan: str) -> str | None:
    """Return the assumption that is the plan's price: its fee, or what it charges instead; None if it is free."""
    return next((name for name in PRICES if scenario.assumption_of(name, plan).central), None)


def price_map(
    scenario: Scenario, plan: str, prices: Sequence[float], conversions: Sequence[float], name: str = "price"
) -> PriceMap:
    """Return the map for one plan and the price `name`: last year's gross margin, months of runway, cash at the end.

    All combinations run at once. The plan's elasticity applies as well, so `conversions` are those at the reference
    price.
    """
    points = [(price, conversion) for conversion in conversions for price in prices]
    changes = [
        {f"plans.{plan}.{name}": np.array([price]), f"plans.{plan}.conversion": np.array([conversion])}
        for price, conversion in points
    ]
    found = vary(scenario, changes, ["revenue", "gross_profit", "cash"])
    revenue, profit = (found[name][-YEAR:, 0, 1:].sum(axis=0) for name in ("revenue", "gross_profit"))
    cash = found["cash"][:, 0, 1:]
    margin = np.divide(profit, revenue, out=np.full_like(revenue, np.nan), where=revenue > 0)
    outcomes = (margin, first_month_below(cash, scenario.settings.cash_floor), cash[-1])
    shaped = (one.reshape(len(conversions), len(prices)) for one in outcomes)
    return PriceMap(np.array(prices), np.array(conversions), *shaped)
