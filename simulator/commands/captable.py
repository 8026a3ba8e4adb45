"""`captable`: print who owns the company after each round, what an exit pays, and both over the trials."""

from __future__ import annotations

import argparse
from functools import partial

from simulator import terminal
from simulator.answers.ledger import Ledger
from simulator.answers.ownership.bands import MOST_TRIALS
from simulator.output.plain import bands_json, captable_json
from simulator.output.tables import captable_table

HELP = "who owns the company after each round of the base case, what an exit pays, and both over the trials"
KEYS = {
    "currency": "three-letter code",
    "broke": "month in which cash runs out in the base case; null if never",
    "tables": "list, one after each event: {month, event, price, shares, ownership, dilution, unconverted}; or null",
    "exit.month": "month of the exit, the last of the scenario",
    "exit.value": "price of the company",
    "exit.debt_paid": "paid to lenders first",
    "exit.payouts.HOLDER": "paid to a holder",
    "exit.returns.INVESTOR": "{invested, received, moic, irr}: money, multiple and rate a year",
    "why": "why there is no cap table or no exit; empty if there are both",
    "bands.trials": "number of trials; null if they tell nothing",
    "bands.broke": "trials in which cash runs out, and a sale pays nothing",
    "bands.unknown": "trials without a cap table, which are left out",
    "bands.ownership.HOLDER": "{p05, p50, p95} in the last month, over the trials whose cash lasts",
    "bands.proceeds.HOLDER": "{p05, p50, p95} of the payout in the last month, over all trials",
    "bands.why": "why the trials tell nothing; empty if they do",
}


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the scenario, its trials and the price of the company."""
    terminal.add_scenario(parser)
    terminal.add_trials(parser, f"the scenario's, up to {MOST_TRIALS:,}")
    amount = partial(terminal.number, most=1e18, what="an amount of money of 0 or more")
    says = "price of the company in the last month (default: its valuation)"
    parser.add_argument("--exit", type=amount, metavar="VALUE", help=says)


def run(options: argparse.Namespace) -> int:
    """Print the cap tables, the exit, and both over the trials."""
    scenario = terminal.scenario_of(options)
    trials = min(scenario.trials, MOST_TRIALS) if options.trials is None else options.trials
    shown = captable_json(Ledger.of(scenario), options.exit) | {"bands": bands_json(scenario, trials, options.exit)}
    return terminal.show(options, shown, captable_table)
