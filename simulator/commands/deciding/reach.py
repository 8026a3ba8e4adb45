"""`reach`: find the smallest changes that meet what the next better grade of the verdict lacks."""

from __future__ import annotations

import argparse
from typing import Any

from simulator import terminal
from simulator.answers.blocks.progress import within
from simulator.answers.solving.remedies import remedy, targets_of
from simulator.output.solved import remedy_json

HELP = "the smallest single changes that meet each condition of the next better grade"
KEYS = {
    "scenario": "title of the scenario",
    "currency": "three-letter code",
    "grade": "gold mine, sound, fragile, bubble, or undecided",
    "next_grade": "next better grade; null at the best",
    "conditions.CONDITION.target.kpi": "the KPI that a condition bounds",
    "conditions.CONDITION.target.operator": ">=, >, <= or <",
    "conditions.CONDITION.target.bound": "bound of the KPI",
    "conditions.CONDITION.target.share": "null",
    "conditions.CONDITION.condition": "the condition in words",
    "conditions.CONDITION.changes": "list of {change, unit, now, value, least, standard_error, set, sentence}, the "
    "smallest change first: `least` just meets the condition, and `value` adds three standard errors",
    "conditions.CONDITION.sentence": "what the changes rest on, or that no single one meets the condition",
}


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the scenario and its trials."""
    terminal.add_scenario(parser)
    terminal.add_trials(parser)


def run(options: argparse.Namespace) -> int:
    """Print the changes."""
    projection = terminal.projected(options, evidence=False)
    scenario, trials = projection.scenario, projection.trials
    targets = targets_of(projection)
    with terminal.Progress("Search") as tell:
        found = [
            remedy(scenario, target, trials, within(tell, place / len(targets), (place + 1) / len(targets)))
            for place, target in enumerate(targets)
        ]
    shown = {
        "scenario": scenario.title,
        "currency": scenario.currency,
        "grade": projection.verdict.grade,
        "next_grade": projection.verdict.next_grade,
        "conditions": [remedy_json(one, scenario.currency) for one in found],
    }
    return terminal.show(options, shown, _table)


def _table(shown: dict[str, Any]) -> str:
    """Return the conditions as text, each with its changes and how to apply them."""
    if not shown["conditions"]:
        return f"{shown['scenario']}: {shown['grade']}; no better grade lacks a condition that a number could meet."
    lines = [f"{shown['scenario']}: {shown['grade']}. To reach {shown['next_grade'].capitalize()}:"]
    for one in shown["conditions"]:
        lines += ["", one["condition"], *(f"  - {change['sentence']}" for change in one["changes"])]
        lines.append(f"  {one['sentence']}")
    return "\n".join(lines)
