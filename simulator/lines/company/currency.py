"""The second currency, in which a scenario may state amounts that it pays or earns abroad."""

from typing import Annotated

from simulator.engine.quantities import Factor, Numbers
from simulator.engine.units import quantity

# Some currencies have thousands of units to another's one.
ExchangeRate = Annotated[Numbers, quantity("1", 1e-9)]


def exchange_rate_now(exchange_rate: ExchangeRate = 1.0) -> Factor:
    """Price this month of one unit of the scenario's second currency, in the scenario's own.

    exchange_rate: Price of one unit of the second currency in the scenario's own, such as 0.87 EUR for one USD.
    """
    return exchange_rate
