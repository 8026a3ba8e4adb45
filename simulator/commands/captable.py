"""`captable`: print who owns the company after each round, and what an exit pays."""

from __future__ import annotations

import argparse
from functools import partial

from simulator.answers.ledger import Ledger
from simulator.commands import shared
from simulator.output.plain import captable_json
from simulator.output.tables import captable_table

HELP = "who owns the company after each round of the base case, and what an exit pays"
KEYS = {
    "currency": "three-letter code",
    "tables": "list, one after each event: {month, event, price, shares, ownership, dilution, unconverted}; or null",
    "exit.month": "month of the exit, the last of the scenario",
    "exit.broke": "month in which cash runs out; null if never",
    "exit.value": "price of the company",
    "exit.debt_paid": "paid to lenders first",
    "exit.payouts.HOLDER": "paid to a holder",
    "exit.returns.INVESTOR": "{invested, received, moic, irr}: money, multiple and rate a year",
    "why": "why there is no cap table; empty if there is one",
}


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the scenario and the price of the company."""
    shared.add_scenario(parser)
    amount = partial(shared.number, most=1e18, what="an amount of money of 0 or more")
    says = "price of the company in the last month (default: its valuation)"
    parser.add_argument("--exit", type=amount, metavar="VALUE", help=says)


def run(options: argparse.Namespace) -> int:
    """Print the cap tables and the exit."""
    ledger = Ledger.of(shared.scenario_of(options))
    return shared.show(options, captable_json(ledger, options.exit), captable_table)
