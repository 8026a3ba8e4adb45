"""`charging`: compare a flat fee, seats, use, a hybrid, credits and a price per task for one plan."""

from __future__ import annotations

import argparse
from typing import Any

from simulator import terminal
from simulator.answers.pricing.aims import AIMS
from simulator.answers.pricing.charging import ways_to_charge
from simulator.answers.pricing.priced import only_priced
from simulator.output.pricing.charging import charging_json
from simulator.output.tables import precise

HELP = "ways to charge for one plan side by side: flat fee, seats, use, hybrid, credits, finished tasks"
KEYS = {
    "scenario": "title of the scenario",
    "currency": "three-letter code",
    "plan": "name of the plan",
    "aim": "what the ways are compared by",
    "unit": "unit of the aim",
    "bill": "monthly bill of a new customer today, without services",
    "responds": "whether customers or their use respond to the bill; without, all ways are at today's bill",
    "trials": "number of trials behind `ruin`; 0 without any",
    "ways": "list, today's charges first: {way, title, levels, factor, at_equal_bill, outcome, end, gross_margin, "
    "ruin, tenths, under_water, losing, set}: `factor` of today's bill, `end` low or high where the best lies at an "
    "end of the search, tenths of customers as {revenue, cost} a month from the lightest users, how many of them are "
    "under water, the share of customers who cost more than they pay, and the changes for --set",
    "left_out": "list of ways that cannot bring the bill",
    "best": "way with the highest outcome",
    "sentence": "the answer in one sentence",
    "remarks": "list of sentences: what the comparison rests on, and what it leaves out",
}


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the scenario, the plan, the aim and the trials."""
    terminal.add_scenario(parser)
    parser.add_argument("--plan", metavar="NAME", help="pricing plan (default: the only one that has a price)")
    says = "what the ways are compared by (default: end_cash)"
    parser.add_argument("--aim", choices=AIMS, default="end_cash", help=says)
    terminal.add_trials(parser, "the scenario's")


def run(options: argparse.Namespace) -> int:
    """Print the comparison."""
    scenario = terminal.scenario_of(options)
    plan = options.plan or only_priced(scenario)
    with terminal.Progress("Ways to charge") as tell:
        found = ways_to_charge(scenario, plan, options.aim, options.trials, tell)
    return terminal.show(options, charging_json(found), _table)


def _table(shown: dict[str, Any]) -> str:
    """Return the sentence, what it rests on, a row for each way, and how to apply the best."""
    head = ("", "of today's bill", "at that bill", "best", "gross margin", "runs out", "under water")
    rows = [head, *(_row(way, shown["unit"]) for way in shown["ways"])]
    widths = [max(len(row[place]) for row in rows) for place in range(len(head))]
    table = ["  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    lines = [f"{shown['scenario']} · {shown['plan']}", "", shown["sentence"]]
    lines += [*(f"  - {remark}" for remark in shown["remarks"]), "", *table]
    best = next(way for way in shown["ways"] if way["way"] == shown["best"])
    if best["set"]:
        lines += ["", "Apply it with " + " ".join(f"--set '{one}'" for one in best["set"])]
    return "\n".join(lines)


def _row(way: dict[str, Any], unit: str) -> tuple[str, ...]:
    return (
        way["title"],
        precise(way["factor"], "share"),
        _cell(way["at_equal_bill"], unit),
        _cell(way["outcome"], unit),
        _cell(way["gross_margin"], "share"),
        _cell(way["ruin"], "share"),
        "–" if way["under_water"] is None else f"{way['under_water']} of 10 tenths",
    )


def _cell(value: float | None, unit: str) -> str:
    return "–" if value is None else precise(value, unit)
