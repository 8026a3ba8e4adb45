"""`python -m tools.price_cards`: write the price cards that ship, from the prices that genai-prices collects.

Needs the package genai-prices, which the product does not. A card is about text, so prices of audio, images, video,
documents and citations are left out, and so is a model that is billed in anything but tokens. Left out as well are
vendors that resell the models of others, free models, and prices for priority, flexible or fast service. Where a price
depends on the hour of the day (DeepSeek's), the card has that of 08:00 UTC, which is the dearest of the day.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

from genai_prices import types
from genai_prices.data_snapshot import get_snapshot

FOLDER = Path(__file__).parents[1] / "simulator" / "scenario" / "cards"
RESELLERS = re.compile("openrouter|huggingface|quicksilverpro|github-copilot|cursor|openai-decisions")
# The latest day on which the collectors say that they checked a price.
AS_OF = date(2026, 11, 4)
# Column of a card, and the price in the package: dollars per million tokens, or per thousand requests or searches.
PRICES = {
    "input": "input_mtok",
    "output": "output_mtok",
    "cached": "cache_read_mtok",
    "written": "cache_write_mtok",
    "written_hour": "cache_write_1h_mtok",
    "reasoning": "output_reasoning_mtok",
    "thousand_requests": "requests_kcount",
    "thousand_searches": "web_searches_kcount",
}
# A day before all prices.
FIRST_DAY = date(2000, 1, 1)
HOUR = time(8, tzinfo=UTC)
BATCH = {"processing": "batch"}


def models() -> Iterator[tuple[types.Provider, types.ModelInfo]]:
    """Yield the models that have a card, each with its vendor."""
    for provider in get_snapshot().providers:
        if not RESELLERS.match(provider.id):
            yield from ((provider, model) for model in provider.models if _has_card(model))


def _has_card(model: types.ModelInfo) -> bool:
    found = [model.get_prices(datetime.combine(day, HOUR)) for day in _days(model)]
    return all(prices.input_mtok is not None for prices in found) and any(
        getattr(found[-1], key) for key in PRICES.values()
    )


def _days(model: types.ModelInfo) -> list[date]:
    """Return the days on which a price of the model may change."""
    listed = model.prices if isinstance(model.prices, list) else []
    constraints = [one.constraint for one in (*listed, *(model.price_variants or ()))]
    starts = {one.start_date for one in constraints if isinstance(one, types.StartDateConstraint)}
    return sorted({FIRST_DAY, *starts})


def _columns(prices: types.ModelPrice, tokens: int) -> dict[str, str]:
    """Return the prices, by column, of a request of so many tokens of input; empty where there is none."""
    return {column: _price(getattr(prices, key), tokens) for column, key in PRICES.items()}


def _price(price: Any, tokens: int) -> str:
    if isinstance(price, types.TieredPrices):
        above = [tier.price for tier in price.tiers if tokens > tier.start]
        price = above[-1] if above else price.base
    return "" if price is None else f"{price.normalize():f}"


def rows() -> Iterator[dict[str, str]]:
    """Yield the rows of all cards: one for each day on which prices change, threshold, and batch or not."""
    for provider, model in models():
        for batch in (False, True):
            last: list[dict[str, str]] = []
            for day in _days(model):
                found = _rows_from(model, day, batch)
                if found != last:
                    since = "" if day == FIRST_DAY else day.isoformat()
                    head = {"card": f"{provider.id}/{model.id}", "since": since, "batch": "yes" if batch else ""}
                    yield from (head | row for row in found)
                last = found


def _rows_from(model: types.ModelInfo, day: date, batch: bool) -> list[dict[str, str]]:
    """Return the rows that hold from a day on, one for each threshold; none where the model has no batch price."""
    moment = datetime.combine(day, HOUR)
    prices = model.get_prices(moment, BATCH if batch else None)
    if batch and prices == model.get_prices(moment):
        return []
    tiered = [one for one in vars(prices).values() if isinstance(one, types.TieredPrices)]
    starts = sorted({0, *(tier.start for one in tiered for tier in one.tiers)})
    return [{"above": str(start or ""), **_columns(prices, start + 1 if start else 0)} for start in starts]


def vendors() -> Iterator[dict[str, str]]:
    """Yield each vendor that has a card, with the page that lists its prices."""
    for provider in {provider.id: provider for provider, _ in models()}.values():
        source = (provider.pricing_urls or [provider.api_pattern])[0]
        yield {"vendor": provider.id, "title": provider.name, "source": source, "as_of": AS_OF.isoformat()}


def write(name: str, found: Sequence[dict[str, str]]) -> None:
    """Write rows to a file of the cards' folder."""
    with (FOLDER / name).open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(found[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(found)


def main() -> None:
    """Write both files."""
    write("prices.csv", list(rows()))
    write("vendors.csv", list(vendors()))


if __name__ == "__main__":
    main()
