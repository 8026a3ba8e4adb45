"""The verdict: gold mine, sound, fragile or bubble, from stated thresholds, with its reasons.

A message keeps its English text apart from its values, so that a page can translate the text and format the values.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from simulator.answers.kpis import Kpi

GRADES = ("gold mine", "sound", "fragile", "bubble")


@dataclass(frozen=True)
class Message:
    """A sentence with {named} values; each value is a number with its unit: share, month, month index or currency."""

    text: str
    values: Mapping[str, tuple[float, str]] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.text.format(**{name: plain(number, unit) for name, (number, unit) in self.values.items()})


def plain(number: float, unit: str) -> str:
    """Return a number in English for a terminal; tiny shares keep two digits, since 0% would mean none."""
    if unit == "share":
        if 0 < abs(number) < 0.001:
            return f"{100 * number:.2g}%"
        return f"{number:.1%}" if 0 < abs(number) < 0.1 else f"{number:.0%}"
    if unit == "month index":
        return f"month {number:.0f}"
    if unit == "month":
        return f"{number:,.1f}".removesuffix(".0")
    return f"{number:,.0f} {unit}"


@dataclass(frozen=True)
class Verdict:
    """A grade, the sentence that says it, the reasons, and the changes that would bring the next better grade."""

    grade: str
    sentence: Message
    reasons: tuple[Message, ...]
    changes: tuple[Message, ...] = ()

    @property
    def next_grade(self) -> str | None:
        """The grade that the changes would bring; None for the best grade."""
        place = GRADES.index(self.grade)
        return GRADES[place - 1] if place else None


SENTENCES = {
    "gold mine": Message("On these assumptions customers pay back fast, margins are high and cash is safe."),
    "sound": Message("On these assumptions the business makes a profit, and most trials stay solvent."),
    "fragile": Message("The business may work, but not as this scenario plans it."),
    "bubble": Message("On these assumptions growth costs more than customers will ever bring."),
}


@dataclass(frozen=True)
class Condition:
    """The range [low, high] of a KPI that a grade requires, in the KPI's unit."""

    kpi: str
    low: float
    high: float

    def holds(self, kpis: Mapping[str, Kpi]) -> bool:
        """Return whether the KPI has a value within the range."""
        value = measure(kpis, self.kpi)
        return value is not None and self.low <= value <= self.high

    def change(self, kpis: Mapping[str, Kpi]) -> Message:
        """Return the change that fulfils the condition, with the value now, if there is one, and the bound."""
        now, unit = kpis[self.kpi].value, kpis[self.kpi].unit
        bound = (self.high if math.isfinite(self.high) else self.low, unit)
        known, unknown = CHANGES[self.kpi]
        if now is None:
            return Message(unknown, {"bound": bound})
        return Message(known, {"now": (now, unit), "bound": bound})


# The change that a condition asks for, with the value now, and for a KPI without a value.
CHANGES = {
    "gross_margin": ("Raise gross margin from {now} to {bound} or more.", "Reach a gross margin of {bound} or more."),
    "payback_months": (
        "Shorten payback from {now} months to {bound} months or less.",
        "Reach a payback of {bound} months or less.",
    ),
    "probability_of_ruin": (
        "Lower the chance of running out of cash from {now} to {bound} or less.",
        "Keep cash above the floor in the base case.",
    ),
    "operating_margin": (
        "Raise the operating margin of the last year from {now} to {bound} or more.",
        "Reach an operating margin of {bound} or more in the last year.",
    ),
}
# A business that has to ask its investors for more money in one of five futures is fragile. Software companies are
# valued for gross margins of 70 % and more, and below 50 % serving eats the business. Investors call a payback of 12
# months excellent and worry beyond 24.
CONDITIONS: Mapping[str, tuple[Condition, ...]] = {
    "gold mine": (
        Condition("gross_margin", 0.70, math.inf),
        Condition("payback_months", 0, 12),
        Condition("probability_of_ruin", 0, 0.05),
        Condition("operating_margin", 0, math.inf),
    ),
    "sound": (
        Condition("gross_margin", 0.50, math.inf),
        Condition("payback_months", 0, 24),
        Condition("probability_of_ruin", 0, 0.20),
        Condition("operating_margin", 0, math.inf),
    ),
    "fragile": (Condition("gross_margin", 0.20, math.inf),),
}
# The lower end of what investors accept from a software company.
FAIR_MARGIN = 0.50
# Cash more likely runs out than not.
LIKELY_RUIN = 0.5


def measure(kpis: Mapping[str, Kpi], name: str) -> float | None:
    """Return a KPI's value; without trials, the chance of running out of cash is 1 or 0 by the base case."""
    if name == "probability_of_ruin" and kpis[name].value is None:
        return float(simulated_runway(kpis) is not None)
    return kpis[name].value


def simulated_runway(kpis: Mapping[str, Kpi]) -> float | None:
    """Return the month in which the base case runs out of cash, whichever variant of runway is chosen."""
    runway = kpis["runway"]
    return runway.value if runway.variant == "simulated" else runway.others["simulated"]


def judge(kpis: Mapping[str, Kpi], evidence: Mapping[str, float] | None = None) -> Verdict:
    """Return the verdict on these KPIs; `evidence` adds the reason that says how much rests on assumptions."""
    hopeless = _is_hopeless(kpis)
    met = (grade for grade, needed in CONDITIONS.items() if all(one.holds(kpis) for one in needed))
    grade = "bubble" if hopeless else next(met, "bubble")
    reasons = [_survival(kpis), _margin(kpis), _break_even(kpis), _payback(kpis)]
    if evidence is not None:
        values = {name: (evidence[name], "share") for name in ("assumed", "measured")}
        text = "{assumed} of the cost drivers are assumptions; {measured} is measured."
        reasons.append(Message(text, values))
    return Verdict(grade, SENTENCES[grade], tuple(reasons), _changes(kpis, grade))


def _is_hopeless(kpis: Mapping[str, Kpi]) -> bool:
    """Return whether cash more likely runs out than not, and operations never break even."""
    return (measure(kpis, "probability_of_ruin") or 0) >= LIKELY_RUIN and kpis["break_even_month"].value is None


def _changes(kpis: Mapping[str, Kpi], grade: str) -> tuple[Message, ...]:
    """Return the changes that would bring the next better grade."""
    place = GRADES.index(grade)
    if place == 0:
        return ()
    missing = [one.change(kpis) for one in CONDITIONS[GRADES[place - 1]] if not one.holds(kpis)]
    if grade == "bubble" and _is_hopeless(kpis):
        missing.append(Message("Break even before the last month, or keep cash above the floor until then."))
    return tuple(missing)


def _survival(kpis: Mapping[str, Kpi]) -> Message:
    ruin, runway = kpis["probability_of_ruin"].value, simulated_runway(kpis)
    if runway is not None:
        return Message("In the base case cash runs out in {month}.", {"month": (runway, "month index")})
    if ruin is not None:
        return Message("Cash runs out in {ruin} of all trials.", {"ruin": (ruin, "share")})
    return Message("In the base case cash never runs out.")


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
        return Message("Operations do not break even in the months projected.")
    return Message("Operations break even in {month}.", {"month": (month, "month index")})


def _payback(kpis: Mapping[str, Kpi]) -> Message:
    months = kpis["payback_months"].value
    if months is None:
        return Message(kpis["payback_months"].why)
    return Message("A new customer pays back its acquisition cost in {months} months.", {"months": (months, "month")})
