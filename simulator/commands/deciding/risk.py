"""`risk`: when cash runs out, why it does in the worst trials, how low it falls, and how exactly the trials tell it."""

from __future__ import annotations

import argparse

from simulator import terminal
from simulator.answers.chance.enough import MOST_TRIALS, refined
from simulator.answers.messages import Message
from simulator.errors import PlanError, Undefined
from simulator.output.chance.risk import risk_json, risk_table

HELP = "chance of running out of cash by month and before rounds, cash at risk, and why the worst trials fail"
KEYS = {
    "scenario": "title of the scenario",
    "currency": "three-letter code",
    "seed": "seed of the trials",
    "trials": "number of trials behind everything but `worst`",
    "chance": "{value, standard_error}: share of trials that run out of cash",
    "by_month": "{value, standard_error}: lists of the share out of cash in or before each month",
    "rounds.ROUND.kind": "round, safe or loan that brings money after the first month",
    "rounds.ROUND.name": "its name",
    "rounds.ROUND.month": "month in which it closes in the base case",
    "rounds.ROUND.value": "share of trials that run out before",
    "rounds.ROUND.standard_error": "its standard error",
    "cash_at_risk": "{value, standard_error}: P5 of the lowest cash of a trial; null below 20 trials",
    "cash_missing": "{value, standard_error}: cash missing at the start so that 95 % of trials stay above the floor; "
    "null below 20 trials",
    "expected_shortfall": "{value, standard_error}: mean of it in the worst 5 % of the trials; null below 20 trials",
    "percentiles.AMOUNT": "end_cash or lowest_cash: list of {share, value, standard_error, low, high}, a 95 % "
    "interval; null where the trials are too few",
    "line": "{key, unit, trials, p05, p50, p95}: with --line, {value, error, low, high} by month; else null",
    "worst": "{trials, count, ran_out, has_luck}: how many of the first trials are the worst, and whether they ran out",
    "unusual": "list of {path, unit, is_luck, is_chance, inside, outside, odds, p}: what was unusual in them",
    "listed": "list of {number, broke, lowest_cash, end_cash, ranks} of the ten worst; ranks as in `unusual`",
    "why": "why the last three are null; empty if they are not",
    "enough": "{trials, decided, chance, cash, needed, is_enough}: half of 95 % intervals, and trials that are needed",
    "sentences": "list of the answers in sentences",
}
# Seconds that --enough may take.
PATIENCE = 60


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the scenario, the trials, and what to do about too few of them."""
    terminal.add_scenario(parser)
    terminal.add_trials(parser)
    terminal.add_workers(parser)
    says = f"run more trials until the intervals are narrow, {MOST_TRIALS:,} have run, or {PATIENCE} seconds are over"
    line = "such as revenue or device_hours[large]: its P5, P50 and P95 by month, each with its error"
    parser.add_argument("--line", metavar="LINE", help=line)
    parser.add_argument("--enough", action="store_true", help=says)


def run(options: argparse.Namespace) -> int:
    """Print the risk."""
    projection = terminal.projected(options, evidence=False, keep=() if options.line is None else (options.line,))
    try:
        if options.enough:
            with terminal.workers(options, MOST_TRIALS) as pool:
                projection = refined(projection, PATIENCE, pool)
        return terminal.show(options, risk_json(projection, options.line), risk_table)
    except Undefined as reason:
        todo = "give assumptions ranges, or ask for 100 trials or more"
        raise PlanError(str(Message(reason.text, reason.values)).removesuffix("."), todo) from None
