"""Every error of the simulator, in one tree; each says what is wrong, where, and what to do."""

from __future__ import annotations

from dataclasses import dataclass


class BreakevenError(Exception):
    """An error that a user can act on: `what` is wrong, `where`, and what `todo`; the last two may be empty.

    Its text reads "where: what; todo".
    """

    def __init__(self, what: str, todo: str = "", *, where: str = "") -> None:
        super().__init__(what)
        self.what, self.where, self.todo = what, where, todo

    def __str__(self) -> str:
        """Return the parts that are given as one line."""
        told = f"{self.what}; {self.todo}" if self.todo else self.what
        return f"{self.where}: {told}" if self.where else told


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


@dataclass(frozen=True)
class Problem:
    """One mistake in a scenario file; `line` counts from 1, and is 0 where the whole file is meant."""

    file: str
    line: int
    what: str
    todo: str

    def __str__(self) -> str:
        """Return `file:line: what; what to do`, the form that editors can jump to."""
        return f"{self.file}:{self.line}: {self.what}; {self.todo}"


class ScenarioError(BreakevenError):
    """All mistakes in a scenario file, as `problems` in the order of their lines."""

    def __init__(self, *problems: Problem) -> None:
        self.problems = tuple(sorted(problems, key=lambda problem: problem.line))
        super().__init__("\n".join(map(str, self.problems)))


class Undefined(Exception):
    """A figure that has no value here, which is no mistake; the text says why and is shown in its place.

    The text may name values, each a number with its unit, as messages do.
    """

    def __init__(self, text: str, **values: tuple[float, str]) -> None:
        super().__init__(text)
        self.text, self.values = text, values


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
