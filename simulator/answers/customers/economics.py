"""Unit economics, per plan: what a customer and a request bring and cost, and what a customer is worth."""

from __future__ import annotations

from dataclasses import dataclass

from simulator.answers.customers.cohorts import expected_months
from simulator.answers.ledger import Ledger
from simulator.engine.dates import YEAR


@dataclass(frozen=True)
class UnitEconomics:
    """One plan over the last year; money is per customer and month, or per request. None: there were none.

    `months` is how many of the first 36 months a new customer stays.
    """

    plan: str
    customers: float
    revenue: float | None
    inference: float | None
    other: float | None
    revenue_per_request: float | None
    cost_per_request: float | None
    months: float

    @property
    def margin(self) -> float | None:
        """What a customer leaves each month after what only it costs."""
        if self.revenue is None or self.inference is None or self.other is None:
            return None
        return self.revenue - self.inference - self.other

    @property
    def lifetime(self) -> float | None:
        """What a customer leaves over those months."""
        return None if self.margin is None else self.margin * self.months


def unit_economics(ledger: Ledger, plan: str) -> UnitEconomics:
    """One plan's customers and requests over the last twelve months."""

    def year(name: str) -> float:
        return float(ledger.of_member(name, plan)[-YEAR:].sum())

    customers, requests = year("customers"), year("requests")

    def each(amount: float, count: float) -> float | None:
        return amount / count if count > 0 else None

    other = year("request_care") + year("payment_fees") + year("service_cost") + year("royalty")
    return UnitEconomics(
        plan,
        float(ledger.of_member("customers", plan)[-1]),
        each(year("plan_revenue"), customers),
        each(year("inference_cost"), customers),
        each(other, customers),
        each(year("plan_revenue"), requests),
        each(year("inference_cost"), requests),
        expected_months(ledger, plan),
    )
