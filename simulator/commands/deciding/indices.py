"""`indices`: the shares of a KPI's variance that each uncertain assumption, and the luck of counts, explain."""

from __future__ import annotations

import argparse

from simulator import terminal
from simulator.answers.moving.indices import FEWEST, MOST, explained
from simulator.output.moving.indices import indices_json, indices_table

HELP = "shares of a KPI's variance by assumption (Sobol's indices): alone, and with all interactions"
KEYS = {
    "scenario": "title of the scenario",
    "kpi": "name of the KPI",
    "title": "its name for people",
    "unit": "unit of the KPI",
    "trials": "trials in each of the two samples",
    "mean": "mean of the KPI over both; a month that never comes counts as the number of months",
    "deviation": "standard deviation of the KPI",
    "alone": "sum of the first orders; what is left of 1 comes from interactions",
    "groups.GROUP.group": "assumption, several that correlate joined by +, or luck of counts",
    "groups.GROUP.paths": "list of its assumptions",
    "groups.GROUP.first": "{value, low, high}: share of the variance that it explains alone, with its 95 % interval",
    "groups.GROUP.total": "{value, low, high}: share that is left if all others are known; the largest comes first",
    "areas.AREA.group": "Market, Hardware, People, Money, several of them joined by +, or luck of counts",
    "areas.AREA.first": "as of groups",
    "areas.AREA.total": "as of groups",
    "sentence": "the answer in a sentence or two",
}


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the scenario, the KPI and the size of the samples."""
    terminal.add_scenario(parser)
    terminal.add_kpi(parser)
    says = f"trials in each of the two samples, {FEWEST} to {MOST:,} (default: 1024)"
    parser.add_argument("--n", type=terminal.whole, default=1024, metavar="N", help=says)
    parser.add_argument("--seed", type=terminal.whole, metavar="S", help="seed of the trials (default: the scenario's)")


def run(options: argparse.Namespace) -> int:
    """Print the indices."""
    scenario = terminal.scenario_of(options)
    with terminal.Progress("Indices") as tell:
        found = explained(scenario, options.kpi, options.n, tell)
    return terminal.show(options, indices_json(scenario, found), indices_table)
