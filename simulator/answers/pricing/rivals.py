"""Where a plan's price stands among list prices of others, each in the unit of the other's charge.

A plan that charges otherwise is compared by what its whole bill comes to per seat, request or finished task; per seat
only where it states seats. A plan that sells tokens is compared with the price cards of vendors that ship, too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from simulator.answers.pricing.charging import equal_bills
from simulator.answers.pricing.priced import Priced
from simulator.scenario.cards.catalogue import cards
from simulator.scenario.cards.listed import Listed, listed
from simulator.scenario.cards.pool import CURRENCY
from simulator.scenario.scenario import Scenario

# The way of `charging` whose level at today's bill is the plan's price per such a unit.
LEVELS = {
    "customer": ("flat", "price"),
    "seat": ("seats", "seat_price"),
    "request": ("usage", "overage_price"),
    "task": ("outcome", "task_price"),
}
# Prices this many times apart are those of other things, whatever unit they share.
FARTHEST = 100


@dataclass(frozen=True)
class Rival:
    """A list price, and what the plan comes to in the same unit."""

    listed: Listed
    own: float

    @property
    def ratio(self) -> float:
        """The plan's price per price of the other."""
        return self.own / self.listed.price


@dataclass(frozen=True)
class Tokens:
    """The plan's price of a million output tokens among the models of vendors: how many are cheaper, of how many."""

    own: float
    cheaper: int
    count: int
    median: float
    as_of: date


@dataclass(frozen=True)
class Rivals:
    """A plan beside list prices, in the order of the list; `left_out` could not be compared.

    These are in another currency, per something that the plan has none of, or of another size altogether. `tokens` is
    None for a plan that sells no output tokens in the currency of the cards.
    """

    priced: Priced
    rows: tuple[Rival, ...]
    left_out: tuple[Listed, ...]
    tokens: Tokens | None


def rivals_of(scenario: Scenario, plan: str, prices: Sequence[Listed] | None = None) -> Rivals:
    """Return where a plan stands among list prices, by default those that ship; raise PlanError for a free plan."""
    priced = Priced.of(scenario, plan)
    _, levels = equal_bills(priced)
    own = {unit: levels[way][charge] for unit, (way, charge) in LEVELS.items() if way in levels}
    if scenario.assumption_of("seats_per_customer", priced.plan).is_default:
        own.pop("seat", None)
    known = listed() if prices is None else prices
    alike = (Rival(one, own.get(one.charge, 0)) for one in known if one.currency == scenario.currency)
    rows = tuple(row for row in alike if 1 / FARTHEST <= row.ratio <= FARTHEST)
    compared = [row.listed for row in rows]
    return Rivals(priced, rows, tuple(one for one in known if one not in compared), _tokens(priced))


def _tokens(priced: Priced) -> Tokens | None:
    """Return where the price of output tokens stands, on the first day of the scenario."""
    own = float(priced.course_of("output_price")[0])
    if not own or priced.scenario.currency != CURRENCY:
        return None
    tiers = {card: card.tiers(priced.scenario.start) for card in cards().values()}
    known = [float(one[0].output) for one in tiers.values() if one and one[0].output]
    as_of = max(card.as_of for card in tiers)
    return Tokens(own, sum(price < own for price in known), len(known), float(np.median(known)), as_of)
