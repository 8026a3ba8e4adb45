"""`explain`: print the tree under one number of the base case, down to assumptions and their sources."""

from __future__ import annotations

import argparse

from simulator import terminal
from simulator.answers.explain import explain, valued
from simulator.answers.projection import project
from simulator.output.plain import explanation_json
from simulator.output.tables import explanation_table

HELP = "the tree under one number of the base case, down to assumptions and their sources"
KEYS = {
    "key": "line with its member, KPI, or path of an assumption",
    "role": "parameter that reads it, such as last_cash",
    "month": "month, counted from 0; of a sum the last one",
    "months": "number of months that it is summed over or looks at",
    "value": "number; null where there is none",
    "why": "why there is no number; empty if there is one",
    "unit": "unit of the number",
    "formula": "formula in words; empty for an assumption, a sum, and a KPI without one",
    "description": "description of the line, definition of the KPI, or note of the assumption",
    "evidence": "measured, calibrated, published or assumed; null for a line",
    "source": "source of the assumption; null for a line",
    "as_of": "date of the source; null for a line",
    "alike": "members that all say this, where they are told once",
    "alike_kind": "the kind in which they differ, such as hour; empty if there are several",
    "inputs": "list of numbers it was computed from, with these keys; empty beyond --depth",
}


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the scenario, the number and the depth of the tree."""
    terminal.add_scenario(parser)
    parser.add_argument("line", metavar="NUMBER", help="such as cash, runway or device_hours[large]; `find` finds it")
    parser.add_argument("--month", type=terminal.whole, metavar="M", help="the first is 0 (default: the last one)")
    parser.add_argument(
        "--months", type=terminal.whole, default=1, metavar="N", help="sum N months up to M (default: 1)"
    )
    parser.add_argument("--depth", type=terminal.whole, default=3, metavar="D", help="levels to open (default: 3)")


def run(options: argparse.Namespace) -> int:
    """Print the tree."""
    scenario = terminal.scenario_of(options)
    month = scenario.months - 1 if options.month is None else options.month
    # Only a KPI without a formula may need trials.
    figures = project(scenario, evidence=False).figures if valued(options.line, scenario) else None
    node = explain(scenario, options.line, month, span=options.months, figures=figures)
    return terminal.show(options, explanation_json(node, options.depth), explanation_table)
