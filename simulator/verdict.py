"""The verdict: gold mine, sound, fragile or bubble, from stated thresholds, with its reasons.

A message keeps its English text apart from its values, so that whoever shows it can translate the one and
format the other.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from simulator.kpis import Kpi

GRADES = ("gold mine", "sound", "fragile", "bubble")
# A business that must ask its investors again in one of five futures is fragile.
SAFE_RUIN, LOW_RUIN = 0.20, 0.05
# Software companies are valued for margins of 70 % and up; below 50 % serving eats the business.
HIGH_MARGIN, FAIR_MARGIN, POOR_MARGIN = 0.70, 0.50, 0.20
# Investors call 12 months of payback excellent and worry beyond 24.
FAST_PAYBACK, SLOW_PAYBACK = 12, 24
LIKELY_RUIN = 0.5


@dataclass(frozen=True)
class Message:
    """A sentence with {named} values; each value is a number with its unit: share, month, month index, money."""

    text: str
    values: Mapping[str, tuple[float, str]] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.text.format(**{name: plain(number, unit) for name, (number, unit) in self.values.items()})


def plain(number: float, unit: str) -> str:
    """A number in English, for the terminal."""
    if unit == "share":
        if 0 < abs(number) < 0.001:
            return "less than 0.1%"
        return f"{number:.1%}" if 0 < abs(number) < 0.1 else f"{number:.0%}"
    if unit == "month index":
        return f"month {number:.0f}"
    if unit in ("month", "1"):
        return f"{number:,.0f}"
    return f"{number:,.0f} {unit}"


@dataclass(frozen=True)
class Verdict:
    """A grade, a sentence that says it, and the reasons, the gravest first."""

    grade: str
    sentence: Message
    reasons: tuple[Message, ...]


SENTENCES = {
    "gold mine": Message("On these assumptions customers pay back fast, margins are high and cash is safe."),
    "sound": Message("On these assumptions the business carries itself, and most futures leave it solvent."),
    "fragile": Message("The business may work, but not on this plan as it stands."),
    "bubble": Message("On these assumptions growth costs more than customers will ever bring."),
}


def judge(kpis: Mapping[str, Kpi], evidence: Mapping[str, float]) -> Verdict:
    """The verdict on these key figures, honest about how much of it rests on assumption."""
    grade = _grade(kpis)
    assumed = Message(
        "{assumed} of what moves cost is assumed, and {measured} was measured.",
        {"assumed": (evidence["assumed"], "share"), "measured": (evidence["measured"], "share")},
    )
    reasons = (_survival(kpis), _margin(kpis), _break_even(kpis), _payback(kpis), assumed)
    return Verdict(grade, SENTENCES[grade], reasons)


def _grade(kpis: Mapping[str, Kpi]) -> str:
    ruin = _ruin(kpis)
    evens_out = kpis["break_even_month"].value is not None
    if not _between(kpis, "gross_margin", POOR_MARGIN) or (ruin >= LIKELY_RUIN and not evens_out):
        return "bubble"
    carries_itself = evens_out and _between(kpis, "operating_margin", 0)
    pays_back = _between(kpis, "payback_months", 0, SLOW_PAYBACK)
    if ruin > SAFE_RUIN or not carries_itself or not pays_back or not _between(kpis, "gross_margin", FAIR_MARGIN):
        return "fragile"
    excels = _between(kpis, "gross_margin", HIGH_MARGIN) and _between(kpis, "payback_months", 0, FAST_PAYBACK)
    return "gold mine" if excels and ruin <= LOW_RUIN else "sound"


def _between(kpis: Mapping[str, Kpi], name: str, low: float, high: float = math.inf) -> bool:
    """Whether a key figure has a value, and it lies within [low, high]."""
    value = kpis[name].value
    return value is not None and low <= value <= high


def _ruin(kpis: Mapping[str, Kpi]) -> float:
    """The chance of ruin; without trials, whether the base plan runs out."""
    ruin = kpis["probability_of_ruin"].value
    return ruin if ruin is not None else float(kpis["runway"].value is not None)


def _survival(kpis: Mapping[str, Kpi]) -> Message:
    ruin, runway = kpis["probability_of_ruin"].value, kpis["runway"].value
    if runway is not None:
        return Message("In the base plan cash runs out in {month}.", {"month": (runway, "month index")})
    if ruin is not None:
        return Message("Cash runs out in {ruin} of all trials.", {"ruin": (ruin, "share")})
    return Message("In the base plan cash never runs out.")


def _margin(kpis: Mapping[str, Kpi]) -> Message:
    margin = kpis["gross_margin"].value
    if margin is None:
        return Message(kpis["gross_margin"].why)
    text = (
        "Gross margin is {margin}: {fair} or more is fair for software."
        if margin >= FAIR_MARGIN
        else "Gross margin is {margin}, below the {fair} that is fair for software."
    )
    return Message(text, {"margin": (margin, "share"), "fair": (FAIR_MARGIN, "share")})


def _break_even(kpis: Mapping[str, Kpi]) -> Message:
    month = kpis["break_even_month"].value
    if month is None:
        return Message("Operations do not break even within the plan.")
    return Message("Operations break even in {month}.", {"month": (month, "month index")})


def _payback(kpis: Mapping[str, Kpi]) -> Message:
    months = kpis["payback_months"].value
    if months is None:
        return Message(kpis["payback_months"].why)
    return Message("A new customer pays back its acquisition in {months} months.", {"months": (months, "month")})
