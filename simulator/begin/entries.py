"""Entries of the file: an answer with the range around it, and what is usual for such a company."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from profiling.errors import Phrase
from simulator.begin.questions import TYPED, Answers, Ranged, data, fields

Entry = Any  # an assumption in the file: a map with its value and origin, or a bare value
Members = dict[str, dict[str, Entry]]

# Shares of one whole must not exceed it.
WHOLE_PERCENT = 100.0


@cache
def usual() -> Mapping[str, Any]:
    """Return what is usual for each kind of company."""
    found: Mapping[str, Any] = data("defaults")
    return found


def said(answers: Answers, *keys: str, more: str = "") -> str:
    """Return the note of a value: whether one of these questions was answered, and what else there is to say."""
    origin = "Answered" if answers[TYPED].intersection(keys) else "Default answer"
    return Phrase("{origin}; {more}", origin=origin, more=more) if more else Phrase("{origin}.", origin=origin)


def noted(value: Any, unit: str, note: str) -> Entry:
    """Return an entry of a value with the reason for it."""
    return {"value": value, "unit": unit, "note": note}


def stated(answers: Answers, key: str, unit: str, value: Any = None) -> Entry:
    """Return an entry of an answer without a range, or of a value made from it."""
    return noted(answers[key] if value is None else value, unit, said(answers, key))


def around(answers: Answers, key: str, unit: str, factor: float = 1.0, least: float = 0.0) -> Entry:
    """Return an entry with the range around an answer, times a factor; a percentage stays below the whole."""
    one, centre = fields()[key], answers[key] * factor
    if isinstance(answers[key], Ranged):
        ends = [max(end * factor, least) for end in answers[key].ends]
        low, high = [percent(end) for end in ends] if one.kind == "percent" else [f"{end:.12g}" for end in ends]
        return noted(f"90% between {low} and {high}", unit, said(answers, key))
    assert one.spread is not None, f"{key} has no spread"
    low, high = (max(centre * part, least) for part in one.spread)
    if one.kind == "percent":
        return within(answers, key, unit, *(percent(min(part, WHOLE_PERCENT)) for part in (low, centre, high)))
    return within(answers, key, unit, rounded(low), centre, rounded(high))


def within(answers: Answers, key: str, unit: str, low: Any, centre: Any, high: Any) -> Entry:  # noqa: PLR0917
    """Return an entry with a range around an answer; the answer alone where the range is empty."""
    if low == high:
        return stated(answers, key, unit, centre)
    return noted({"pert": [low, centre, high]}, unit, said(answers, key, more="the range around it is assumed."))


def rounded(number: float) -> float:
    """Return a number that nobody answered, such as the end of a range, to four significant digits."""
    return float(f"{number:.4g}")


def percent(number: float) -> str:
    """Return a share in percent as the file writes it."""
    return f"{number:.6g}%"


def from_month(answers: Answers, value: Any, *later: tuple[int, Any]) -> Any:
    """Return a value that begins with the launch, and the later ones, each some months after it."""
    launch = answers["launch"]
    steps = {0: 0, launch: value, **{launch + after: one for after, one in later if one != value}}
    return steps if len(steps) > 1 else steps[0]


def slug(text: str, otherwise: str) -> str:
    """Return a text as the name of a member; `otherwise` where it does not begin with a Latin letter."""
    name = re.sub(r"[^\w]+", "-", text.lower()).strip("-")[:40].rstrip("-")
    return name if re.match(r"[a-z]", name) else otherwise
