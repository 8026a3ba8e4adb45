"""`statements`: print the income statement, the balance sheet and the cash flow statement of the base case."""

from __future__ import annotations

import argparse

from simulator import terminal
from simulator.answers.ledger import Ledger
from simulator.answers.statements import LENGTHS
from simulator.output.plain import statements_json
from simulator.output.tables import statement_tables

HELP = "income statement, balance sheet and cash flow statement of the base case"
KEYS = {
    "currency": "three-letter code",
    "period": "month, quarter or year",
    "broke": "month in which cash runs out in the base case; null if never",
    "statements.STATEMENT.title": "name for people; STATEMENT is income, balance or cash flow",
    "statements.STATEMENT.starts": "first month of each period",
    "statements.STATEMENT.rows": "list of {title, total, amounts}: amounts by period, total for a subtotal",
}


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the scenario and the length of a period."""
    terminal.add_scenario(parser)
    parser.add_argument("--by", choices=list(LENGTHS), default="year", help="the period of a column (default: year)")


def run(options: argparse.Namespace) -> int:
    """Print the three statements."""
    ledger = Ledger.of(terminal.scenario_of(options))
    return terminal.show(options, statements_json(ledger, options.by), statement_tables)
