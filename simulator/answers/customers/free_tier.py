"""The free tier: what serving free plans and free trials costs, by month and by plan."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from simulator.answers.ledger import Ledger
from simulator.engine.model import Array

# The lines that serving for nothing consists of; cloud credits set against them are negative and have no plan.
OF_PLANS, CREDITS = ("free_inference", "free_care"), "credits_for_free_plans"


@dataclass(frozen=True)
class FreeTier:
    """What serving for nothing costs: in each month, of shape (months,), and over the projection by plan.

    `month` is net of cloud credits, which belong to no plan; `plans` is before them.
    """

    month: Array
    plans: Mapping[str, float]
    share_of_selling: float

    @property
    def total(self) -> float:
        """The cost over the whole projection."""
        return float(self.month.sum())


def free_tier(ledger: Ledger) -> FreeTier | None:
    """Return what the free plans and free trials of a scenario cost; None where it serves nobody for nothing."""
    lines = [ledger.total(name) for name in (*OF_PLANS, CREDITS)]
    if not any(line.any() for line in lines):
        return None
    month = sum(lines[1:], start=lines[0])
    plans = {plan: sum(float(ledger.of_member(name, plan).sum()) for name in OF_PLANS) for plan in ledger.names("plan")}
    selling = float(ledger.total("sales_and_marketing").sum())
    return FreeTier(month, plans, float(month.sum()) / selling if selling > 0 else 0.0)
