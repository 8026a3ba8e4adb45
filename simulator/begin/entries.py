"""Entries of the file: an answer with the range around it, and what is usual for such a company."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from simulator.begin.questions import Answers, data, fields

Entry = Any  # an assumption as it stands in a file: a map with its value and origin, or a bare value
Members = dict[str, dict[str, Entry]]

ANSWERED = "Answered."
AROUND = "Answered; the range around it is assumed."
# Shares of one whole must not exceed it.
WHOLE_PERCENT = 100.0


@cache
def usual() -> Mapping[str, Any]:
    """Return what is usual for each kind of company."""
    found: Mapping[str, Any] = data("defaults")
    return found


def stated(value: Any, unit: str, note: str = ANSWERED) -> Entry:
    """Return an entry of a value as it was answered, without a range."""
    return {"value": value, "unit": unit, "note": note}


def around(answers: Answers, key: str, unit: str, factor: float = 1.0, least: float = 0.0) -> Entry:
    """Return an entry with the range around an answer, times a factor; a percentage stays below the whole."""
    one, centre = fields()[key], answers[key] * factor
    assert one.spread is not None, f"{key} has no spread"
    low, high = (centre * part for part in one.spread)
    low, high = max(low, least), max(high, least)
    if one.kind == "percent":
        low, centre, high = (f"{digits(min(part, WHOLE_PERCENT))}%" for part in (low, centre, high))
    ends = [part if isinstance(part, str) else float(digits(part)) for part in (low, centre, high)]
    if ends[0] == ends[2]:
        return stated(ends[1], unit)
    return {"value": {"pert": ends}, "unit": unit, "note": AROUND}


def digits(number: float) -> str:
    """Return a number to four significant digits."""
    return f"{number:.4g}"


def from_month(answers: Answers, value: Any, *later: tuple[int, Any]) -> Any:
    """Return a value that begins with the launch, and the later ones, each some months after it."""
    launch = answers["launch"]
    steps = {0: 0, launch: value, **{launch + after: one for after, one in later if one != value}}
    return steps if len(steps) > 1 else steps[0]


def slug(text: str, otherwise: str) -> str:
    """Return a text as the name of a member; `otherwise` where it does not begin with a Latin letter."""
    name = re.sub(r"[^\w]+", "-", text.lower()).strip("-")[:40].rstrip("-")
    return name if re.match(r"[a-z]", name) else otherwise
