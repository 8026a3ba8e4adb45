"""The verdict: gold mine, sound, fragile or bubble, from stated thresholds, with its reasons.

A message keeps its English text apart from its values, so that whoever shows it can translate the one and
format the other.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from simulator.answers.kpis import Kpi

GRADES = ("gold mine", "sound", "fragile", "bubble")


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
    """A grade, a sentence that says it, the reasons, and what would have to change for the next better grade."""

    grade: str
    sentence: Message
    reasons: tuple[Message, ...]
    changes: tuple[Message, ...] = ()

    @property
    def next_grade(self) -> str | None:
        """The grade that the changes would bring; None for the best."""
        place = GRADES.index(self.grade)
        return GRADES[place - 1] if place else None


SENTENCES = {
    "gold mine": Message("On these assumptions customers pay back fast, margins are high and cash is safe."),
    "sound": Message("On these assumptions the business carries itself, and most futures leave it solvent."),
    "fragile": Message("The business may work, but not on this plan as it stands."),
    "bubble": Message("On these assumptions growth costs more than customers will ever bring."),
}


@dataclass(frozen=True)
class Condition:
    """What a key figure must be for a grade: within [low, high], both in the figure's unit."""

    kpi: str
    low: float
    high: float
    text: str

    def holds(self, kpis: Mapping[str, Kpi]) -> bool:
        """Whether the figure has a value and it lies there."""
        value = measure(kpis, self.kpi)
        return value is not None and self.low <= value <= self.high

    def change(self, kpis: Mapping[str, Kpi]) -> Message:
        """The condition as a sentence, with its bound."""
        unit = kpis[self.kpi].unit
        bound = self.high if math.isfinite(self.high) else self.low
        return Message(self.text, {"bound": (bound, unit)})


# A business that must ask its investors again in one of five futures is fragile. Software companies are valued for
# gross margins of 70 % and up, and below 50 % serving eats the business. Investors call a payback of 12 months
# excellent and worry beyond 24.
CONDITIONS: Mapping[str, tuple[Condition, ...]] = {
    "gold mine": (
        Condition("gross_margin", 0.70, math.inf, "Gross margin would have to be {bound} or more."),
        Condition("payback_months", 0, 12, "Customers would have to pay back within {bound} months."),
        Condition("probability_of_ruin", 0, 0.05, "Cash would have to run out in {bound} of all trials or fewer."),
        Condition("operating_margin", 0, math.inf, "The last year would have to bring an operating profit."),
    ),
    "sound": (
        Condition("gross_margin", 0.50, math.inf, "Gross margin would have to be {bound} or more."),
        Condition("payback_months", 0, 24, "Customers would have to pay back within {bound} months."),
        Condition("probability_of_ruin", 0, 0.20, "Cash would have to run out in {bound} of all trials or fewer."),
        Condition("operating_margin", 0, math.inf, "The last year would have to bring an operating profit."),
    ),
    "fragile": (Condition("gross_margin", 0.20, math.inf, "Gross margin would have to be {bound} or more."),),
}
FAIR_MARGIN = 0.50
LIKELY_RUIN = 0.5


def measure(kpis: Mapping[str, Kpi], name: str) -> float | None:
    """A key figure; the chance of ruin without trials is whether the base plan runs out."""
    if name == "probability_of_ruin" and kpis[name].value is None:
        return float(simulated_runway(kpis) is not None)
    return kpis[name].value


def simulated_runway(kpis: Mapping[str, Kpi]) -> float | None:
    """The month in which the base plan runs out of cash, whichever definition of runway is shown."""
    runway = kpis["runway"]
    return runway.value if runway.variant == "simulated" else runway.others["simulated"]


def judge(kpis: Mapping[str, Kpi], evidence: Mapping[str, float] | None = None) -> Verdict:
    """The verdict on these key figures, honest about how much of it rests on assumption where that is known."""
    grade = _grade(kpis)
    reasons = [_survival(kpis), _margin(kpis), _break_even(kpis), _payback(kpis)]
    if evidence is not None:
        values = {name: (evidence[name], "share") for name in ("assumed", "measured")}
        text = "{assumed} of what moves cost is assumed, and {measured} was measured."
        reasons.append(Message(text, values))
    return Verdict(grade, SENTENCES[grade], tuple(reasons), _changes(kpis, grade))


def _grade(kpis: Mapping[str, Kpi]) -> str:
    """The best grade all of whose conditions hold."""
    for grade, conditions in CONDITIONS.items():
        if all(condition.holds(kpis) for condition in conditions) and not _is_hopeless(kpis):
            return grade
    return "bubble"


def _is_hopeless(kpis: Mapping[str, Kpi]) -> bool:
    """Cash more likely runs out than not, and operations never carry themselves."""
    return (measure(kpis, "probability_of_ruin") or 0) >= LIKELY_RUIN and kpis["break_even_month"].value is None


def _changes(kpis: Mapping[str, Kpi], grade: str) -> tuple[Message, ...]:
    """What keeps the plan from the next better grade."""
    place = GRADES.index(grade)
    if place == 0:
        return ()
    missing = [one.change(kpis) for one in CONDITIONS[GRADES[place - 1]] if not one.holds(kpis)]
    if grade == "bubble" and _is_hopeless(kpis):
        missing.append(Message("Operations would have to break even within the plan, or cash to outlast it."))
    return tuple(missing)


def _survival(kpis: Mapping[str, Kpi]) -> Message:
    ruin, runway = kpis["probability_of_ruin"].value, simulated_runway(kpis)
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
