"""A price card, and the bill of one request, exact to the last digit that the vendor states.

A card is about text in US dollars. Audio, images, video, documents and citations are left out, and so are prices for
faster or slower service. A threshold makes the whole request dearer: above it, every token has the price of the
longer request.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal

from simulator.errors import BadValue


@dataclass(frozen=True)
class Rates:
    """Prices that a card has from a day on, for requests of more than `above` tokens of input, in batch or not.

    `since` is the earliest date where a price has held ever since the model exists. Prices are per million tokens,
    those of requests and searches per thousand; None where the vendor has no price of its own for them.
    """

    since: date
    batch: bool
    above: int
    input: Decimal
    output: Decimal | None
    cached: Decimal | None
    written: Decimal | None
    written_hour: Decimal | None
    reasoning: Decimal | None
    thousand_requests: Decimal | None
    thousand_searches: Decimal | None


@dataclass(frozen=True)
class Counts:
    """Tokens and searches of one request, as a vendor counts them.

    Input includes tokens that are read from a cache (`cached`) and written to one, for five minutes (`written`) or an
    hour (`written_hour`). Output includes `reasoning`.
    """

    input: int
    output: int = 0
    cached: int = 0
    written: int = 0
    written_hour: int = 0
    reasoning: int = 0
    searches: int = 0

    def __post_init__(self) -> None:
        if strange := [one.name for one in fields(self) if getattr(self, one.name) < 0]:
            raise BadValue(f"{strange[0]} is below zero", "give 0 or more")
        if self.cached + self.written + self.written_hour > self.input:
            raise BadValue("more tokens are cached than the input has", "count cached tokens within the input")
        if self.reasoning > self.output:
            raise BadValue("more tokens are reasoning than the output has", "count reasoning within the output")


@dataclass(frozen=True)
class Item:
    """One line of a bill: so many units at a price for each `per` of them, in dollars."""

    title: str
    count: int
    price: Decimal
    per: int

    @property
    def amount(self) -> Decimal:
        """What the line comes to."""
        return self.count * self.price / self.per


@dataclass(frozen=True)
class Card:
    """A model of a vendor with its prices; `name` is `vendor/model`."""

    name: str
    vendor: str
    source: str
    as_of: date
    rates: tuple[Rates, ...]

    def days(self, batch: bool = False) -> list[date]:
        """Return the days on which a price, in batch or not, begins or changes."""
        return sorted({rates.since for rates in self.rates if rates.batch == batch and rates.since > date.min})

    def tiers(self, day: date, batch: bool = False) -> list[Rates]:
        """Return the prices that hold on a day, by threshold; none where the card has no batch price on that day."""
        known = [rates for rates in self.rates if rates.batch == batch and rates.since <= day]
        latest = max((rates.since for rates in known), default=None)
        return sorted((rates for rates in known if rates.since == latest), key=lambda rates: rates.above)


def bill(card: Card, counts: Counts, day: date, *, batch: bool = False) -> list[Item]:
    """Return the bill of one request on a day, one line for each thing that is charged.

    Raises BadValue where the card has no batch price on that day.
    """
    tiers = card.tiers(day, batch)
    if not tiers:
        raise BadValue(f"{card.name} has no batch price on {day}", "leave out batch, or choose a later day")
    # The lowest tier holds for a request of any length.
    reached = [rates for rates in tiers if counts.input > rates.above or not rates.above]
    return [item for item in _items(reached[-1], counts) if item.count]


def total(items: list[Item]) -> Decimal:
    """Return the sum of a bill in dollars."""
    return sum((item.amount for item in items), Decimal(0))


def _items(rates: Rates, counts: Counts) -> Iterator[Item]:
    written = _first(rates.written, rates.input)
    output = _first(rates.output, Decimal(0))
    fresh = counts.input - counts.cached - counts.written - counts.written_hour
    for title, count, price in (
        ("input", fresh, rates.input),
        ("cached input", counts.cached, _first(rates.cached, rates.input)),
        ("cache writes", counts.written, written),
        ("cache writes for an hour", counts.written_hour, _first(rates.written_hour, written)),
        ("output", counts.output - counts.reasoning, output),
        ("reasoning", counts.reasoning, _first(rates.reasoning, output)),
    ):
        yield Item(title, count, price, 1_000_000)
    yield Item("request", int(bool(rates.thousand_requests)), _first(rates.thousand_requests, Decimal(0)), 1_000)
    yield Item("web searches", counts.searches, _first(rates.thousand_searches, Decimal(0)), 1_000)


def _first(price: Decimal | None, otherwise: Decimal) -> Decimal:
    """Return a price, or another where the vendor has none of its own."""
    return otherwise if price is None else price
