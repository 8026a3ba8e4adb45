"""What frames a plan: its name, currency, horizon, chance, and the conventions by which its figures are read."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal, cast

from simulator.scenario.values import BadValue, read_number

VERSION = 1
# What a plan may ask of a machine.
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

# The variants of each key figure on which the field disagrees; `answers.kpis` adds its own when it is imported.
KPI_VARIANTS: dict[str, list[str]] = {}


@dataclass(frozen=True)
class Settings:
    """What a scenario says at its head.

    `round_pricing` is the convention by which a round is priced when SAFEs convert in it; `definitions` the variants
    chosen for key figures on which the field disagrees.
    """

    title: str
    description: str
    currency: str
    start: date
    months: int
    trials: int
    seed: int
    cash_floor: float
    round_pricing: Convention
    definitions: tuple[tuple[str, str], ...]


def _short_text(literal: Any) -> str:
    if not isinstance(literal, str) or not literal.strip() or len(literal) > LONGEST_TEXT:
        raise BadValue("it is no text", f"write a few words, at most {LONGEST_TEXT:,} characters")
    return literal.strip()


def _currency(literal: Any) -> str:
    if not isinstance(literal, str) or not re.fullmatch(r"[A-Z]{3}", literal):
        raise BadValue(f"{str(literal)[:40]!r} is no currency", "write a code of three letters, such as USD")
    return literal


def _month(literal: Any) -> date:
    match = re.fullmatch(r"(20\d\d)-(0[1-9]|1[0-2])(?:-\d\d)?", str(literal))
    if match is None:
        raise BadValue(f"{str(literal)[:40]!r} is no month", "write it like 2027-01")
    return date(int(match[1]), int(match[2]), 1)


def _whole(low: int, high: int) -> Callable[[Any], int]:
    def read(literal: Any) -> int:
        if not isinstance(literal, int) or isinstance(literal, bool) or not low <= literal <= high:
            raise BadValue(f"{str(literal)[:40]!r} does not fit", f"give a whole number from {low} to {high:,}")
        return literal

    return read


def _convention(literal: Any) -> Convention:
    if literal not in CONVENTIONS:
        raise BadValue(f"{str(literal)[:40]!r} is no way to price a round", f"use one of {', '.join(CONVENTIONS)}")
    return cast(Convention, literal)


# How each setting is read, and what holds where a file is silent; None: it must be there.
READERS: Mapping[str, tuple[Callable[[Any], Any], Any]] = {
    "breakeven": (_whole(1, VERSION), VERSION),
    "title": (_short_text, None),
    "description": (_short_text, ""),
    "currency": (_currency, "USD"),
    "start": (_month, None),
    "months": (_whole(1, MOST_MONTHS), 60),
    "trials": (_whole(0, MOST_TRIALS), 1_000),
    "seed": (_whole(0, LARGEST_SEED), 1),
    "cash_floor": (read_number, 0.0),
    "round_pricing": (_convention, "percent ownership"),
}
