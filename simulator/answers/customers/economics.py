"""Unit economics, per plan: revenue and cost of a customer and of a request, and the lifetime value of a customer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from simulator.answers.customers.cohorts import expected_months
from simulator.answers.kpis.winning import Winning, winning
from simulator.answers.ledger import Ledger
from simulator.engine.dates import YEAR
from simulator.errors import Undefined


@dataclass(frozen=True)
class UnitEconomics:
    """Means of one plan over the last year: money per customer and month, or per request; None without any.

    `months` is how many of the first 36 months a new customer stays. `cac`, `lifetime` (gross profit over those
    months), `payback` in months and `ltv_to_cac` are those of the customers won in the window of `winning`.
    """

    plan: str
    customers: float
    revenue: float | None
    inference: float | None
    other: float | None
    margin: float | None
    revenue_per_request: float | None
    cost_per_request: float | None
    months: float
    cac: float | None
    lifetime: float | None
    payback: float | None
    ltv_to_cac: float | None


def unit_economics(ledger: Ledger, plan: str) -> UnitEconomics:
    """Return the unit economics of one plan over the last twelve months."""

    def mean(*names: str, per: str) -> float | None:
        amounts = [float(ledger.of_member(name, plan)[-YEAR:].sum()) for name in (per, *names)]
        return sum(amounts[1:]) / amounts[0] if amounts[0] > 0 else None

    return UnitEconomics(
        plan,
        float(ledger.of_member("customers", plan)[-1]),
        mean("plan_revenue", per="customers"),
        mean("customer_inference", per="customers"),
        mean("customer_care", "payment_fees", "service_cost", "royalty", per="customers"),
        mean("plan_margin", per="customers"),
        mean("plan_revenue", per="requests"),
        mean("inference_cost", per="requests"),
        expected_months(ledger, plan),
        *_won(ledger, plan),
    )


def _won(ledger: Ledger, plan: str) -> list[float | None]:
    """Return CAC, lifetime value, payback and LTV over CAC of a plan's new customers; None for what is undefined."""
    figures = (Winning.cost, Winning.value, Winning.payback, Winning.ratio)
    try:
        won = winning(ledger)
    except Undefined:
        return [None] * len(figures)
    return [_defined(figure, won, plan) for figure in figures]


def _defined(figure: Callable[[Winning, str], float], won: Winning, plan: str) -> float | None:
    try:
        return figure(won, plan)
    except Undefined:
        return None
