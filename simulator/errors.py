"""Every error of the simulator, in one tree; each says what is wrong, where, and what to do."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Any

from profiling.errors import MOST_PLACE_BYTES, Phrase, brief

# What people are shown of the mistakes in one file: the first ones, and no more than fits on a few screens.
MOST_SHOWN = 50
MOST_SHOWN_BYTES = 4_700
# What a list in JSON takes for each mistake beside its words.
JSON_BYTES = 45


# What a text begins with that is about one value: its path.
ABOUT = "{path}: {what}"


def about(path: str, what: str) -> Phrase:
    """Return what is wrong with the value at a path."""
    return Phrase(ABOUT, path=path, what=what)


class BreakevenError(Exception):
    """An error that a user can act on: `what` is wrong, `where`, and what `todo`; the last two may be empty.

    Its text reads "where: what; todo".
    """

    def __init__(self, what: str, todo: str = "", *, where: str = "") -> None:
        super().__init__(what)
        self.what, self.where, self.todo = brief(what), brief(where, MOST_PLACE_BYTES), brief(todo)

    def __str__(self) -> str:
        """Return the parts that are given as one line."""
        told = f"{self.what}; {self.todo}" if self.todo else self.what
        return f"{self.where}: {told}" if self.where else told


def typed_name(name: str) -> str:
    """Return a name that was typed for the sentence that refuses it."""
    return name[:80] or "an empty name"


def meant(name: str, known: Collection[str], otherwise: str = "") -> str:
    """Return what to do about an unknown name: take one of the nearest, or do what `otherwise` says, or choose."""
    near = get_close_matches(name, known, n=3)
    if near:
        return Phrase("did you mean {near}?", near=", ".join(near))
    return otherwise or Phrase("choose from {near}", near=", ".join(known))


class ModelError(BreakevenError):
    """Lines of the business that do not fit together: an unknown name, a circle, two defaults."""


class FormulaError(ModelError):
    """An operation without a formula in a line, such as `if`, `max()` or a random number."""


class UnitError(ModelError):
    """A formula whose unit differs from the one its line declares."""


class PlanError(BreakevenError):
    """A projection that could not be computed, or a name that the scenario does not have."""


class BadValue(BreakevenError):
    """A literal that cannot be read as the value it stands for."""


def checked_text(text: Any, longest: int, name: str) -> str:
    """Return the text called `name` in a file; raise BadValue if it is none or longer than `longest` characters."""
    if not isinstance(text, str):
        todo = Phrase("write it in words, at most {most:,} characters", most=longest)
        raise BadValue(Phrase("{name} is not a text", name=name), todo)
    if len(text) > longest:
        what = Phrase("{name} has {count:,} characters", name=name, count=len(text))
        raise BadValue(what, Phrase("use at most {most:,}", most=longest))
    return text


@dataclass(frozen=True)
class Problem:
    """One mistake in a scenario file; `line` counts from 1, and is 0 where the whole file is meant."""

    file: str
    line: int
    what: str
    todo: str

    def __str__(self) -> str:
        """Return `file:line: what; what to do`, the form that editors can jump to."""
        place = brief(self.file, MOST_PLACE_BYTES) + (f":{self.line}" if self.line else "")
        return f"{place}: {brief(self.what)}; {brief(self.todo)}"


def fitting(problems: Sequence[Problem]) -> tuple[Problem, ...]:
    """Return the first problems, as many as people are shown, each with its parts cut to a readable length."""
    shown: list[Problem] = []
    left = MOST_SHOWN_BYTES
    for one in problems[:MOST_SHOWN]:
        kept = replace(one, what=brief(one.what), todo=brief(one.todo))
        left -= len(str(kept).encode("utf-8", "replace")) + JSON_BYTES
        if shown and left < 0:
            break
        shown.append(kept)
    return tuple(shown)


def first(problems: Sequence[Problem]) -> tuple[Problem, ...]:
    """Return the problems that people are shown, and as the last one how many more there are."""
    shown = fitting(problems)
    if more := len(problems) - len(shown):
        what = Phrase("from here on, {more:,} more are not shown", more=more)
        shown = (*shown, replace(problems[len(shown)], what=what, todo="begin with the first"))
    return shown


class ScenarioError(BreakevenError):
    """Mistakes in a scenario file in the order of their lines: `found` has all, `problems` the first for people."""

    def __init__(self, *problems: Problem) -> None:
        self.found = tuple(sorted(problems, key=lambda problem: problem.line))
        self.problems = first(self.found)
        super().__init__("")
        self.what = "\n".join(map(str, self.problems))

    def __reduce__(self) -> tuple[Any, ...]:
        """Return how another process makes the same error."""
        return ScenarioError, self.found


class Undefined(Exception):
    """A figure that has no value here, which is no mistake; the text says why and is shown in its place.

    The text may name values, each a number with its unit, as messages do.
    """

    def __init__(self, text: str, **values: tuple[float, str]) -> None:
        super().__init__(text)
        self.text, self.values = text, values


def finite(value: float) -> float:
    """Return a figure; raise Undefined where it is infinite, or the difference of two such numbers."""
    if not math.isfinite(value):
        raise Undefined("It is too large for a number.")
    return value


@dataclass(frozen=True)
class Fault:
    """One answer that cannot be used: its key, the number and the label of its question, what is wrong, what to do."""

    key: str
    question: int
    label: str
    what: str
    todo: str

    def __str__(self) -> str:
        """Return the fault as one line."""
        place = f"question {self.question}, {self.label} ({self.key})" if self.question else self.key
        return f"{place}: {self.what}; {self.todo}"


class AnswersError(BreakevenError):
    """All answers to the questions of a new company that cannot be used, as `faults` in the order of the questions."""

    def __init__(self, *faults: Fault) -> None:
        self.faults = faults
        super().__init__("\n".join(map(str, faults)))
