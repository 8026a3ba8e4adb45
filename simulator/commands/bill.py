"""`bill`: print what a vendor charges for one request, line by line."""

from __future__ import annotations

import argparse
from dataclasses import fields
from datetime import date
from typing import Any

from simulator import terminal
from simulator.scenario.cards.card import Counts, bill, total
from simulator.scenario.cards.catalogue import find_card

HELP = "what a vendor charges for one request, line by line"
KEYS = {
    "card": "price card, as vendor/model",
    "day": "day of the request",
    "batch": "whether the request is part of a batch",
    "items": "list of {title, count, price, per, amount}: a price in dollars for each `per` units, and the amount",
    "total": "sum of the bill in dollars",
    "source": "page that lists the vendor's prices",
    "as_of": "day on which the prices were last checked",
}
COUNTS = {
    "input": "tokens of input, cached ones included",
    "output": "tokens of output, reasoning included",
    "cached": "tokens of the input read from a cache",
    "written": "tokens of the input written to a cache for five minutes",
    "written_hour": "tokens of the input written to a cache for an hour",
    "reasoning": "tokens of the output that are reasoning",
    "searches": "web searches",
}


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the card, what the request takes, and its day."""
    parser.add_argument("card", metavar="CARD", help="a price card, such as anthropic/claude-sonnet-4-6")
    for name, says in COUNTS.items():
        flag = f"--{name.replace('_', '-')}"
        parser.add_argument(flag, type=terminal.whole, default=0, metavar="N", help=f"{says} (default: 0)")
    parser.add_argument(
        "--on", type=day, default=date.today(), metavar="DAY", help="such as 2026-11-01 (default: today)"
    )
    parser.add_argument("--batch", action="store_true", help="at the price of a batch, which is answered within a day")


def day(text: str) -> date:
    """Read a day such as 2026-11-01."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text} is not a day: write it like 2026-11-01") from None


def run(options: argparse.Namespace) -> int:
    """Print the bill."""
    card = find_card(options.card)
    counts = Counts(**{one.name: getattr(options, one.name) for one in fields(Counts)})
    items = bill(card, counts, options.on, batch=options.batch)
    shown = {
        "card": card.name,
        "day": options.on.isoformat(),
        "batch": options.batch,
        "items": [{**vars(item), "price": float(item.price), "amount": float(item.amount)} for item in items],
        "total": float(total(items)),
        "source": card.source,
        "as_of": card.as_of.isoformat(),
    }
    return terminal.show(options, shown, _table)


def _table(shown: dict[str, Any]) -> str:
    lines = [f"{shown['card']} on {shown['day']}{' in batch' if shown['batch'] else ''}"]
    for item in shown["items"]:
        rate = f"{item['price']:g} USD / {item['per']:,}"
        lines.append(f"  {item['title']:<26}{item['count']:>12,} × {rate:<22}{_dollars(item['amount'])}")
    lines.append(f"  {'total':<63}{_dollars(shown['total'])}")
    return "\n".join([*lines, f"prices as of {shown['as_of']}: {shown['source']}"])


def _dollars(amount: float) -> str:
    """Return an amount with the digits that a bill of millionths of a dollar needs."""
    return f"{amount:>14,.8f} USD"
