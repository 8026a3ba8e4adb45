"""What a pool that names a price card need not state: the vendor's prices, as they change by month."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Any

from profiling.errors import Phrase
from simulator.errors import BadValue
from simulator.scenario.cards.card import Card, Rates
from simulator.scenario.cards.catalogue import find_card
from simulator.scenario.checks.stated_units import Currencies

# The field of a pool that names its card.
CARD = "card"
CURRENCY = "USD"
# The amounts of money that a card gives, with their units.
PRICED = {"vendor_input_price": "USD/Mtoken", "vendor_output_price": "USD/Mtoken", "vendor_call_fee": "USD/call"}
# The default share of a vendor in a pool with a card: it serves everything.
VENDOR_ALONE: Mapping[str, float] = {"vendor_share": 1}


def assumptions_of(name: str, start: date, currencies: Currencies) -> dict[str, dict[str, Any]]:
    """Return, by name, the literals that a card gives to a pool of a scenario that begins on `start`.

    Raises BadValue where there is no such card, or its prices are in neither of the scenario's currencies.
    """
    card = find_card(name)
    if CURRENCY not in (currencies.own, currencies.second):
        what = Phrase(
            "the card's prices are in {currency}, and the scenario's money in {own}",
            currency=CURRENCY,
            own=currencies.own,
        )
        raise BadValue(
            what, Phrase("add `second_currency: {currency}` at the top and an `exchange_rate:`", currency=CURRENCY)
        )
    months = sorted({0, *(month for day in _days(card) if (month := _month(day, start)) > 0)})
    courses = [_prices(card, _first_of(start, month)) for month in months]
    origin = {"source": f"{card.vendor}, {card.source}", "as_of": card.as_of.isoformat(), "evidence": "published"}
    steps = {key: dict(zip(months, (course[key] for course in courses), strict=True)) for key in courses[0]}
    found = {
        key: {"value": _schedule(one), **origin, "note": Phrase("Price card {card}.", card=name)}
        for key, one in steps.items()
    }
    for key, unit in PRICED.items():
        found[key]["unit"] = unit
    return found


def _days(card: Card) -> list[date]:
    return [*card.days(), *card.days(batch=True)]


def _month(day: date, start: date) -> int:
    """Return the first month of the scenario that begins on a day or later."""
    return (day.year - start.year) * 12 + day.month - start.month + (day.day > 1)


def _first_of(start: date, month: int) -> date:
    years, months = divmod(start.month - 1 + month, 12)
    return date(start.year + years, months + 1, 1)


def _schedule(steps: Mapping[int, float]) -> Any:
    """Return the steps of a value without those that change nothing, or the number where it never changes."""
    changes = pairwise([(0, None), *steps.items()])
    held = {month: value for (_, before), (month, value) in changes if value != before}
    return held if len(held) > 1 else held[0]


def _prices(card: Card, day: date) -> dict[str, float]:
    """Return the assumptions of a pool that a card gives on a day."""
    base, *longer = card.tiers(day)
    above = longer[0] if longer else base
    batch = next(iter(card.tiers(day, batch=True)), base)
    found = {
        "vendor_input_price": base.input,
        "vendor_output_price": base.output or Decimal(0),
        "vendor_cache_discount": max(1 - _ratio(base.cached, base.input), Decimal(0)),
        "vendor_write_premium": _ratio(base.written, base.input) - 1,
        "vendor_hour_premium": _ratio(base.written_hour or base.written, base.input) - 1,
        "vendor_call_fee": (base.thousand_requests or Decimal(0)) / 1_000,
        "vendor_batch_discount": 1 - _ratio(batch.input, base.input),
        "vendor_batch_cached": _cached_in_batch(batch, base),
        "vendor_threshold": Decimal(above.above),
        "vendor_long_input": _ratio(above.input, base.input),
        "vendor_long_output": _ratio(above.output, base.output),
    }
    return {key: float(value) for key, value in found.items()}


def _cached_in_batch(batch: Rates, base: Rates) -> Decimal:
    """Return the discount of a batch on cached tokens, per discount on others."""
    discount = 1 - _ratio(batch.input, base.input)
    if not discount or base.cached is None:  # cached tokens without a price of their own are input
        return Decimal(1)
    return (1 - _ratio(batch.cached, base.cached)) / discount


def _ratio(price: Decimal | None, base: Decimal | None) -> Decimal:
    """Return a price over another; 1 where the vendor has no price of its own for it, or asks nothing."""
    return price / base if price is not None and base else Decimal(1)
