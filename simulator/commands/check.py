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
    result: dict[str, Any] = {"file": str(options.file), "title": None, "assumptions": None, "problems": []}
    try:
        scenario = shared.scenario_of(options)
        project(scenario, 0, evidence=False)
        result |= {"title": scenario.title, "assumptions": len(scenario.assumptions)}
    except ScenarioError as error:
        if not options.json:
            raise
        result["problems"] = [asdict(problem) for problem in error.problems]
    shared.show(options, result, "{file}: {title}: {assumptions} assumptions, no mistakes".format_map)
    return 2 if result["problems"] else 0
