"""Quotes: further terms for which devices can be reserved, as a founder types them."""

from __future__ import annotations

import math

from profiling.errors import Phrase
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
            raise PlanError(Phrase("{typed!r} is no quote", typed=one[:40]), QUOTED) from None
        if months not in range(1, LONGEST_TERM + 1) or not 0 < hourly < math.inf:
            raise PlanError(
                Phrase(
                    "{typed!r} is no quote: a term has 1 to {longest} months, and a price",
                    typed=one[:40],
                    longest=LONGEST_TERM,
                ),
                QUOTED,
            )
        if int(months) in quotes:
            raise PlanError(Phrase("{months:g} months are quoted twice", months=months), "give one price for each term")
        quotes[int(months)] = hourly
    return quotes
