"""The eight questions in the terminal: listed, as a template, or asked one by one."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from typing import Any

from simulator.begin.answers import read, understood
from simulator.begin.questions import Field, Question, questions
from simulator.errors import PlanError


def template(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return every answer that is asked, as it may be typed."""
    answers = read(given)
    return {one.key: _typed(one, answers) for question in questions() for one in question.fields if one.key in answers}


def _typed(one: Field, answers: Mapping[str, Any]) -> Any:
    found = answers[one.key]
    if one.kind == "month":
        return found + 1
    return int(found) if isinstance(found, float) and found.is_integer() else found


def listed(given: Mapping[str, Any]) -> Iterator[str]:
    """Yield the lines that list the questions: each answer with its default, what it means, and its choices."""
    answers = read(given)
    for question in questions():
        if question.number > 1:
            yield ""
        yield f"{question.number}. {question.title}: {question.asks}"
        for one in question.fields:
            if one.key in answers:
                yield f"   {one.key} = {_typed(one, answers)}: {_worded(one, answers)}"
                yield from (f"      {key}: {title}" for key, title in one.options.items())


def _worded(one: Field, answers: Mapping[str, Any]) -> str:
    """Return label, unit, limits and explanation of a field."""
    least, most = one.limits_for(answers)
    limits = f"{least:,.12g} to {most:,.12g}" if most else ""
    told = ", ".join(filter(None, (one.label_for(answers), one.unit_for(answers), limits)))
    return " ".join(filter(None, (f"{told}.", str(one.says))))


def interview() -> dict[str, str]:
    """Ask the questions in the terminal and return what was typed; an answer that cannot be used is asked again."""
    if not sys.stdin.isatty():
        todo = "pass them with --answers FILE.json, or - for stdin; `new --questions --json` prints a template"
        raise PlanError("there is no terminal to ask the questions in", todo)
    typed: dict[str, str] = {}
    try:
        for question in questions():
            print(f"\n{question.number}. {question.title}: {question.asks}")
            _ask(question, typed)
    except (EOFError, KeyboardInterrupt):
        print()
        raise PlanError("the questions were left before the last one", "nothing was written; begin again") from None
    return typed


def _ask(question: Question, typed: dict[str, str]) -> None:
    for one in question.fields:
        answers, _ = understood(typed)
        if not one.asked(answers):
            continue
        print(f"   {_worded(one, answers)}")
        for key, title in one.options.items():
            print(f"      {key}: {title}")
        default = "" if one.default_for(answers) is None else f" [{_typed(one, answers)}]"
        while True:
            typed[one.key] = input(f"   {one.key}{default}: ")
            faults = [fault for fault in understood(typed)[1] if fault.key == one.key]
            if not faults:
                break
            print(f"   {faults[0].what}; {faults[0].todo}")
