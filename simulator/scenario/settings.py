"""The settings at the head of a scenario: its name, currency, horizon, chance, and conventions for its figures."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Literal, cast

from profiling.errors import Phrase
from simulator.errors import BadValue, checked_text
from simulator.scenario.values import read_number

VERSION = 1
# Limits on the work that a file from a stranger can ask for.
MOST_MONTHS = 240
MOST_TRIALS = 100_000
LARGEST_SEED = 2**32 - 1
LONGEST_TEXT = 2_000

# How a round is priced when SAFEs convert in it.
Convention = Literal["percent ownership", "pre-money", "dollars invested"]
CONVENTIONS: dict[str, str] = {
    "percent ownership": "New investors own their money over pre-money plus money; SAFE shares lie in the pre-money.",
    "pre-money": "The price is pre-money over the shares without SAFEs, which dilute everybody.",
    "dollars invested": "Post-money is pre-money plus new money plus the money that was paid for the SAFEs.",
}

# In trials, customers won and lost are whole numbers drawn around their mean, or their mean as in the base case.
COUNTS = ("drawn", "expected")

# The variants of each key figure that the field defines in several ways; `answers.kpis` adds its own on import.
KPI_VARIANTS: dict[str, list[str]] = {}


@dataclass(frozen=True)
class Settings:
    """What a scenario says at its head.

    `second_currency` is the code of another currency in which assumptions may be stated, "" for none. `counts` says
    whether trials draw customers won and lost. `round_pricing` is the convention by which a round is priced when SAFEs
    convert in it; `definitions` are the variants chosen for key figures that the field defines in several ways.
    """

    title: str
    description: str
    currency: str
    second_currency: str
    start: date
    months: int
    trials: int
    seed: int
    cash_floor: float
    counts: str
    round_pricing: Convention
    definitions: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Setting:
    """How one setting is read from a file, and its JSON schema.

    `read` raises BadValue. `schema` is a function because variants of figures are known only after `answers.kpis`
    is imported. `meaning` says in a sentence what the setting is. Where `default` is None, a file must give it.
    """

    read: Callable[[Any], Any]
    schema: Callable[[], dict[str, Any]]
    meaning: str
    default: Any = None


def _text(literal: Any) -> str:
    if not (text := checked_text(literal, LONGEST_TEXT, "it").strip()):
        raise BadValue("it is empty", "write a few words")
    return text


def _schema_of_text() -> dict[str, Any]:
    return {"type": "string", "pattern": r"\S", "maxLength": LONGEST_TEXT}


def _currency(literal: Any) -> str:
    if not isinstance(literal, str) or not re.fullmatch(r"[A-Z]{3}", literal):
        raise BadValue(
            Phrase("{literal!r} is not a currency code", literal=str(literal)[:40]),
            "write three capital letters, such as USD",
        )
    return literal


def _cash(literal: Any) -> float:
    if isinstance(literal, str) and literal.strip().endswith("%"):
        raise BadValue(
            Phrase("{literal} is a share, but an amount of cash is meant", literal=literal.strip()[:40]),
            "write it like 50000",
        )
    return read_number(literal)


def _first_month(literal: Any) -> date:
    match = re.fullmatch(r"(20\d\d)-(0[1-9]|1[0-2])(?:-\d\d)?", str(literal))
    if match is None:
        raise BadValue(Phrase("{literal!r} is not a month", literal=str(literal)[:40]), "write it like 2027-01")
    return date(int(match[1]), int(match[2]), 1)


def _whole(low: int, high: int, meaning: str, default: int) -> Setting:
    def read(literal: Any) -> int:
        if not isinstance(literal, int) or isinstance(literal, bool) or not low <= literal <= high:
            whole = Phrase("give a whole number from {low} to {high:,}", low=low, high=high)
            todo = whole if low < high else Phrase("write {value}", value=low)
            raise BadValue(Phrase("{literal!r} is out of range", literal=str(literal)[:40]), todo)
        return literal

    return Setting(read, lambda: {"type": "integer", "minimum": low, "maximum": high}, meaning, default)


def _round_pricing(literal: Any) -> Convention:
    if not isinstance(literal, str) or literal not in CONVENTIONS:
        known = ", ".join(CONVENTIONS)
        raise BadValue(
            Phrase("{literal!r} is not a way to price a round", literal=str(literal)[:40]),
            Phrase("use one of {known}", known=known),
        )
    return cast(Convention, literal)


def _counts(literal: Any) -> str:
    if literal not in COUNTS:
        todo = Phrase("use one of {known}", known=", ".join(COUNTS))
        raise BadValue(Phrase("{literal!r} is not a way to count customers", literal=str(literal)[:40]), todo)
    return str(literal)


def _definitions(literal: Any) -> tuple[tuple[str, str], ...]:
    """Return the variants chosen for figures, such as `gross_margin: all inference`."""
    if not isinstance(literal, Mapping):
        raise BadValue("no figures are named", "write one to a line, such as `gross_margin: all inference`")
    for name, variant in literal.items():
        if name not in KPI_VARIANTS:
            known = ", ".join(KPI_VARIANTS)
            raise BadValue(
                Phrase("{name!r} is not a figure with several definitions", name=str(name)[:60]),
                Phrase("use one of {known}", known=known),
            )
        if variant not in KPI_VARIANTS[name]:
            what = Phrase("{name} has no definition {variant!r}", name=name, variant=str(variant)[:60])
            raise BadValue(what, Phrase("use {known}", known=", ".join(KPI_VARIANTS[name])))
    return tuple((str(name), str(variant)) for name, variant in literal.items())


def _schema_of_definitions() -> dict[str, Any]:
    figures = {name: {"enum": variants} for name, variants in KPI_VARIANTS.items()}
    return {"type": "object", "properties": figures, "additionalProperties": False}


SETTINGS: Mapping[str, Setting] = {
    "breakeven": replace(_whole(1, VERSION, "Version of this format.", VERSION), schema=lambda: {"const": VERSION}),
    "title": Setting(_text, _schema_of_text, "Name of the scenario, in a few words."),
    "description": Setting(_text, _schema_of_text, "What the company does, and what the scenario assumes.", ""),
    "currency": Setting(
        _currency, lambda: {"type": "string", "pattern": "^[A-Z]{3}$"}, "Code of the currency of all money.", "USD"
    ),
    "second_currency": Setting(
        lambda literal: _currency(literal) if literal else "",
        lambda: {"type": "string", "pattern": "^([A-Z]{3})?$"},
        "Code of another currency in which amounts may be given; `exchange_rate` converts them.",
        "",
    ),
    "start": Setting(_first_month, dict, "First month, such as 2027-01."),
    "months": _whole(1, MOST_MONTHS, "Number of months that are projected.", 60),
    "trials": _whole(0, MOST_TRIALS, "Number of trials of the Monte Carlo simulation.", 1_000),
    "seed": _whole(0, LARGEST_SEED, "Seed of the random numbers: the same seed gives the same trials.", 1),
    "cash_floor": Setting(_cash, lambda: {"type": "number"}, "Cash below which the company has run out of it.", 0.0),
    "counts": Setting(
        _counts,
        lambda: {"enum": list(COUNTS)},
        "Whether trials draw customers won and lost as whole numbers, or expect their mean.",
        "drawn",
    ),
    "round_pricing": Setting(
        _round_pricing,
        lambda: {"enum": list(CONVENTIONS)},
        "How a round is priced in which SAFEs convert.",
        "percent ownership",
    ),
    "definitions": Setting(
        _definitions, _schema_of_definitions, "Variant chosen for each KPI that the field defines in several ways.", ()
    ),
}
