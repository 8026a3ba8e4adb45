"""Targets: what a KPI has to be, such as `runway >= 18 in 95% of trials`."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Any, Literal, cast

import numpy as np

from profiling.errors import Phrase
from simulator.answers.kpis.registry import DEFINITIONS, Variant, variant_of
from simulator.answers.kpis.tried import MONTHS
from simulator.errors import BadValue, PlanError, meant, typed_name
from simulator.scenario.scenario import Scenario
from simulator.scenario.values import read_number

Operator = Literal[">=", ">", "<=", "<"]
FORM = re.compile(
    r"(?P<kpi>\w+)\s*(?P<operator>[<>=!≥≤]+)\s*(?P<bound>.+?)(?:\s+in\s+(?P<share>.+?)\s+of\s+(?:the\s+)?trials)?"
)
SPELLED = {"≥": ">=", "≤": "<=", "=>": ">=", "=<": "<="}
EXAMPLE = "write KPI OP NUMBER [in SHARE of trials], as in `runway >= 18 in 95% of trials`"
THOUSANDS = re.compile(r"(?<=\d)[,_](?=\d{3}\b)")


@dataclass(frozen=True)
class Target:
    """A bound on a KPI in the base case, or with a `share` in that share of the trials or more."""

    kpi: str
    operator: Operator
    bound: float
    share: float | None = None

    @classmethod
    def read(cls, text: str) -> Target:
        """Return the target in a text; raise PlanError where it is none."""
        match = FORM.fullmatch(text.strip())
        if match is None:
            raise PlanError(Phrase("{typed!r} is not a target", typed=text[:80]), EXAMPLE)
        kpi, operator = _known(match["kpi"]), SPELLED.get(match["operator"], match["operator"])
        if operator not in (">=", ">", "<=", "<"):
            raise PlanError(
                Phrase("{operator} does not compare a KPI with a bound", operator=operator), "use >=, >, <= or <"
            )
        is_share = DEFINITIONS[kpi].unit == "share"
        bound = _number(match["bound"])
        if is_share and "%" not in match["bound"] and abs(bound) > 1:
            raise PlanError(
                Phrase("{kpi} is a share, and {bound:g} is {percent:g}%", kpi=kpi, bound=bound, percent=100 * bound),
                Phrase("write {bound:g}%, or {percent:g}% if you mean that", bound=bound, percent=100 * bound),
            )
        return cls(kpi, cast("Operator", operator), bound, None if match["share"] is None else _share(match["share"]))

    @property
    def wants_more(self) -> bool:
        """Whether a higher KPI is nearer to the target."""
        return self.operator in (">=", ">")

    @property
    def title(self) -> str:
        """The name of the KPI for people."""
        return DEFINITIONS[self.kpi].title

    def variant(self, scenario: Scenario) -> Variant:
        """Return the definition of the KPI that a scenario chooses."""
        return variant_of(scenario, self.kpi)

    def unit(self, currency: str) -> str:
        """Return the unit of the bound."""
        return DEFINITIONS[self.kpi].unit.replace("money", currency)

    def gap(self, values: Any) -> Any:
        """Return how far values lie on the right side of the bound; negative on the wrong one."""
        distance = np.asarray(values) - self.bound
        return distance if self.wants_more else -distance

    def holds(self, values: Any) -> Any:
        """Return where values meet the bound; no value, NaN, never does."""
        gap = self.gap(values)
        return gap >= 0 if self.operator in (">=", "<=") else gap > 0

    def beyond(self, values: Any) -> Any:
        """Return values with infinity for a month that never comes; any other KPI without a value stays NaN."""
        is_month = DEFINITIONS[self.kpi].unit in MONTHS
        return np.where(np.isnan(values), np.inf, values) if is_month else np.asarray(values)


def _known(name: str) -> str:
    """Return the name of a KPI; raise PlanError with the nearest names."""
    if name in DEFINITIONS:
        return name
    todo = meant(name, DEFINITIONS, "list them with `python -m simulator kpis FILE`")
    raise PlanError(Phrase("{name} is not a KPI", name=typed_name(name)), todo)


def _number(text: str) -> float:
    try:
        number = read_number(THOUSANDS.sub("", text.strip()))
    except BadValue as error:
        raise PlanError(Phrase("{typed!r} in the target is not a number", typed=text[:40]), EXAMPLE) from error
    if not math.isfinite(number):
        raise PlanError(Phrase("the target has the number {typed}", typed=text[:40]), "give a finite number")
    return number


def _share(text: str) -> float:
    share = _number(text)
    if not 0 < share <= 1:
        raise PlanError(
            Phrase("{typed} is no share of the trials", typed=text.strip()[:40]),
            "give one above 0% and at most 100%, such as 95%",
        )
    return share
