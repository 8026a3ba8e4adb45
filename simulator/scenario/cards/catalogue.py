"""The price cards that ship."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from difflib import get_close_matches
from functools import cache
from itertools import groupby
from pathlib import Path

from profiling.errors import Phrase
from simulator.errors import BadValue
from simulator.scenario.cards.card import Card, Rates

FOLDER = Path(__file__).parent
LONGEST_NAME = 80
HEAD = ("card", "since", "batch", "above")


@cache
def cards() -> Mapping[str, Card]:
    """Return all cards by name, such as `anthropic/claude-sonnet-4-6`."""
    vendors = {row["vendor"]: row for row in _rows("vendors.csv")}
    found = {}
    for name, rows in groupby(_rows("prices.csv"), key=lambda row: row["card"]):
        vendor = vendors[name.partition("/")[0]]
        as_of = date.fromisoformat(vendor["as_of"])
        found[name] = Card(name, vendor["title"], vendor["source"], as_of, tuple(map(_rates, rows)))
    return found


def _rows(file: str) -> Iterator[dict[str, str]]:
    with (FOLDER / file).open(encoding="utf-8", newline="") as lines:
        yield from csv.DictReader(lines)


def _rates(row: Mapping[str, str]) -> Rates:
    prices = {column: Decimal(text) if text else None for column, text in row.items() if column not in HEAD}
    price = prices.pop("input")
    assert price is not None, "every card has a price of input"
    since = date.fromisoformat(row["since"]) if row["since"] else date.min
    return Rates(since, bool(row["batch"]), int(row["above"] or 0), price, **prices)


def find_card(name: str) -> Card:
    """Return the card of that name; raises BadValue with the nearest names."""
    if name in cards():
        return cards()[name]
    name = name[:LONGEST_NAME]  # a file from a stranger may have a long text here, which is slow to compare
    near = matching(name)[:3] or get_close_matches(name, cards(), n=3)
    todo = (
        Phrase("did you mean {near}?", near=", ".join(near)) if near else "list them with `python -m simulator cards`"
    )
    raise BadValue(Phrase("{name!r} is not a price card", name=name), todo)


def matching(text: str) -> list[str]:
    """Return the names of the cards that contain every word of a text; case does not matter."""
    return [name for name in cards() if all(word in name.lower() for word in text.lower().split())]
