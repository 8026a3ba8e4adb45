"""`routes`: from how many requests a month it pays to move them to another feature, such as a fine-tuned model."""

from __future__ import annotations

import argparse

from simulator import terminal
from simulator.answers.ledger import Ledger
from simulator.answers.variations.instead import moves
from simulator.errors import PlanError
from simulator.output.instead import moves_json, moves_table

HELP = "prompt or fine-tune: from how many requests a month it pays to move them to another feature"
WAY = {
    "right_share": "by month, the share of right answers",
    "device_seconds": "time of a busy device for a request (0 at a vendor)",
    "request_cost": "cost of one more request: devices, vendor, review, corrections and tools",
    "correction_cost": "part of it for correcting wrong answers",
    "fewest_devices_cost": "least cost of the pool's devices, if it serves nothing else",
    "program_cost": "a month's share of the training program",
    "bill": "cost of the month's requests",
}
KEYS = {
    "scenario": "title of the scenario",
    "currency": "of all amounts",
    "month": "month whose prices the sentences are about, counted from 0",
    "moves.MOVE.route": "the route; every one that moves requests, or names a program",
    "moves.MOVE.feature": "the feature that answers what it moves",
    "moves.MOVE.program": "the training program that makes the feature's model; null: none is named",
    "moves.MOVE.requests": "by month, the requests that could be moved",
    "moves.MOVE.moved_share": "by month, the share that the scenario moves",
    "moves.MOVE.pays_from": "by month, the requests a month from which the move pays; null: never",
    "moves.MOVE.from_month": "the month from which it pays at the scenario's own requests, to the end; null: none",
    **{
        f"moves.MOVE.{way}.MONTH.{name}": f"{says}, {how}"
        for way, how in (("usual", "without the move"), ("other", "with all requests moved"))
        for name, says in WAY.items()
    },
    "moves.MOVE.end_cash_all_moved": "cash at the end with all requests moved in every month",
    "moves.MOVE.end_cash_none_moved": "cash at the end with none moved",
    "moves.MOVE.sentence": "the answer in words",
}


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the scenario and the month."""
    terminal.add_scenario(parser)
    says = "whose prices the sentences are about, counted from 0 (default: the last)"
    parser.add_argument("--month", type=terminal.whole, metavar="MONTH", help=says)


def run(options: argparse.Namespace) -> int:
    """Print both ways of each move, and from how many requests a month it pays."""
    scenario = terminal.scenario_of(options)
    month = scenario.months - 1 if options.month is None else options.month
    if month >= scenario.months:
        raise PlanError(f"--month {month} comes after the last month, {scenario.months - 1}", "give an earlier one")
    return terminal.show(options, moves_json(scenario, moves(Ledger.of(scenario)), month), moves_table)
