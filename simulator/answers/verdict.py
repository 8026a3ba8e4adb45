"""The verdict: gold mine, sound, fragile or bubble, from stated conditions, with its reasons.

The conditions on cash, profit and margin are about trials; those on new customers are about the base case. A grade is
given only if every condition that decides it lies three standard errors from its bound, and is undecided otherwise.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from simulator.answers.facts import Facts
from simulator.answers.kpis import Figures
from simulator.answers.messages import Message, Value
from simulator.answers.reasons import reasons
from simulator.answers.sentences import changed, open_sentence, sentence
from simulator.answers.variations.cost_drivers import Drivers

GRADES = ("gold mine", "sound", "fragile", "bubble")
UNDECIDED = "undecided"
# Returns the drivers of costs by line.
Evidence = Callable[[], Mapping[str, Drivers]]


@dataclass(frozen=True)
class Verdict:
    """A grade, the sentence that says it, the reasons, and the changes that would bring the next better grade.

    An undecided grade lies `between` a best and a worst one; `between` is empty for a decided grade. `trials` stand
    behind the grade, 0 if it is that of the base case. `evidence` counts the evidence behind the costs, which takes
    longer than the base case, so it is asked when the reasons are read.
    """

    grade: str
    between: tuple[str, ...]
    trials: int
    sentence: Message
    found: tuple[Message, ...]
    changes: tuple[Message, ...] = ()
    evidence: Evidence | None = field(default=None, compare=False)

    @cached_property
    def reasons(self) -> tuple[Message, ...]:
        """What the grade rests on, and how much of the costs is measured where evidence is counted."""
        if self.evidence is None:
            return self.found
        by_kind = self.evidence()["costs"].by_kind
        values: dict[str, Value] = {name: (by_kind[name], "share") for name in ("assumed", "measured")}
        return *self.found, Message("{assumed} of the cost drivers are assumptions; {measured} is measured.", values)

    @property
    def next_grade(self) -> str | None:
        """The grade that the changes would bring; None for the best grade."""
        return _next(self.between[0] if self.between else self.grade, self.between)


@dataclass(frozen=True)
class Condition:
    """A fact that a grade requires, with its bound."""

    name: str
    bound: float = 0.0

    def state(self, facts: Facts) -> bool | None:
        """Return whether it holds; None if the trials cannot tell."""
        return TESTS[self.name](facts, self.bound)


TESTS: Mapping[str, Callable[[Facts, float], bool | None]] = {
    "gross_margin": Facts.margin,
    "payback": Facts.pays_back,
    "ltv_to_cac": Facts.returns,
    "ruin": Facts.survives,
    "profit": Facts.profits,
    "late": lambda facts, _: facts.is_late,
    "no_revenue": lambda facts, _: not facts.has_revenue,
}
# A grade needs one condition of each group. A business that has to ask its investors for more money in one of five
# futures is fragile. Software companies are valued for gross margins of 70 % and more, and below 50 % serving eats the
# business. Investors call a payback of 12 months excellent and worry beyond 24, and look for an LTV of three times CAC;
# below 1 a customer never brings what winning it cost. A profit in four of five futures is safe, in every other a coin
# toss.
CONDITIONS: Mapping[str, tuple[tuple[Condition, ...], ...]] = {
    "gold mine": (
        (Condition("ruin", 0.05),),
        (Condition("profit", 0.80),),
        (Condition("gross_margin", 0.70),),
        (Condition("payback", 12),),
        (Condition("ltv_to_cac", 3),),
    ),
    "sound": (
        (Condition("ruin", 0.20),),
        (Condition("profit", 0.50),),
        (Condition("gross_margin", 0.50),),
        (Condition("payback", 24),),
        (Condition("ltv_to_cac", 1),),
    ),
    # Cash that more likely runs out than not, and no profit to live on, is beyond repair, unless funding that would do
    # only comes too late. Thin margins are no bubble where they carry the company, nor is a company before its revenue.
    "fragile": (
        (Condition("ruin", 0.50), Condition("profit", 0.50), Condition("late")),
        (Condition("gross_margin", 0.20), Condition("profit", 0.50), Condition("no_revenue")),
    ),
}


def judge(figures: Figures, evidence: Evidence | None = None) -> Verdict:
    """Return the verdict on a projection; `evidence` adds the reason that says how much rests on assumptions."""
    facts = Facts(figures)
    best, between = _graded(facts)
    found = tuple(reasons(facts))
    wanted = _next(best, between)
    groups = _unmet(facts, wanted)
    open_ = [one for group in groups for one in group if one.state(facts) is None]
    said = open_sentence(facts, open_[0].name, open_[0].bound) if between else sentence(facts, best)
    trials = figures.outcomes.trials if facts.from_trials else 0
    changes = tuple(
        message
        for first, *_ in groups
        for message in changed(facts, first.name, first.bound, is_open=first.state(facts) is None)
    )
    return Verdict(UNDECIDED if between else best, between, trials, said, found, changes, evidence)


def unmet(figures: Figures) -> list[tuple[Condition, ...]]:
    """Return the groups of conditions that the next better grade lacks; one condition of a group is enough."""
    facts = Facts(figures)
    return _unmet(facts, _next(*_graded(facts)))


def _graded(facts: Facts) -> tuple[str, tuple[str, ...]]:
    """Return the best grade that may be, and between which two it is undecided, nothing for a decided one."""
    best, worst = (_grade(facts, hopeful=hopeful) for hopeful in (True, False))
    return best, () if best == worst else (best, worst)


def _grade(facts: Facts, *, hopeful: bool) -> str:
    """Return the grade if what is open turns out well, or if it does not."""

    def holds(condition: Condition) -> bool:
        state = condition.state(facts)
        return hopeful if state is None else state

    met = (grade for grade, groups in CONDITIONS.items() if all(any(map(holds, group)) for group in groups))
    return next(met, GRADES[-1])


def _next(best: str, between: tuple[str, ...]) -> str | None:
    """Return the grade to reach: the next better one, or the better one of two between which it is undecided."""
    place = GRADES.index(best)
    return best if between else GRADES[place - 1] if place else None


def _unmet(facts: Facts, grade: str | None) -> list[tuple[Condition, ...]]:
    """Return the groups of conditions of a grade of which none holds for certain."""
    groups = CONDITIONS[grade] if grade else ()
    return [group for group in groups if not any(one.state(facts) for one in group)]
