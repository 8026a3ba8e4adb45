"""`rivals`: show where a plan's price stands among dated list prices of other products."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from simulator import terminal
from simulator.answers.pricing.priced import only_priced
from simulator.answers.pricing.rivals import rivals_of
from simulator.output.prices import Plain
from simulator.output.pricing.rivals import rivals_json
from simulator.scenario.cards.listed import COLUMNS, listed

HELP = "where a plan's price stands among dated list prices of other products"
KEYS = {
    "scenario": "title of the scenario",
    "currency": "three-letter code",
    "plan": "name of the plan",
    "rows": "list of {name, charge, price, own, ratio, source, as_of}: a list price per customer, seat, request or "
    "finished task, and what the plan's bill comes to per the same",
    "tokens": "for a plan that sells output tokens: {own, cheaper, count, median, as_of} among vendors' price cards; "
    "otherwise null",
    "left_out": "list of names that could not be compared",
    "sentence": "the answer in one sentence",
    "remarks": "list of sentences: how the comparison is made, and what it leaves out",
}


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the scenario, the plan and a list of prices."""
    terminal.add_scenario(parser)
    parser.add_argument("--plan", metavar="NAME", help="pricing plan (default: the only one that has a price)")
    says = f"CSV file with the columns {', '.join(COLUMNS)} (default: the few prices that ship)"
    parser.add_argument("--list", type=Path, metavar="FILE", help=says)


def run(options: argparse.Namespace) -> int:
    """Print the comparison."""
    scenario = terminal.scenario_of(options)
    prices = None if options.list is None else listed(options.list)
    found = rivals_of(scenario, options.plan or only_priced(scenario), prices)
    return terminal.show(options, rivals_json(found), _table)


def _table(shown: dict[str, Any]) -> str:
    """Return the sentence, and a line for each list price with its source."""
    lines = [f"{shown['scenario']} · {shown['plan']}", "", shown["sentence"]]
    lines += [f"  - {remark}" for remark in shown["remarks"]]
    return "\n".join([*lines, *(_row(row, shown["currency"]) for row in shown["rows"])])


def _row(row: dict[str, Any], currency: str) -> str:
    price, own = (Plain().quantity(row[name], currency) for name in ("price", "own"))
    share = Plain().quantity(row["ratio"], "share")
    return f"  {row['name']}: {price} per {row['charge']}, this plan {own} ({share}); {row['source']}, {row['as_of']}"
