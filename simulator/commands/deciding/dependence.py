"""`dependence`: how a KPI goes with one uncertain assumption over the trials."""

from __future__ import annotations

import argparse

from simulator import terminal
from simulator.answers.chance.dependence import FEWEST, MOST, dependence
from simulator.output.chance.dependence import dependence_json, dependence_table

HELP = "how a KPI goes with one uncertain assumption over the trials: its mean, P5 and P95 by the value"
KEYS = {
    "scenario": "title of the scenario",
    "kpi": "name of the KPI; probability_of_ruin is the chance of running out of cash",
    "title": "its name for people",
    "unit": "unit of the KPI",
    "path": "the assumption",
    "of": "unit of the assumption",
    "trials": "number of trials",
    "groups.GROUP.low": "lowest value of the assumption in a group of trials, by its mean over the months",
    "groups.GROUP.middle": "median of it",
    "groups.GROUP.high": "highest value of it",
    "groups.GROUP.trials": "number of trials in the group",
    "groups.GROUP.mean": "mean of the KPI in them; a month that never comes counts as the number of months",
    "groups.GROUP.error": "standard error of the mean",
    "groups.GROUP.p05": "P5 of the KPI in them",
    "groups.GROUP.p95": "P95 of the KPI in them",
    "explained": "share of the KPI's variance between the groups, without what chance makes of it",
    "p": "chance of such differences if the KPI did not depend on it (F-test)",
    "sentence": "the answer in a sentence",
}


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the scenario, the assumption, the KPI and the trials."""
    terminal.add_scenario(parser)
    parser.add_argument("--on", required=True, metavar="PATH", help="an uncertain assumption, as in plans.team.churn")
    terminal.add_kpi(parser)
    says = f"trials (default: 1000; {FEWEST} to {MOST:,})"
    parser.add_argument("--trials", type=terminal.whole, default=1_000, metavar="N", help=says)
    parser.add_argument("--seed", type=terminal.whole, metavar="S", help="seed of the trials (default: the scenario's)")


def run(options: argparse.Namespace) -> int:
    """Print the dependence."""
    scenario = terminal.scenario_of(options)
    with terminal.Progress("Trials") as tell:
        found = dependence(scenario, options.kpi, options.on, options.trials, progress=tell)
    return terminal.show(options, dependence_json(scenario, found), dependence_table)
