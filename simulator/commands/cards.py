"""`cards`: list the price cards that ship, or those whose names contain every word given."""

from __future__ import annotations

import argparse
from datetime import date
from typing import Any

from simulator import terminal
from simulator.commands.bill import day
from simulator.scenario.cards.card import Card
from simulator.scenario.cards.catalogue import cards, matching

HELP = "the price cards that ship, or those whose names contain every word given"
KEYS = {
    "[].card": "name, as vendor/model, for `card:` of a pool and for `bill`",
    "[].vendor": "vendor",
    "[].prices": "list of {above, input, output, cached, batch_input}: dollars per million tokens; each entry "
    "holds for requests of more than `above` tokens of input; null where the vendor has no price of its own",
    "[].changes": "days on which a price changes",
    "[].source": "page that lists the vendor's prices",
    "[].as_of": "day on which the prices were last checked",
}


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add words of the name, and the day of the prices."""
    parser.add_argument("words", nargs="*", metavar="WORD", help="part of a vendor's or a model's name, such as gpt")
    parser.add_argument(
        "--on", type=day, default=date.today(), metavar="DAY", help="day of the prices (default: today)"
    )


def run(options: argparse.Namespace) -> int:
    """Print the cards."""
    listed = [_card(cards()[name], options.on) for name in matching(" ".join(options.words))]
    return terminal.show(options, listed, _table)


def _card(card: Card, on: date) -> dict[str, Any]:
    batch = {rates.above: float(rates.input) for rates in card.tiers(on, batch=True)}
    prices = [
        {
            "above": rates.above,
            "input": float(rates.input),
            "output": None if rates.output is None else float(rates.output),
            "cached": None if rates.cached is None else float(rates.cached),
            "batch_input": batch.get(rates.above),
        }
        for rates in card.tiers(on)
    ]
    return {
        "card": card.name,
        "vendor": card.vendor,
        "prices": prices,
        "changes": [one.isoformat() for one in card.days()],
        "source": card.source,
        "as_of": card.as_of.isoformat(),
    }


def _table(listed: list[dict[str, Any]]) -> str:
    if not listed:
        return "no price card has this name; `cards` without a word lists all"
    head = f"{'USD per million tokens':<60}{'input':>10}{'output':>10}{'cached':>10}"
    return "\n".join([head, *(_row(one, prices) for one in listed for prices in one["prices"])])


def _row(card: dict[str, Any], prices: dict[str, Any]) -> str:
    name = f"  above {prices['above']:,} tokens" if prices["above"] else card["card"]
    numbers = ("—" if prices[kind] is None else f"{prices[kind]:g}" for kind in ("input", "output", "cached"))
    return f"{name:<60}" + "".join(f"{number:>10}" for number in numbers)
