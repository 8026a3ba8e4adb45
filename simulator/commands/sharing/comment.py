"""`comment`: list the comments in a scenario, or add one to its file."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from simulator import terminal
from simulator.errors import PlanError
from simulator.scenario.comments import LONGEST, Comment
from simulator.scenario.reading import load

HELP = "list what readers said about a scenario and its assumptions, or add a comment to its file"
KEYS = {
    "file": "path of the scenario",
    "comments": "list of {on, by, date, text} in the order of the file; on is the path of an assumption, or empty",
}


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the scenario, the assumption, the text and its author."""
    parser.add_argument("file", type=Path, metavar="FILE", help="a scenario")
    parser.add_argument("text", nargs="?", metavar="TEXT", help="what you say (default: list the comments)")
    parser.add_argument("--on", default="", metavar="NAME", help="assumption it is on, such as plans.team.price")
    parser.add_argument("--by", default="", metavar="NAME", help="who says it")


def run(options: argparse.Namespace) -> int:
    """Print the comments, after adding one."""
    from simulator.scenario.shaping.comments import with_comment

    scenario = load(options.file)
    if options.text is not None:
        path = scenario.find_path(options.on) if options.on else ""
        before = scenario.text
        scenario = with_comment(scenario, Comment(path, options.by, f"{datetime.now(UTC):%Y-%m-%d}", options.text))
        scenario.save(options.file, before)
    elif options.on or options.by:
        raise PlanError("there is no text", f"write it after the file: comment {options.file} TEXT --on NAME")
    comments = [{name: getattr(one, name) for name in LONGEST} for one in scenario.comments]
    return terminal.show(options, {"file": str(options.file), "comments": comments}, _told)


def _told(shown: Mapping[str, Any]) -> str:
    """Return the comments, one a line, by what they are on."""
    lines = [f"{one['on'] or 'scenario'}: {Comment(**one)}" for one in shown["comments"]]
    return "\n".join(lines) or "There are no comments."
