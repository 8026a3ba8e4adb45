"""The eight questions: which fields they have, when a field is asked, and what holds where nothing is answered."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Self

from ruamel.yaml import YAML

FOLDER = Path(__file__).parent
DOLLAR = "USD"
# Answers that others depend on, wherever they stand: the defaults of amounts are converted, months are counted.
FIRST = ("currency", "rate", "start")
# Beside the answers: the keys of those that were typed, and are not defaults.
TYPED = "typed"

Answers = Mapping[str, Any]


@dataclass(frozen=True)
class Field:
    """One answer: its wording, its kind, and when it is asked. A wording or a default may depend on other answers.

    `spread` has the least and the most that are likely, as multiples of what is answered; None where it is a decision.
    `after` names the month that this one must follow; its default is then counted from there. `local` is the default of
    an amount in the currency's countries, relative to the USA.
    """

    key: str
    question: int
    label: Any
    kind: str
    default: Any
    says: Any = ""
    unit: Any = ""
    money: bool = False
    options: Mapping[str, str] = field(default_factory=dict)
    when: Mapping[str, Any] = field(default_factory=dict)
    least: float = 0.0
    most: float = 0.0
    longest: int = 0
    spread: tuple[float, float] | None = None
    after: str = ""
    local: Any = 1

    def asked(self, answers: Answers) -> bool:
        """Return whether the field changes anything, given the answers to the fields before it."""
        return all(_fits(answers.get(key), wanted) for key, wanted in self.when.items())

    def label_for(self, answers: Answers) -> str:
        """Return the label."""
        return str(chosen(self.label, answers))

    def unit_for(self, answers: Answers) -> str:
        """Return the unit: `USD a month`, or nothing for a choice."""
        return " ".join(filter(None, self.unit_parts(answers)))

    def unit_parts(self, answers: Answers) -> tuple[str, str]:
        """Return the currency of an amount of money and what it counts per, each empty where there is none."""
        currency = str(answers.get("currency", DOLLAR)) if self.money else ""
        return currency, str(chosen(self.unit, answers))

    def default_for(self, answers: Answers) -> Any:
        """Return the default; an amount in the currency of the company, to two digits."""
        found = chosen(self.default, answers)
        if self.kind == "start":
            return next_month(date.today()) if found == "next" else found
        if self.after:
            return min(answers.get(self.after, 0) + 1 + found, int(self.most))  # months are typed from 1
        return in_two_digits(found * answers.get("rate", 1.0) * chosen(self.local, answers)) if self.money else found

    def limits_for(self, answers: Answers) -> tuple[float, float]:
        """Return the least and the most that may be answered; of an amount, in the currency of the company."""
        rate = answers.get("rate", 1.0) if self.money else 1.0
        return self.least * rate, self.most * rate


class Ranged(float):
    """The centre of a range that was answered, with its ends, between which nine draws in ten lie."""

    ends: tuple[float, float]

    def __new__(cls, low: float, high: float) -> Self:
        """Take the centre that the file's range has: the geometric mean of positive ends, otherwise the mean."""
        centre = super().__new__(cls, math.sqrt(low * high) if low > 0 else (low + high) / 2)
        centre.ends = low, high
        return centre


@dataclass(frozen=True)
class Question:
    """A question with its number from 1, its title, its sentence, and its fields."""

    number: int
    title: str
    asks: str
    fields: tuple[Field, ...]


def data(name: str) -> Any:
    """Return the content of a YAML file beside this module."""
    with (FOLDER / f"{name}.yaml").open(encoding="utf-8") as file:
        return YAML(typ="safe", pure=True).load(file)


@cache
def questions() -> tuple[Question, ...]:
    """Return the questions in their order."""
    return tuple(
        Question(number, one["title"], one["asks"], tuple(_field(number, entry) for entry in one["fields"]))
        for number, one in enumerate(data("questions"), 1)
    )


@cache
def fields() -> Mapping[str, Field]:
    """Return all fields by key, in the order of the questions."""
    return {one.key: one for question in questions() for one in question.fields}


def texts() -> Iterator[str]:
    """Yield every text of the questions, for those who translate them."""
    for question in questions():
        yield from (question.title, question.asks)
        for one in question.fields:
            for raw in (one.label, one.says, one.unit):
                yield from filter(None, _leaves(raw))
            yield from one.options.values()
        yield from (name for one in question.fields if one.kind == "text" for name in _leaves(one.default))


def chosen(raw: Any, answers: Answers) -> Any:
    """Return what a value that depends on another answer is: `{by: customer, api: 1, else: 2}`."""
    while isinstance(raw, Mapping) and "by" in raw:
        raw = raw.get(answers.get(raw["by"]), raw.get("else"))
    return raw


def in_two_digits(number: float) -> float:
    """Return a number rounded to two significant digits."""
    return round(number, 1 - math.floor(math.log10(abs(number)))) if number else 0.0


def next_month(today: date) -> str:
    """Return the month after a day, as a scenario writes it; of a clock that is not set, one that can be answered."""
    found = f"{today.year + today.month // 12:04}-{today.month % 12 + 1:02}"
    return min(max(found, "2000-01"), "2099-12")


def _field(number: int, entry: Mapping[str, Any]) -> Field:
    spread = entry.get("spread")
    return Field(question=number, **{**entry, "spread": tuple(spread) if spread else None})


def _fits(answer: Any, wanted: Any) -> bool:
    if wanted == "some":
        return bool(answer)
    return answer != DOLLAR if wanted == "other" else answer in wanted


def _leaves(raw: Any) -> Iterator[str]:
    if isinstance(raw, Mapping):
        for key, one in raw.items():
            yield from _leaves(one) if key != "by" else ()
    else:
        yield raw
