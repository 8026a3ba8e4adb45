"""`find`: print the numbers that people's words mean, each with what to write to explain it."""

from __future__ import annotations

import argparse

from simulator import terminal
from simulator.answers.search import found_by
from simulator.output.tables import found_table

HELP = "the numbers and assumptions that words mean, such as burn, CAC or free tier"
KEYS = {
    "found.NUMBER.key": "what `explain` takes: a line, a KPI or the path of an assumption",
    "found.NUMBER.title": "name for people; the most likely number comes first",
    "found.NUMBER.kind": "KPI, line or assumption",
}
# More would not fit a screen; another word narrows the search.
MOST_FOUND = 30


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the scenario and the words."""
    terminal.add_scenario(parser)
    parser.add_argument("words", nargs="+", metavar="WORD", help="such as burn, tokens, or free tier")


def run(options: argparse.Namespace) -> int:
    """Print what the words mean."""
    found = found_by(" ".join(options.words), terminal.scenario_of(options))[:MOST_FOUND]
    return terminal.show(options, {"found": [vars(one) for one in found]}, found_table)
