"""`new`: begin a company with eight questions, and write its scenario file."""

from __future__ import annotations

import argparse
import json
import shlex
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from simulator import terminal
from simulator.answers.projection import project
from simulator.begin.answers import read, understood
from simulator.begin.questions import Field, Question, questions
from simulator.begin.writing import scenario_text
from simulator.errors import PlanError
from simulator.scenario import document
from simulator.scenario.reading import parse

HELP = "begin a company: answer eight questions, and get its scenario file"
KEYS = {
    "ANSWER": "with --questions: each answer that may be given, with its default; fill it in and pass it to --answers",
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
    parser.add_argument("--questions", action="store_true", help="print the questions with their defaults, and stop")
    parser.add_argument("--force", action="store_true", help="replace FILE if it is there")


def run(options: argparse.Namespace) -> int:
    """Write the file and print its verdict, or print the questions; raises BreakevenError."""
    given = _given(options.answers) if options.answers else {}
    if options.questions:
        return terminal.show(options, _template(given), lambda _: "\n".join(_listed(given)))
    path = options.file
    if path is None:
        raise PlanError("the file to write is missing", "name it, as in `python -m simulator new company.yaml`")
    if path.exists() and not options.force:
        raise PlanError("the file is there already", "choose another name, or add --force", where=str(path))
    if not options.answers:
        given = _interview()
    return _write(options, scenario_text(given))


def _write(options: argparse.Namespace, text: str) -> int:
    path = options.file
    scenario = parse(text, path.parent, str(path))
    verdict = project(scenario).verdict
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        what = f"the file cannot be written ({error.strerror})"
        raise PlanError(what, "choose another folder", where=str(path)) from None
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
    text = sys.stdin.read(document.LARGEST_BYTES) if name == "-" else document.text_of(Path(name))
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        todo = 'write an object such as {"name": "Acme"}; `new --questions --json` prints one to fill in'
        raise PlanError("this is no JSON with answers by key", todo, where=where)
    return found


def _template(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return every answer that is asked, as it may be typed."""
    answers = read(given)
    return {one.key: _typed(one, answers) for question in questions() for one in question.fields if one.key in answers}


def _typed(one: Field, answers: Mapping[str, Any]) -> Any:
    found = answers[one.key]
    if one.kind == "month":
        return found + 1
    return int(found) if isinstance(found, float) and found.is_integer() else found


def _listed(given: Mapping[str, Any]) -> Iterator[str]:
    answers = read(given)
    for question in questions():
        yield from ("" if question.number > 1 else None,) if question.number > 1 else ()
        yield f"{question.number}. {question.title}: {question.asks}"
        for one in question.fields:
            if one.key in answers:
                yield f"   {one.key} = {_typed(one, answers)}: {_worded(one, answers)}"
                yield from (f"      {key}: {title}" for key, title in one.options.items())


def _worded(one: Field, answers: Mapping[str, Any]) -> str:
    """Return label, unit, limits and explanation of a field."""
    limits = f"{one.least:,.12g} to {one.most:,.12g}" if one.most and one.kind != "text" else ""
    told = ", ".join(filter(None, (one.label_for(answers), one.unit_for(answers), limits)))
    return " ".join(filter(None, (f"{told}.", str(one.says))))


def _interview() -> dict[str, str]:
    """Ask the questions in the terminal and return what was typed; an answer that cannot be used is asked again."""
    if not sys.stdin.isatty():
        todo = "pass them with --answers FILE.json, or - for stdin; `new --questions --json` prints a template"
        raise PlanError("there is no terminal to ask the questions in", todo)
    typed: dict[str, str] = {}
    for question in questions():
        print(f"\n{question.number}. {question.title}: {question.asks}")
        _ask(question, typed)
    return typed


def _ask(question: Question, typed: dict[str, str]) -> None:
    for one in question.fields:
        answers, _ = understood(typed)
        if not one.asked(answers):
            continue
        print(f"   {_worded(one, answers)}")
        for key, title in one.options.items():
            print(f"      {key}: {title}")
        while True:
            typed[one.key] = input(f"   {one.key} [{_typed(one, answers)}]: ")
            faults = [fault for fault in understood(typed)[1] if fault.key == one.key]
            if not faults:
                break
            print(f"   {faults[0].what}; {faults[0].todo}")
