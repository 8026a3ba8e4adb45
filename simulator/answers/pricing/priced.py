"""A plan's price: which assumption it is, and the outcome of the base case at other prices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from profiling.errors import Phrase
from simulator.answers.pricing.aims import AIMS, outcomes_of
from simulator.engine.model import Array
from simulator.errors import PlanError
from simulator.lines import CHARGES
from simulator.scenario.assumption import Assumption
from simulator.scenario.scenario import Scenario

# Outcomes that differ by less, relative to their size, are equal but for rounding.
EQUAL = 1e-9


def price_of(scenario: Scenario, plan: str) -> str | None:
    """Return the assumption that is the plan's price: its fee, or what it charges instead; None if it is free.

    A price of the first month comes before one that starts later.
    """
    courses = {name: scenario.assumption_of(name, plan).base(scenario.months) for name in CHARGES}
    at_first = [name for name, course in courses.items() if course[0]]
    return next(iter(at_first or [name for name, course in courses.items() if course.any()]), None)


def only_priced(scenario: Scenario) -> str:
    """Return the only plan that has a price; raise PlanError where there are several or none."""
    priced = [plan for plan in scenario.entities["plan"] if price_of(scenario, plan)]
    if len(priced) == 1:
        return priced[0]
    if priced:
        raise PlanError(
            "several plans have a price", Phrase("name one: --plan {listed}", listed=", --plan ".join(priced))
        )
    raise PlanError("no plan has a price", "give one a price, as in --set plans.NAME.price=10")


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
            raise PlanError(
                Phrase("{aim} is not an aim of a price", aim=aim),
                Phrase("choose from {near}", near=", ".join(AIMS)),
            )
        name = price_of(scenario, plan)
        if name is None:
            todo = Phrase(
                "give it one, as in --set plans.{plan}.price=10; stay_when_charged says who then stays", plan=plan
            )
            raise PlanError(Phrase("{path} is free, so there is no price to find", path=f"plans.{plan}"), todo)
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
        """Return the outcome of the base case and of each change, of shape (1 + changes,), and `more` lines.

        A month that never comes counts as the number of months projected.
        """
        outcomes, found = outcomes_of(self.scenario, [AIMS[self.aim]], changes, more)
        return np.where(np.isposinf(outcomes[0]), self.scenario.months, outcomes[0]), found
