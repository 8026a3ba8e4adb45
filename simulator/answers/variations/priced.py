"""A plan's price: which assumption it is, and the outcome of the base case at other prices."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from simulator.answers.variations.inputs import vary
from simulator.engine.dates import YEAR
from simulator.engine.model import Array
from simulator.errors import PlanError
from simulator.lines import CHARGES
from simulator.scenario.assumption import Assumption
from simulator.scenario.scenario import Scenario

# Outcomes that differ by less, relative to their size, are equal but for rounding.
EQUAL = 1e-9


@dataclass(frozen=True)
class Aim:
    """What a price is chosen for: a line, and how its months, of shape (months, columns), become one outcome each."""

    title: str
    line: str
    of: Callable[[Array], Array]


def _last(months: Array) -> Array:
    return np.asarray(months[-1])


def _lowest(months: Array) -> Array:
    return np.asarray(months.min(axis=0))


def _last_year(months: Array) -> Array:
    return np.asarray(months[-YEAR:].sum(axis=0))


AIMS: Mapping[str, Aim] = {
    "end_cash": Aim("Cash at the end", "cash", _last),
    "lowest_cash": Aim("Lowest cash", "cash", _lowest),
    "revenue": Aim("Revenue of the last year", "revenue", _last_year),
    "gross_profit": Aim("Gross profit of the last year", "gross_profit", _last_year),
    "operating_income": Aim("Operating income of the last year", "operating_income", _last_year),
}


def price_of(scenario: Scenario, plan: str) -> str | None:
    """Return the assumption that is the plan's price: its fee, or what it charges instead; None if it is free.

    A price of the first month comes before one that starts later.
    """
    courses = {name: scenario.assumption_of(name, plan).base(scenario.months) for name in CHARGES}
    at_first = [name for name, course in courses.items() if course[0]]
    return next(iter(at_first or [name for name, course in courses.items() if course.any()]), None)


@dataclass(frozen=True)
class Priced:
    """One price of a plan, and the aim that it is chosen for. A factor of 1 stands for today's price."""

    scenario: Scenario
    plan: str
    name: str
    aim: str = "end_cash"

    @classmethod
    def of(cls, scenario: Scenario, plan: str, aim: str = "end_cash") -> Priced:
        """Return the plan with its own price; raise PlanError for a plan that is free or unknown, or an unknown aim."""
        _, plan = scenario.find_member(plan, ("plan",))
        if aim not in AIMS:
            raise PlanError(f"{aim} is not an aim of a price", f"choose from {', '.join(AIMS)}")
        name = price_of(scenario, plan)
        if name is None:
            todo = f"give it one, as in --set plans.{plan}.price=10; stay_when_charged says who then stays"
            raise PlanError(f"plans.{plan} is free, so there is no price to find", todo)
        return cls(scenario, plan, name, aim)

    @property
    def assumption(self) -> Assumption:
        """The price as the scenario gives it."""
        return self.scenario.assumption_of(self.name, self.plan)

    @cached_property
    def course(self) -> Array:
        """Today's price by month, of shape (months or 1,)."""
        return self.assumption.base(self.scenario.months)

    @property
    def level(self) -> float:
        """Today's price: that of the first month in which the plan asks one."""
        return float(self.course[np.flatnonzero(self.course)[0]])

    @property
    def is_steady(self) -> bool:
        """Whether the price is the same in every month."""
        return bool(np.ptp(self.course) == 0)

    @property
    def place(self) -> int:
        """The position of the plan in arrays of all plans."""
        return self.scenario.entities["plan"].index(self.plan)

    def path(self, name: str) -> str:
        """Return the path of an assumption of the plan."""
        return f"plans.{self.plan}.{name}"

    def course_of(self, name: str) -> Array:
        """Return an assumption of the plan by month, of shape (months or 1,)."""
        return self.scenario.assumption_of(name, self.plan).base(self.scenario.months)

    def times(self, name: str, factor: float) -> dict[str, Array]:
        """Return the change that multiplies an assumption of the plan in all months, within its legal range."""
        assumption = self.scenario.assumption_of(name, self.plan)
        return {self.path(name): assumption.within(self.course_of(name) * factor)}

    def run(self, changes: Sequence[Mapping[str, Array]], more: Sequence[str] = ()) -> tuple[Array, dict[str, Array]]:
        """Return the outcome of the base case and of each change, of shape (1 + changes,), and `more` lines."""
        aim = AIMS[self.aim]
        found = vary(self.scenario, changes, [aim.line, *more])
        return aim.of(found[aim.line][:, 0]), found
