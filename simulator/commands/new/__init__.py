"""`new`: begin a company with eight questions, and write its scenario file."""

from __future__ import annotations

import argparse
import json
import os
import shlex
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from simulator import terminal
from simulator.answers.projection import project, settle
from simulator.begin.writing import scenario_text
from simulator.commands.new.asking import interview, listed, template
from simulator.errors import PlanError
from simulator.scenario import document
from simulator.scenario.reading import parse

# What Windows' own editors begin a file with.
BOM = "\ufeff"
HELP = "begin a company: answer eight questions, and get its scenario file"
KEYS = {
    "file": "path of the new file",
    "title": "name of the company",
    "grade": "grade of the verdict, as `run --json` prints it",
    "sentence": "the verdict in one sentence",
    "warnings": "list of {file, line, what, todo}: values in range that are probably not meant",
}


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the new file and the answers."""
    parser.add_argument("file", nargs="?", type=Path, metavar="FILE", help="the scenario file to write")
    parser.add_argument("--answers", metavar="JSON", help="a JSON file with answers by key, or - for stdin")
    parser.add_argument(
        "--questions", action="store_true", help="print the questions with their defaults, to fill in, and stop"
    )
    parser.add_argument("--force", action="store_true", help="replace FILE if it is there")


def run(options: argparse.Namespace) -> int:
    """Write the file and print its verdict, or print the questions; raises BreakevenError."""
    given = _given(options.answers) if options.answers else {}
    if options.questions:
        return terminal.show(options, template(given), lambda _: "\n".join(listed(given)))
    path = options.file
    if path is None:
        raise PlanError("the file to write is missing", "name it, as in `python -m simulator new company.yaml`")
    _check_place(path, options.force)
    if not options.answers:
        given = interview()
    return _write(options, scenario_text(given))


def _check_place(path: Path, force: bool) -> None:
    """Raise PlanError where the file cannot be written, before anybody answers questions in vain."""
    if path.is_dir():
        raise PlanError("this is a folder", "name a file in it, such as company.yaml", where=str(path))
    if path.exists() and not force:
        raise PlanError("the file is there already", "choose another name, or add --force", where=str(path))
    if not path.parent.is_dir():
        raise PlanError("there is no such folder", "make it, or choose another", where=str(path.parent))
    if not os.access(path.parent, os.W_OK):
        raise PlanError("nothing can be written to this folder", "choose another", where=str(path.parent))


def _write(options: argparse.Namespace, text: str) -> int:
    path = options.file
    scenario = parse(text, path.parent, str(path))
    verdict = settle(project(scenario, evidence=False)).verdict  # as `run` tells it
    scenario.save(path)
    found = {
        "file": str(path),
        "title": scenario.title,
        "grade": verdict.grade,
        "sentence": str(verdict.sentence),
        "warnings": [vars(warning) for warning in scenario.warnings],
    }
    return terminal.show(options, found, _told)


def _told(found: Mapping[str, Any]) -> str:
    name = shlex.quote(found["file"])
    return "\n".join(
        [
            f"Wrote {found['file']}.",
            f"{found['title']}: {found['grade']}. {found['sentence']}",
            "Next:",
            f"  python -m simulator run {name}",
            f"  python -m simulator check {name}",
        ]
    )


def _given(name: str) -> Mapping[str, Any]:
    """Return the answers in a JSON file or on stdin; raise PlanError."""
    where = "stdin" if name == "-" else name
    try:
        text = sys.stdin.read(document.LARGEST_BYTES) if name == "-" else document.text_of(Path(name))
        found = json.loads(text.removeprefix(BOM))
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        todo = 'write an object such as {"name": "Acme"}; `new --questions --json` prints one to fill in'
        raise PlanError("this is no JSON with answers by key", todo, where=where)
    return found
