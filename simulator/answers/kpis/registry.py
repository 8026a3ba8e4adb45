"""The registry that turns a function into a KPI, and the figures that KPIs are computed from."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import cache, cached_property
from inspect import signature
from typing import Any, TypeVar, cast

import numpy as np

from simulator.answers.kpis.funding import runs_out_without_new_money
from simulator.answers.kpis.measures import Measures, traced_name
from simulator.answers.kpis.winning import Winning, winnings
from simulator.answers.ledger import Ledger
from simulator.answers.messages import Message
from simulator.answers.outcomes import Estimate, Outcomes, broke_in
from simulator.engine import formula
from simulator.engine.dates import YEAR
from simulator.engine.model import Array, Kinds, Line, Model, line_of
from simulator.engine.units import Quantity, Unit
from simulator.engine.windows import WINDOWS
from simulator.errors import Undefined, finite
from simulator.lines import KINDS, business
from simulator.scenario.scenario import Scenario
from simulator.scenario.settings import KPI_VARIANTS


@dataclass(frozen=True)
class Kpi:
    """One KPI; `unit` is share, month, or the unit of a line; `reason` says why `value` is None.

    `error` is the standard error of a figure estimated from trials, None for a figure of the base case. `variant` names
    the chosen definition if the field has several, and `others` has the values by the others. `line` is the name under
    which the figure is traced, empty for a value; `key` is the name under which either is explained.
    """

    name: str
    title: str
    topic: str
    value: float | None
    unit: str
    definition: str
    source: str
    reason: Message | None = None
    variant: str = ""
    others: Mapping[str, float | None] = field(default_factory=dict)
    error: float | None = None
    line: str = ""
    key: str = ""

    @property
    def formula(self) -> str:
        """The formula in words; empty for a value, which only the finished projection gives."""
        return formula.text(measures().formulas[self.line]) if self.line else ""

    @property
    def why(self) -> str:
        """The reason in English; empty for a KPI with a value."""
        return "" if self.reason is None else str(self.reason)


class Drawn(Enum):
    """What differs between the trials of a scenario."""

    NOTHING = "nothing"
    COUNTS = "counts"
    RANGES = "ranges"


@dataclass(frozen=True)
class Figures:
    """The base case in full, and the outcomes of the trials."""

    ledger: Ledger
    outcomes: Outcomes
    drawn: Drawn = Drawn.RANGES
    # What follows from the base case alone, kept when trials are added.
    known: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)

    @property
    def trials(self) -> Outcomes:
        """The outcomes of the trials; raises Undefined without trials, or if they are all alike."""
        if self.drawn is Drawn.NOTHING:
            raise Undefined("Nothing in this scenario is drawn, so every trial would be the base case.")
        return self.outcomes

    @property
    def cash_floor(self) -> float:
        """The cash below which the company has run out of it."""
        return self.ledger.scenario.settings.cash_floor

    @property
    def broke(self) -> int | None:
        """The first month of the base case below the cash floor; None if there is none."""
        return broke_in(self.total("cash"), self.cash_floor)

    @property
    def won(self) -> Winning:
        """The customers won in the base case; raises Undefined without any."""
        if "won" not in self.known:
            (self.known["won"],) = winnings(self.ledger.beside)
        if isinstance(found := self.known["won"], Undefined):
            raise found
        return cast("Winning", found)

    @property
    def broke_unfunded(self) -> int | None:
        """The same month if no funding closes after the first month; None if there is none."""
        if "unfunded" not in self.known:
            self.known["unfunded"] = runs_out_without_new_money(self.ledger)
        return cast("int | None", self.known["unfunded"])

    def total(self, name: str) -> Array:
        """Return a line summed over its members, of shape (months,)."""
        return self.ledger.total(name)

    def last_year(self, name: str) -> float:
        """Return a line summed over the last twelve months."""
        return float(self.total(name)[-YEAR:].sum())

    def kpi(self, name: str) -> float:
        """Return a KPI of the base case by its first definition; raise Undefined where it has no value."""
        return self.estimate(next(iter(DEFINITIONS[name].variants.values())))

    def estimate(self, variant: Variant) -> float:
        """Return a KPI by one definition as a number; raise Undefined where it has no value."""
        found = self.value(variant)
        return float(found.value if isinstance(found, Estimate) else found)

    def value(self, variant: Variant) -> float | Estimate:
        """Return a KPI by one definition, in the last month; raise Undefined where it has no value."""
        if variant.line:
            return self.measured.value(variant.line, self.ledger.scenario.months - 1)
        return cast("float | Estimate", variant.function(self))

    @property
    def measured(self) -> Measures:
        """The traced figures of the base case, by month."""
        if "measured" not in self.known:
            self.known["measured"] = Measures(self.ledger, measures())
        return cast("Measures", self.known["measured"])


# A KPI is a function of a month, as a line is, or a function of all figures whose only parameter is `figures`.
Function = Callable[..., Any]
# A decorated function stays what it was: some KPIs are computed from others.
Returned = TypeVar("Returned", bound=Function)


@dataclass(frozen=True)
class Variant:
    """One definition of a KPI: its words, and the function that computes it."""

    definition: str
    function: Function

    @cached_property
    def line(self) -> str:
        """The name under which the figure is traced; empty for a value, which only the finished projection gives."""
        return "" if "figures" in signature(self.function).parameters else self.key

    @property
    def key(self) -> str:
        """The name under which the figure is explained, with or without a formula."""
        return traced_name(self.function.__name__)

    @property
    def of_trials(self) -> bool:
        """Whether the figure is estimated from the trials, and comes with a standard error."""
        return signature(self.function, eval_str=True).return_annotation is Estimate


@dataclass
class Definition:
    """A KPI with its variants; the first one holds unless a scenario chooses another."""

    title: str
    unit: str
    source: str
    topic: str
    variants: dict[str, Variant]
    follows: str = ""


DEFINITIONS: dict[str, Definition] = {}
TRACED: list[Line] = []
# What a reader asks for first, of one scenario or of several side by side.
HEADLINES = ("runway", "probability_of_ruin", "chance_of_profit", "end_cash", "gross_margin", "arr")
# The modules beside this one, in the order in which people read their KPIs.
TOPICS = ("survival", "growth", "margins", "efficiency", "serving", "investors")


def kpi(
    title: str, unit: str, source: str = "", variant: str = "", *, follows: str = ""
) -> Callable[[Returned], Returned]:
    """Register a function as a KPI under its own name; its docstring is the definition.

    Unless a scenario chooses its variant, it has the one chosen for the KPI that it `follows`.
    """

    def register(function: Returned) -> Returned:
        name = function.__name__
        if variant:
            KPI_VARIANTS[name] = [variant]
        variants = {variant: _variant(function, unit)}
        DEFINITIONS[name] = Definition(title, unit, source, _topic(function), variants, follows)
        return function

    return register


def also(name: str, variant: str) -> Callable[[Returned], Returned]:
    """Register a function as another definition of a KPI."""

    def register(function: Returned) -> Returned:
        KPI_VARIANTS[name].append(variant)
        DEFINITIONS[name].variants[variant] = _variant(function, DEFINITIONS[name].unit)
        return function

    return register


def part(unit: str, per: str = "") -> Callable[[Returned], Returned]:
    """Register a function of a month as a part of KPIs, which read it by its traced name."""

    def register(function: Returned) -> Returned:
        _trace(function, unit, (per,) if per else ())
        return function

    return register


def _topic(function: Function) -> str:
    return function.__module__.rpartition(".")[2]


def _variant(function: Function, unit: str) -> Variant:
    variant = Variant(" ".join((function.__doc__ or "").split()), function)
    if variant.line:
        _trace(function, unit, ())
    return variant


def _trace(function: Function, unit: str, per: Kinds) -> None:
    # The number of a month is counted in months.
    label = unit if unit in ("share", "month", "month index") else ""
    returned = Quantity(Unit.parse(unit.removesuffix(" index")), label=label)
    TRACED.append(line_of(function, per, _topic(function), traced_name(function.__name__), returned))


@cache
def measures() -> Model:
    """Return the model of the business and of every traced KPI; raise ModelError where they do not fit together."""
    model = Model([*business().lines.values(), *TRACED], KINDS)
    model.check((line.name for line in TRACED), WINDOWS)
    return model


class KeyFigures(Mapping[str, Kpi]):
    """All KPIs by name, in the order of their topics, each by its chosen definition; computed when first read."""

    def __init__(self, figures: Figures) -> None:
        self._figures = figures
        self._found: dict[str, Kpi] = {}

    def __getitem__(self, name: str) -> Kpi:
        """Return one KPI; raise KeyError if there is none of this name."""
        if name not in self._found:
            self._found[name] = _figure(name, self._figures)
        return self._found[name]

    def __contains__(self, name: object) -> bool:
        """Return whether there is a KPI of this name, without computing it."""
        return name in DEFINITIONS

    def __iter__(self) -> Iterator[str]:
        """Yield the names, topic by topic."""
        return iter(sorted(DEFINITIONS, key=lambda name: TOPICS.index(DEFINITIONS[name].topic)))

    def __len__(self) -> int:
        """Return how many there are."""
        return len(DEFINITIONS)


def chosen_for(scenario: Scenario, name: str) -> str:
    """Return the name of the definition that a scenario chooses for a KPI, of the first where it chooses none."""
    one, chosen = DEFINITIONS[name], dict(scenario.settings.definitions)
    return chosen.get(name, chosen.get(one.follows, next(iter(one.variants))))


def variant_of(scenario: Scenario, name: str) -> Variant:
    """Return the definition that a scenario chooses for a KPI."""
    return DEFINITIONS[name].variants[chosen_for(scenario, name)]


def _figure(name: str, figures: Figures) -> Kpi:
    definition, scenario = DEFINITIONS[name], figures.ledger.scenario
    chosen, variant = chosen_for(scenario, name), variant_of(scenario, name)
    values = {label: _value(one, figures) for label, one in definition.variants.items()}
    value, error, why = values[chosen]
    title, topic, source = definition.title, definition.topic, definition.source
    unit, words = definition.unit.replace("money", scenario.currency), variant.definition
    others = {label: number for label, (number, _, _) in values.items() if label != chosen}
    return Kpi(name, title, topic, value, unit, words, source, why, chosen, others, error, variant.line, variant.key)


def _value(variant: Variant, figures: Figures) -> tuple[float | None, float | None, Message | None]:
    try:
        with np.errstate(all="ignore"):  # a price of nearly nothing makes numbers that are too large
            found = figures.value(variant)
        value, error = found if isinstance(found, Estimate) else (found, None)
        return finite(float(value)), error, None
    except Undefined as reason:
        return None, None, Message(reason.text, reason.values)
