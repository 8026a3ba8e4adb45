"""`map`: show an aim at every pair of values of two assumptions."""

from __future__ import annotations

import argparse
from typing import Any

import numpy as np

from simulator import terminal
from simulator.answers.pricing.aims import AIMS
from simulator.answers.pricing.lever_map import POINTS, lever_map
from simulator.answers.solving import target_map
from simulator.answers.solving.target import Target
from simulator.output.pricing.lever_map import lever_map_json, target_map_json
from simulator.output.tables import precise, told_apart

HELP = "an aim at every pair of values of two assumptions, such as a price and a churn"
KEYS = {
    "scenario": "title of the scenario",
    "currency": "three-letter code",
    "aim": "what the map shows",
    "unit": "unit of the aim",
    "now": "the aim today",
    "x.change": "path of the first assumption",
    "x.unit": "unit of the assumption",
    "x.now": "today's value: that of the first month, or of the first in which it is not zero",
    "x.values": "list of values, one for each column",
    "y.change": "path of the second assumption",
    "y.unit": "unit of the assumption",
    "y.now": "today's value",
    "y.values": "list of values, one for each row",
    "outcomes": "list of rows: the aim by x; null without a value, or where a month lies beyond the projection",
    "best.x": "value of x at the highest outcome",
    "best.y": "value of y there",
    "best.outcome": "highest outcome; null where a month lies beyond the projection",
    "sentence": "what the map shows in one sentence",
}
# What `--until` prints in the place of the above.
OF_TARGET = (
    "With --until: scenario, currency, x, y and sentence as above, and target, unit, trials, now, now_error, outcomes, "
    "errors (rows of standard errors), met (rows), and best ({x, y, outcome, met}: the pair nearest to today's values "
    "that meets the target, or that comes closest to it)."
)
# Rows and columns of the table that a terminal has room for.
SHOWN = 7


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the scenario, the two assumptions, the aim and the number of values."""
    terminal.add_scenario(parser)
    says = "an assumption, as PATH or PATH=LOW..HIGH (default: from half to twice today's value)"
    parser.add_argument("--x", required=True, metavar="PATH", help=says)
    parser.add_argument("--y", required=True, metavar="PATH", help=says)
    shows = parser.add_mutually_exclusive_group()
    shows.add_argument("--aim", choices=AIMS, default="end_cash", help="what the map shows (default: end_cash)")
    says = (
        "a target to show instead, KPI OP NUMBER [in SHARE of trials], as in 'probability_of_ruin <= 5%' or "
        f"'runway >= 18 in 95% of trials'. {OF_TARGET}"
    )
    shows.add_argument("--until", metavar="TARGET", help=says.replace("%", "%%"))
    says = f"number of values of each assumption (default: {POINTS}; {target_map.POINTS} with --until)"
    parser.add_argument("--points", type=terminal.whole, metavar="N", help=says)
    terminal.add_trials(parser, f"with --until, the scenario's, up to {target_map.TRIALS}")


def run(options: argparse.Namespace) -> int:
    """Print the map."""
    scenario = terminal.scenario_of(options)
    axes = scenario, options.x, options.y
    with terminal.Progress("Map") as tell:
        if options.until is None:
            points = POINTS if options.points is None else options.points
            shown = lever_map_json(lever_map(*axes, options.aim, points, progress=tell))
        else:
            points = target_map.POINTS if options.points is None else options.points
            target = Target.read(options.until)
            found = target_map.target_map(*axes, target, points=points, trials=options.trials, progress=tell)
            shown = target_map_json(found)
    return terminal.show(options, shown, _table)


def _table(shown: dict[str, Any]) -> str:
    """Return the sentence, and a few of the rows and columns."""
    rows, columns = (_some(len(shown[axis]["values"])) for axis in ("y", "x"))
    x, y = shown["x"], shown["y"]
    head = [f"{y['change']} \\ {x['change']}", *told_apart([x["values"][place] for place in columns], x["unit"])]
    sides = told_apart([y["values"][row] for row in rows], y["unit"])
    body = [
        [side, *(_cell(shown["outcomes"][row][place], shown) for place in columns)]
        for side, row in zip(sides, rows, strict=True)
    ]
    widths = [max(len(line[place]) for line in (head, *body)) + 2 for place in range(len(head))]
    table = ["".join(f"{cell:>{width}}" for cell, width in zip(line, widths, strict=True)) for line in (head, *body)]
    return "\n".join([shown["scenario"], "", shown["sentence"], "", *table])


def _some(count: int) -> list[int]:
    """Return evenly spaced places, the first and the last among them."""
    return sorted({round(place) for place in np.linspace(0, count - 1, min(count, SHOWN))})


def _cell(value: float | None, shown: dict[str, Any]) -> str:
    return "–" if value is None else precise(value, shown["unit"])
