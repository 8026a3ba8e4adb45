"""`swings`: how far each assumption alone moves a KPI, over its own range or by 10 % either way."""

from __future__ import annotations

import argparse

from simulator import terminal
from simulator.answers.variations.sensitivity import tornado
from simulator.output.moving.swings import swings_json, swings_table

HELP = "how far each assumption alone moves a KPI: from its P5 to its P95, or by 10 % either way without a range"
KEYS = {
    "scenario": "title of the scenario",
    "kpi": "name of the KPI",
    "title": "its name for people",
    "unit": "unit of the KPI",
    "base": "KPI in the base case",
    "swings.SWING.path": "assumption; the one that moves the KPI most comes first",
    "swings.SWING.stated": "whether the ends are P5 and P95 of its range; otherwise 10 % below and above its value",
    "swings.SWING.low": "its value at the low end, in the first month, or in the last where both ends begin alike",
    "swings.SWING.high": "its value at the high end",
    "swings.SWING.unit": "unit of the assumption",
    "swings.SWING.evidence": "measured, calibrated, published or assumed",
    "swings.SWING.at_low": "KPI at its low end; a month that never comes counts as the number of months",
    "swings.SWING.at_high": "KPI at its high end",
    "sentence": "the answer in one sentence",
}


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the scenario and the KPI."""
    terminal.add_scenario(parser)
    terminal.add_kpi(parser)


def run(options: argparse.Namespace) -> int:
    """Print the swings."""
    scenario = terminal.scenario_of(options)
    with terminal.Progress("Swings") as tell:
        found = tornado(scenario, options.kpi, tell)
    return terminal.show(options, swings_json(scenario, options.kpi, found), swings_table)
