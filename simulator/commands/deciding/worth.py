"""`worth`: how much better a choice between options gets if an assumption is known before the choice."""

from __future__ import annotations

import argparse

from simulator import terminal
from simulator.answers.moving.options import OPTIONS, option_of
from simulator.answers.moving.worth import FEWEST, MOST, worth
from simulator.output.moving.worth import worth_json, worth_table

HELP = "what to find out before choosing between options: the value of knowing each uncertain assumption (EVPPI)"
KEYS = {
    "scenario": "title of the scenario",
    "kpi": "KPI that the options are judged by; more of it counts as better",
    "title": "its name for people",
    "unit": "its unit, and that of every value below",
    "trials": "trials of each option, the same for all",
    "options.OPTION.title": "today's scenario first, then the options as given",
    "options.OPTION.mean": "mean of the KPI over the trials",
    "options.OPTION.standard_error": "its standard error",
    "options.OPTION.best_in": "share of trials in which this option is best",
    "best": "title of the option with the highest mean",
    "everything": "{value, error}: worth of knowing all, luck included (EVPI), which no measurement exceeds",
    "knowing.KNOWING.path": "uncertain assumption; the most valuable first",
    "knowing.KNOWING.worth": "{value, error}: worth of knowing it before the choice (EVPPI), with its standard error",
    "knowing.KNOWING.can_be_told": "whether the worth is more than two standard errors, so that it is not noise",
    "knowing.KNOWING.told_by": "what would tell it",
    "knowing.KNOWING.hour_costs": "price of an hour of a profile run's devices in the scenario; null: not in the plan",
    "currency": "of hour_costs",
    "sentence": "the answer in a sentence or two",
}


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the scenario, the options, and the KPI that judges them."""
    terminal.add_scenario(parser)
    shipped = ", ".join(OPTIONS).replace("%", "%%")
    says = (
        f"a choice beside today's scenario: {shipped}, price by other percents, a what-if as for --overlay, or "
        "NAME=VALUE,NAME=VALUE"
    )
    parser.add_argument("--option", action="extend", nargs="+", default=[], metavar="OPTION", help=says)
    terminal.add_kpi(parser, "--value")
    says = f"trials of each option, {FEWEST} to {MOST:,} (default: 2000)"
    parser.add_argument("--n", type=terminal.whole, default=2000, metavar="N", help=says)
    parser.add_argument("--seed", type=terminal.whole, metavar="S", help="seed of the trials (default: the scenario's)")


def run(options: argparse.Namespace) -> int:
    """Print what knowing is worth."""
    scenario = terminal.scenario_of(options)
    choices = [option_of(scenario, named, terminal.overlay_file) for named in options.option]
    with terminal.Progress("Worth") as tell:
        found = worth(scenario, choices, options.value, options.n, tell)
    return terminal.show(options, worth_json(scenario, found), worth_table)
