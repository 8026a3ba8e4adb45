"""`explain`: print the tree under one number of the base case, down to assumptions and their sources."""

from __future__ import annotations

import argparse

from simulator import terminal
from simulator.answers.explain import explain
from simulator.output.plain import explanation_json
from simulator.output.tables import explanation_table

HELP = "the tree under one number of the base case, down to assumptions and their sources"
KEYS = {
    "key": "line with its member, or path of an assumption",
    "role": "parameter that reads it, such as last_cash",
    "month": "month, counted from 0",
    "value": "number",
    "unit": "unit of the number",
    "formula": "formula in words; empty for an assumption",
    "description": "description of the line, or note of the assumption",
    "evidence": "measured, calibrated, published or assumed; null for a line",
    "source": "source of the assumption; null for a line",
    "as_of": "date of the source; null for a line",
    "inputs": "list of numbers it was computed from, with these keys; empty beyond --depth",
}


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the scenario, the number and the depth of the tree."""
    terminal.add_scenario(parser)
    parser.add_argument("line", metavar="LINE", help="such as cash, or device_hours[large]")
    parser.add_argument("--month", type=terminal.whole, required=True, metavar="M", help="the first month is 0")
    parser.add_argument("--depth", type=terminal.whole, default=3, metavar="D", help="levels to open (default: 3)")


def run(options: argparse.Namespace) -> int:
    """Print the tree."""
    node = explain(terminal.scenario_of(options), options.line, options.month)
    return terminal.show(options, explanation_json(node, options.depth), explanation_table)
