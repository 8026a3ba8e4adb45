"""How a function becomes a key figure, and what it is computed from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from simulator.answers.ledger import Ledger
from simulator.engine.dates import YEAR
from simulator.engine.model import Array
from simulator.errors import Undefined
from simulator.scenario.settings import KPI_VARIANTS


@dataclass(frozen=True)
class Kpi:
    """One key figure; `unit` is share, month, or what a line's unit would be; `why` says why there is none.

    `variant` names the definition that was chosen, where the field has several, and `others` are the values by the
    other ones.
    """

    name: str
    topic: str
    value: float | None
    unit: str
    definition: str
    source: str
    why: str = ""
    variant: str = ""
    others: Mapping[str, float | None] = field(default_factory=dict)


@dataclass(frozen=True)
class Figures:
    """What key figures are made from: the base plan in full, and cash of every trial (months, trials)."""

    ledger: Ledger
    cash: Array
    cash_floor: float

    def total(self, name: str) -> Array:
        """A line summed over its members, of shape (months,)."""
        return self.ledger.total(name)

    def last(self, name: str) -> float:
        """A line in the last month."""
        return float(self.total(name)[-1])

    def last_year(self, name: str) -> float:
        """A line summed over the last twelve months of the plan."""
        return float(self.total(name)[-YEAR:].sum())

    def share_of_revenue(self, amount: float) -> float:
        """An amount of the last year, divided by its revenue."""
        revenue = self.last_year("revenue")
        if revenue <= 0:
            raise Undefined("There is no revenue in the last year.")
        return amount / revenue


Function = Callable[[Figures], float]


@dataclass(frozen=True)
class Variant:
    """One definition of a key figure."""

    definition: str
    function: Function


@dataclass
class Definition:
    """A key figure with its variants, the first of which holds unless a scenario chooses another."""

    unit: str
    source: str
    topic: str
    variants: dict[str, Variant]


DEFINITIONS: dict[str, Definition] = {}
# The modules beside this one, in the order in which people read their figures.
TOPICS = ("survival", "growth", "margins", "efficiency", "serving", "investors")


def kpi(unit: str, definition: str, source: str = "", variant: str = "") -> Callable[[Function], Function]:
    """Register a function as a key figure under its own name."""

    def register(function: Function) -> Function:
        topic = function.__module__.rpartition(".")[2]
        if variant:
            KPI_VARIANTS[function.__name__] = [variant]
        DEFINITIONS[function.__name__] = Definition(unit, source, topic, {variant: Variant(definition, function)})
        return function

    return register


def also(name: str, variant: str, definition: str) -> Callable[[Function], Function]:
    """Register a function as another definition of a key figure."""

    def register(function: Function) -> Function:
        KPI_VARIANTS[name].append(variant)
        DEFINITIONS[name].variants[variant] = Variant(definition, function)
        return function

    return register


def key_figures(figures: Figures, currency: str, chosen: Mapping[str, str] | None = None) -> dict[str, Kpi]:
    """All key figures by name, each by the definition that is chosen for it."""
    ordered = sorted(DEFINITIONS.items(), key=lambda named: TOPICS.index(named[1].topic))
    return {
        name: _figure(name, definition, figures, currency, (chosen or {}).get(name)) for name, definition in ordered
    }


def _figure(name: str, definition: Definition, figures: Figures, currency: str, chosen: str | None) -> Kpi:
    variant = chosen if chosen in definition.variants else next(iter(definition.variants))
    values = {label: _value(one, figures) for label, one in definition.variants.items()}
    value, why = values[variant]
    return Kpi(
        name,
        definition.topic,
        value,
        definition.unit.replace("money", currency),
        definition.variants[variant].definition,
        definition.source,
        why,
        variant,
        {label: number for label, (number, _) in values.items() if label != variant},
    )


def _value(variant: Variant, figures: Figures) -> tuple[float | None, str]:
    try:
        return float(variant.function(figures)), ""
    except Undefined as reason:
        return None, str(reason)
