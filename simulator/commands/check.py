"""`check`: find every mistake in a scenario file, and what is probably not meant."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from typing import Any

from simulator import terminal
from simulator.answers.projection import project
from simulator.errors import Problem, ScenarioError, first
from simulator.output.tables import hashes

HELP = "find every mistake in a scenario file, and what is probably not meant"
KEYS = {
    "file": "path of the file",
    "title": "title of the scenario; null with problems",
    "assumptions": "number of assumptions; null with problems",
    "hash": "hash of the numbers, which order and comments do not change; null with problems",
    "file_hash": "SHA-256 of the scenario as a file, sources and notes included; null with problems",
    "problems": "list of {file, line, what, todo}; empty for a correct file (exit code 0, otherwise 2). Of many, the "
    "first are listed, and the last entry counts the others",
    "warnings": "list of {file, line, what, todo}: values in range that are probably not meant",
}


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the scenario."""
    terminal.add_scenario(parser)


def run(options: argparse.Namespace) -> int:
    """Read the scenario and run its base case; mistakes go to stderr, with `--json` to stdout."""
    result: dict[str, Any] = {"file": str(options.file), **dict.fromkeys(("title", "assumptions", "hash", "file_hash"))}
    result |= {"problems": [], "warnings": []}
    try:
        scenario = terminal.unwarned(options)
        project(scenario, 0, evidence=False)
        result |= {"title": scenario.title, "assumptions": len(scenario.assumptions)}
        result |= {"hash": scenario.hash, "file_hash": scenario.file_hash}
        result["warnings"] = [asdict(warning) for warning in first(scenario.warnings)]
    except ScenarioError as error:
        if not options.json:
            raise
        result["problems"] = [asdict(problem) for problem in error.problems]
    terminal.show(options, result, _told)
    return 2 if result["problems"] else 0


def _told(result: dict[str, Any]) -> str:
    """Return what was found in a file without mistakes: its warnings, one to a line."""
    told = "{file}: {title}: {assumptions} assumptions, no mistakes".format_map(result)
    return "\n".join([told, hashes(result), *(f"warning: {Problem(**one)}" for one in result["warnings"])])
