"""`run`: project a scenario and print its verdict, KPIs and years."""

from __future__ import annotations

import argparse

from simulator import terminal
from simulator.output.plain import as_json, summary
from simulator.output.tables import projection_table

HELP = "project a scenario: verdict, KPIs and years; with --json every line by month"
KEYS = {
    "scenario": "title of the scenario",
    "overlays": "titles of the what-ifs",
    "currency": "three-letter code",
    "start": "first month, as in 2027-01",
    "months": "number of months",
    "trials": "number of trials behind the percentiles",
    "seed": "seed of the trials",
    "hash": "hash of everything that determines the projection; order and comments do not count",
    "file_hash": "SHA-256 of the scenario as a file, sources and notes included",
    "lines.LINE.unit": "unit of the line; LINE is cash, or device_hours[large]",
    "lines.LINE.base": "base case by month",
    "lines.LINE.p05": "P5 of the trials by month (the base case without trials)",
    "lines.LINE.p50": "P50 by month",
    "lines.LINE.p95": "P95 by month",
    "lines.LINE.error": "how far P5, P50 and P95 may be from those of the trials, by month; null where they are exact",
    "base_case": "{text, values}: how the base case lies among the trials; null without trials",
    "kpis.KPI": "as `kpis --json` prints it",
    "ruin": "chance of having run out of cash, by month; null without trials, or if nothing is drawn",
    "verdict.grade": "gold mine, sound, fragile, bubble, or undecided",
    "verdict.between": "best and worst grade of an undecided verdict; null if it is decided",
    "verdict.trials": "number of trials behind the verdict and the chances; 0 for the base case",
    "verdict.broke": "month in which the base case runs out of cash; null if never",
    "verdict.next_grade": "next better grade; null at the best",
    "verdict.sentence": "the grade in one sentence",
    "verdict.reasons": "list of {text, values}: why",
    "verdict.changes": "list of {text, values}: what would bring the next grade",
    "evidence.COST.all.KIND": "share of what moves this cost, costs or cost_of_revenue, with evidence of this kind",
    "evidence.COST.rates.KIND": "the part of it that comes from rates of devices, which a profile run can measure",
    "statements.STATEMENT": "by year, as under `statements --json`",
    "plans.PLAN": "unit economics of the last year, and deciles of customers by use",
    "pools.POOL": "last month by hour of the day, and the cost of each source of devices",
    "captable": "as `captable --json` prints it, without `bands`",
    "advantage": "gain of the last month from users' feedback, by line; null without any",
}


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the scenario and its trials."""
    terminal.add_scenario(parser)
    terminal.add_trials(parser)
    terminal.add_workers(parser)


def run(options: argparse.Namespace) -> int:
    """Print one projection."""
    projection = terminal.projected(options, percentiles=options.json)
    return terminal.show(options, as_json(projection) if options.json else summary(projection), projection_table)
