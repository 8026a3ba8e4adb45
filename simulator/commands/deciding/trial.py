"""`trial`: one trial by its number: its cash by month, and what its assumptions are beside those of other trials."""

from __future__ import annotations

import argparse

from simulator import terminal
from simulator.answers.chance.replay import replay
from simulator.output.chance.replay import replay_json, replay_table

HELP = "one trial again, such as the worst that `risk` lists: its cash, and what was unusual in it"
KEYS = {
    "scenario": "title of the scenario",
    "currency": "three-letter code",
    "seed": "seed of the trials",
    "number": "number of the trial, counted from 0",
    "broke": "month in which its cash runs out; null if never",
    "cash": "its cash by month",
    "base": "cash by month in the base case",
    "assumptions.ASSUMPTION.path": "what trials draw, the most unusual first",
    "assumptions.ASSUMPTION.unit": "unit of its values",
    "assumptions.ASSUMPTION.value": "mean over the months in this trial",
    "assumptions.ASSUMPTION.base": "the same in the base case",
    "assumptions.ASSUMPTION.rank": "share of the 1,000 trials around this one with lower values",
    "sentence": "the answer in a sentence",
}


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the scenario, the number of the trial and the seed."""
    terminal.add_scenario(parser)
    parser.add_argument("number", type=terminal.whole, metavar="NUMBER", help="number of the trial; the first is 0")
    parser.add_argument("--seed", type=terminal.whole, metavar="S", help="seed of the trials (default: the scenario's)")


def run(options: argparse.Namespace) -> int:
    """Print the trial."""
    return terminal.show(options, replay_json(replay(terminal.scenario_of(options), options.number)), replay_table)
