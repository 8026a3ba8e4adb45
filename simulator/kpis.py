"""Key figures: each with its definition and its source; what is undefined is None, with the reason.

A figure is computed from the finished base plan, and the chance of ruin from all trials. Shares are fractions,
months are counted from 0, and "last
year" is the plan's last twelve months.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from simulator.model import Array

YEAR = 12


class Undefined(Exception):
    """A figure that has no value here; the text says why."""


@dataclass(frozen=True)
class Kpi:
    """One key figure; `unit` is share, month, or what a line's unit would be; `why` says why there is none."""

    name: str
    value: float | None
    unit: str
    definition: str
    source: str
    why: str = ""


@dataclass(frozen=True)
class Figures:
    """What key figures are made from: company totals of the base plan by month, and cash of every trial.

    `totals[name]` has shape (months,), `cash` has shape (months, trials) and may hold no trials.
    """

    totals: Mapping[str, Array]
    cash: Array
    cash_floor: float

    def last_year(self, name: str) -> float:
        """A line summed over the last twelve months of the plan."""
        return float(self.totals[name][-YEAR:].sum())


def first_month_below(cash: Array, floor: float) -> Array:
    """For each column of `cash` (months, columns), the first month below `floor`, counted from 0; NaN if none."""
    below = cash < floor
    return np.where(below.any(axis=0), below.argmax(axis=0).astype(float), np.nan)


def ruin_by_month(cash: Array, floor: float) -> Array:
    """The share of trials whose cash was below the floor in or before each month, of shape (months,)."""
    if not cash.shape[1]:
        return np.full(len(cash), np.nan)
    return np.asarray((np.logical_or.accumulate(cash < floor, axis=0)).mean(axis=1))


Definition = Callable[[Figures], float]
DEFINITIONS: dict[str, tuple[str, str, str, Definition]] = {}


def kpi(unit: str, definition: str, source: str = "") -> Callable[[Definition], Definition]:
    """Register a function as a key figure under its own name."""

    def register(function: Definition) -> Definition:
        DEFINITIONS[function.__name__] = (unit, definition, source, function)
        return function

    return register


def key_figures(figures: Figures, currency: str) -> dict[str, Kpi]:
    """All key figures by name."""
    found = {}
    for name, (unit, definition, source, function) in DEFINITIONS.items():
        shown = unit.replace("money", currency)
        try:
            found[name] = Kpi(name, float(function(figures)), shown, definition, source)
        except Undefined as reason:
            found[name] = Kpi(name, None, shown, definition, source, str(reason))
    return found


@kpi("month", "Whole months until cash falls below the floor, in the base plan.")
def runway(figures: Figures) -> float:
    """Simulated, not cash divided by burn."""
    month = float(first_month_below(figures.totals["cash"][:, None], figures.cash_floor)[0])
    if np.isnan(month):
        raise Undefined("Cash stays above the floor for the whole plan.")
    return month


@kpi("share", "The share of trials in which cash falls below the floor at some time within the plan.")
def probability_of_ruin(figures: Figures) -> float:
    """The last value of ruin by month."""
    if not figures.cash.shape[1]:
        raise Undefined("No trials were run.")
    return float(ruin_by_month(figures.cash, figures.cash_floor)[-1])


@kpi("money", "The lowest cash at any month's end, in the base plan.")
def lowest_cash(figures: Figures) -> float:
    """What the plan has to be able to live through."""
    return float(figures.totals["cash"].min())


@kpi("month index", "The month in which cash is lowest, in the base plan.")
def lowest_cash_month(figures: Figures) -> float:
    """The first such month."""
    return float(figures.totals["cash"].argmin())


@kpi("money", "Cash at the end of the plan.")
def end_cash(figures: Figures) -> float:
    """The base plan's last month."""
    return float(figures.totals["cash"][-1])


@kpi("month index", "The first month from which operating income stays at zero or above to the plan's end.")
def break_even_month(figures: Figures) -> float:
    """A single good month does not count."""
    losing = np.flatnonzero(figures.totals["operating_income"] < 0)
    month = int(losing[-1]) + 1 if len(losing) else 0
    if month >= len(figures.totals["operating_income"]):
        raise Undefined("The plan does not break even within its months.")
    return float(month)


@kpi("share", "Gross margin of the last year: revenue less cost of revenue, divided by revenue.")
def gross_margin(figures: Figures) -> float:
    """Policy margin: training is research, marketing is selling cost."""
    return _share(figures, "gross_profit")


@kpi("share", "Operating margin of the last year: operating income divided by revenue.")
def operating_margin(figures: Figures) -> float:
    """Before tax."""
    return _share(figures, "operating_income")


def _share(figures: Figures, name: str) -> float:
    revenue = figures.last_year("revenue")
    if revenue <= 0:
        raise Undefined("There is no revenue in the last year.")
    return figures.last_year(name) / revenue


@kpi("money", "Monthly recurring revenue in the last month: subscription fees alone, no overage.")
def mrr(figures: Figures) -> float:
    """Usage is left out unless it is guaranteed by contract."""
    return float(figures.totals["subscription_revenue"][-1])


@kpi("money", "Annual recurring revenue: twelve times the monthly recurring revenue of the last month.")
def arr(figures: Figures) -> float:
    """12 × MRR."""
    return YEAR * mrr(figures)


@kpi("customer", "Paying customers at the end of the plan.")
def end_customers(figures: Figures) -> float:
    """Over all plans."""
    return float(figures.totals["customers"][-1])


@kpi("money/customer", "Acquisition cost of the last year: all of sales and marketing, divided by new customers.")
def cac(figures: Figures) -> float:
    """Fully loaded and blended, without a lag."""
    new = figures.last_year("new_customers")
    if new <= 0:
        raise Undefined("No customers are won in the last year.")
    return figures.last_year("sales_and_marketing") / new


@kpi("month", "Acquisition cost divided by the monthly gross profit of an average customer, over the last year.")
def payback_months(figures: Figures) -> float:
    """CAC / (ARPA × gross margin)."""
    profit = figures.last_year("gross_profit")
    if profit <= 0:
        raise Undefined("Customers bring no gross profit in the last year.")
    return cac(figures) * figures.last_year("customers") / profit


@kpi(
    "1",
    "Cash burnt before financing in the last year, divided by the growth of annual recurring revenue.",
    "David Sacks, The Burn Multiple (2020)",
)
def burn_multiple(figures: Figures) -> float:
    """Net burn / net new ARR."""
    recurring = figures.totals["subscription_revenue"]
    span = min(YEAR, len(recurring) - 1)
    grown = YEAR * float(recurring[-1] - recurring[-1 - span])
    burnt = -float(figures.totals["net_income"][len(recurring) - span :].sum())
    if grown <= 0:
        raise Undefined("Annual recurring revenue does not grow in the last year.")
    if burnt <= 0:
        raise Undefined("No cash is burnt in the last year.")
    return burnt / grown


@kpi("money/Mtoken", "Device rent per million tokens served over the whole plan, idle devices included.")
def cost_per_million_tokens(figures: Figures) -> float:
    """Divided by utilisation it would be the usage basis."""
    tokens = float(figures.totals["tokens_served"].sum())
    if tokens <= 0:
        raise Undefined("No tokens are served.")
    return float(figures.totals["device_rent"].sum()) / tokens
