"""Recurring revenue, who stays, and how fast the company grows."""

from __future__ import annotations

import numpy as np

from simulator.answers.kpis.registry import Figures, also, kpi
from simulator.engine.dates import YEAR
from simulator.engine.model import Array
from simulator.errors import Undefined

# Usage counts as recurring, for those who count it at all, once it has been steady for half a year.
STABLE = 6
A16Z = "Andreessen Horowitz, 16 More Startup Metrics (2015)"


@kpi("money", "Monthly recurring revenue in the last month: fees and commitments, no measured usage.", A16Z, "fees")
def mrr(figures: Figures) -> float:
    """Usage is left out unless it is guaranteed by contract."""
    return figures.last("mrr")


@also("mrr", "with measured usage", "Monthly recurring revenue with the mean usage revenue of the last six months.")
def mrr_with_usage(figures: Figures) -> float:
    """Metered revenue contains commitments, which fees count already."""
    usage = figures.total("overage_revenue") + figures.total("metered_revenue")
    committed = sum(
        figures.ledger.of_member("customers", plan) * figures.ledger.of_member("signed_commitment", plan)
        for plan in figures.ledger.names("plan")
    )
    return mrr(figures) + float(np.mean((usage - committed)[-STABLE:]))


@kpi("money", "Annual recurring revenue: twelve times the monthly recurring revenue of the last month.", A16Z, "fees")
def arr(figures: Figures) -> float:
    """12 × MRR."""
    return YEAR * mrr(figures)


@also("arr", "with measured usage", "Twelve times the monthly recurring revenue with usage of the last six months.")
def arr_with_usage(figures: Figures) -> float:
    """12 × MRR, usage promoted after six stable months."""
    return YEAR * mrr_with_usage(figures)


@kpi("customer", "Paying customers at the end of the plan.")
def end_customers(figures: Figures) -> float:
    """Over all plans that ask for something."""
    return figures.last("paying_customers")


@kpi("share", "Revenue of the last year against that of the year before.")
def revenue_growth(figures: Figures) -> float:
    """Growth, not a multiple: 0.5 is half as much again."""
    revenue = figures.total("revenue")
    before = float(revenue[-2 * YEAR : -YEAR].sum()) if len(revenue) >= 2 * YEAR else 0.0
    if before <= 0:
        raise Undefined("There is no revenue in the year before the last.")
    return figures.last_year("revenue") / before - 1


@kpi(
    "share",
    "Customers lost in a mean month of the last year, of those at its start; those bound by a contract are among them.",
    "Each month's losses over that month's first customers, paying plans alone",
    "monthly",
)
def churn(figures: Figures) -> float:
    """Lost in the period over customers at its start; who only changes from one paying plan to another is not lost."""
    lost = -float(sum(moved[-YEAR:].sum() for moved in upgrades_between_paying(figures).values()))
    there = 0.0
    for plan in figures.ledger.names("plan"):
        paying = 1 - figures.ledger.of_member("free", plan)
        customers = figures.ledger.of_member("customers", plan)
        left = figures.ledger.of_member("churned_customers", plan)
        start = customers + left - figures.ledger.of_member("new_customers", plan)
        lost += float((left * paying)[-YEAR:].sum())
        there += float((start * paying)[-YEAR:].sum())
    if there <= 0:
        raise Undefined("There are no customers in the last year.")
    return max(lost, 0.0) / there


def upgrades_between_paying(figures: Figures) -> dict[str, Array]:
    """Customers whom each plan gets from other plans that ask for something, by month."""
    ledger = figures.ledger
    leaving = sum(
        (ledger.of_member("upgrades", plan) * (1 - ledger.of_member("free", plan)) for plan in ledger.names("plan")),
        start=np.zeros(ledger.scenario.months),
    )
    return {
        plan: leaving * ledger.assumed("share_of_upgrades", plan) * (1 - ledger.of_member("free", plan))
        for plan in ledger.names("plan")
    }


@also("churn", "annual", "The share of customers lost in a year at that monthly rate: 1 − (1 − c)^12, not 12 c.")
def annual_churn(figures: Figures) -> float:
    """Compounded."""
    return 1 - (1 - min(churn(figures), 1)) ** YEAR


@kpi(
    "share",
    "Net revenue retention: recurring revenue at the end of the last year from those who were customers at its start, "
    "divided by what they paid then; whoever changed to another plan counts as gone.",
    "Closed cohort, plan by plan",
    "closed cohort",
)
def nrr(figures: Figures) -> float:
    """(start − contraction − churn + expansion) / start."""
    start, end, _ = _closed_cohort(figures)
    return end / start


@also(
    "nrr",
    "bridge",
    "One and the last year's expansion less contraction and churn, over recurring revenue at its start; what newer "
    "customers add or lose is in it.",
)
def lazy_nrr(figures: Figures) -> float:
    """The variant that lets new customers in."""
    start = _recurring_at_start(figures)
    moved = figures.last_year("expansion_mrr") - figures.last_year("contraction_mrr") - figures.last_year("churned_mrr")
    return 1 + moved / start


@kpi(
    "share",
    "Gross revenue retention: the same without what staying customers added.",
    "Closed cohort, plan by plan",
    "closed cohort",
)
def grr(figures: Figures) -> float:
    """(start − contraction − churn) / start."""
    start, _, kept = _closed_cohort(figures)
    return kept / start


@also("grr", "bridge", "One less the last year's contraction and churn over recurring revenue at its start.")
def lazy_grr(figures: Figures) -> float:
    """The variant that lets new customers in."""
    lost = figures.last_year("contraction_mrr") + figures.last_year("churned_mrr")
    return 1 - lost / _recurring_at_start(figures)


def _recurring_at_start(figures: Figures) -> float:
    recurring = figures.total("mrr")
    if len(recurring) <= YEAR or recurring[-1 - YEAR] <= 0:
        raise Undefined("There is no recurring revenue a year before the plan's end.")
    return float(recurring[-1 - YEAR])


def _closed_cohort(figures: Figures) -> tuple[float, float, float]:
    """Recurring revenue of those who were customers a year before the end: then, at the end, and without additions."""
    _recurring_at_start(figures)
    parts = [_of_plan(figures, plan) for plan in figures.ledger.names("plan")]
    start, end, kept = (float(sum(part)) for part in zip(*parts, strict=True))
    return start, end, kept


def _of_plan(figures: Figures, plan: str) -> tuple[float, float, float]:
    ledger, last = figures.ledger, figures.ledger.scenario.months - 1
    first = last - YEAR
    joined = ledger.of_member("cohort", plan)[: first + 1].copy()
    joined[0] += ledger.assumed("opening_customers", plan)[0]
    fees = ledger.of_member("fee", plan) + ledger.assumed("commitment", plan)
    seat_fees = ledger.of_member("seat_fee", plan) * ledger.assumed("seats_per_customer", plan)
    staying, seats = ledger.of_member("contract_survival", plan), ledger.of_member("seat_survival", plan)
    index, term = ledger.of_member("stay_index", plan), int(np.ceil(ledger.assumed("contract_months", plan)[0]))

    def paid(month: int) -> Array:
        """Recurring revenue by cohort in a month, each at the prices of the month in which it last signed."""
        ages = month - np.arange(first + 1)
        signed = month - ages % term
        return np.asarray(joined * index[month] * (fees[signed] * staying[ages] + seat_fees[signed] * seats[ages]))

    before, after = paid(first), paid(last)
    ages = first - np.arange(first + 1)
    left = np.divide(staying[ages + YEAR], staying[ages], out=np.zeros(first + 1), where=staying[ages] > 0)
    kept = np.minimum(after, before * left * index[last] / index[first])
    return float(before.sum()), float(after.sum()), float(kept.sum())
