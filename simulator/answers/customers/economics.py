"""Unit economics, per plan: revenue and cost of a customer and of a request, and the lifetime value of a customer."""

from __future__ import annotations

from dataclasses import dataclass

from simulator.answers.customers.cohorts import expected_months
from simulator.answers.ledger import Ledger
from simulator.engine.dates import YEAR


@dataclass(frozen=True)
class UnitEconomics:
    """Means of one plan over the last year: money per customer and month, or per request; None without any.

    `months` is how many of the first 36 months a new customer stays.
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

    @property
    def lifetime(self) -> float | None:
        """Margin of a customer over those months."""
        return None if self.margin is None else self.margin * self.months


def unit_economics(ledger: Ledger, plan: str) -> UnitEconomics:
    """Return the unit economics of one plan over the last twelve months."""

    def mean(*names: str, per: str) -> float | None:
        amounts = [float(ledger.of_member(name, plan)[-YEAR:].sum()) for name in (per, *names)]
        return sum(amounts[1:]) / amounts[0] if amounts[0] > 0 else None

    return UnitEconomics(
        plan,
        float(ledger.of_member("customers", plan)[-1]),
        mean("plan_revenue", per="customers"),
        mean("inference_cost", per="customers"),
        mean("request_care", "payment_fees", "service_cost", "royalty", per="customers"),
        mean("plan_margin", per="customers"),
        mean("plan_revenue", per="requests"),
        mean("inference_cost", per="requests"),
        expected_months(ledger, plan),
    )
