"""Everything that can go wrong in a plan, in one tree; each message says what, where and what to do."""

from __future__ import annotations

from dataclasses import dataclass


class BreakevenError(Exception):
    """Any error that a user can act on; its text is written for people."""


class ModelError(BreakevenError):
    """The lines of the business do not fit together: an unknown name, a cycle, two defaults."""


class FormulaError(ModelError):
    """A line uses something that has no formula, such as `if`, `max()` or a random number."""


class UnitError(ModelError):
    """A formula does not give the unit that its line declares."""


class PlanError(BreakevenError):
    """A plan could not be computed, or holds no such number."""


@dataclass(frozen=True)
class Problem:
    """One mistake in a scenario file; `line` counts from 1, and is 0 where the whole file is meant."""

    file: str
    line: int
    what: str
    todo: str

    def __str__(self) -> str:
        """As `file:line: what; what to do`, the form editors can jump to."""
        return f"{self.file}:{self.line}: {self.what}; {self.todo}"


class ScenarioError(BreakevenError):
    """One or more mistakes in a scenario file, all that were found at once."""

    def __init__(self, *problems: Problem) -> None:
        self.problems = tuple(sorted(problems, key=lambda problem: problem.line))
        super().__init__("\n".join(map(str, self.problems)))


class Undefined(Exception):
    """A figure that has no value here; the text says why, and is shown in its place. It is no mistake."""
