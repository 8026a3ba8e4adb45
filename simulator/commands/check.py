"""`check`: find every mistake in a scenario file."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from typing import Any

from simulator.answers.projection import project
from simulator.commands import shared
from simulator.errors import ScenarioError

HELP = "find every mistake in a scenario file"
KEYS = {
    "file": "path of the file",
    "title": "title of the scenario; null with problems",
    "assumptions": "number of assumptions; null with problems",
    "problems": "list of {file, line, what, todo}; empty for a correct file (exit code 0, otherwise 2)",
}


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the scenario."""
    shared.add_scenario(parser)


def run(options: argparse.Namespace) -> int:
    """Read the scenario and run its base case; mistakes go to stderr, with `--json` to stdout."""
    try:
        scenario = shared.scenario_of(options)
        project(scenario, 0, evidence=False)
    except ScenarioError as error:
        if not options.json:
            raise
        problems = [asdict(problem) for problem in error.problems]
        shared.show(options, _result(options, None, None, problems), _sentence)
        return 2
    return shared.show(options, _result(options, scenario.title, len(scenario.assumptions), []), _sentence)


def _result(options: argparse.Namespace, title: str | None, count: int | None, problems: list[Any]) -> dict[str, Any]:
    return {"file": str(options.file), "title": title, "assumptions": count, "problems": problems}


def _sentence(result: dict[str, Any]) -> str:
    return f"{result['file']}: {result['title']}: {result['assumptions']} assumptions, no mistakes"
