"""Quotes: further terms for which devices can be reserved, as a founder types them."""

from __future__ import annotations

import math

from simulator.errors import BadValue, PlanError
from simulator.scenario.values import read_number

LONGEST_TERM = 120  # as `reserved_term` allows
QUOTED = "write MONTHS=PRICE, a term and the price of a device for an hour, as in 36=1.90"


def read_quotes(text: str) -> dict[int, float]:
    """Return the terms and prices of a text such as `12=2.40, 36=1.90`; raise PlanError where it has another form."""
    quotes: dict[int, float] = {}
    for one in filter(None, map(str.strip, text.split(","))):
        term, _, price = one.partition("=")
        try:
            months, hourly = read_number(term.strip()), read_number(price.strip())
        except BadValue:
            raise PlanError(f"{one[:40]!r} is no quote", QUOTED) from None
        if months not in range(1, LONGEST_TERM + 1) or not 0 < hourly < math.inf:
            raise PlanError(f"{one[:40]!r} is no quote: a term has 1 to {LONGEST_TERM} months, and a price", QUOTED)
        if int(months) in quotes:
            raise PlanError(f"{months:g} months are quoted twice", "give one price for each term")
        quotes[int(months)] = hourly
    return quotes
