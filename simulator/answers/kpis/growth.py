"""Growth: recurring revenue, retention, and growth of revenue."""

from __future__ import annotations

import numpy as np

from simulator.answers.kpis.registry import Figures, also, kpi, over
from simulator.answers.kpis.winning import upgrades_between_paying
from simulator.engine.dates import YEAR
from simulator.engine.model import Array
from simulator.errors import Undefined

# Analysts who count usage revenue as recurring require it to be steady for half a year.
STABLE = 6
A16Z = "Andreessen Horowitz, 16 More Startup Metrics (2015)"


@kpi(
    "MRR",
    "money",
    "Monthly recurring revenue of the last month: fees and commitments, without metered usage.",
    A16Z,
    "fees",
)
def mrr(figures: Figures) -> float:
    """Return fees and commitments; usage counts only if a contract guarantees it."""
    return figures.last("mrr")


# The commitments in a plan's MRR are the product of these lines.
COMMITTED = ("customers", "signed_commitment", "net_level")


@also(
    "mrr",
    "with measured usage",
    "Monthly recurring revenue of the last month plus the mean usage revenue of the last six months.",
)
def mrr_with_usage(figures: Figures) -> float:
    """Return MRR plus usage revenue beyond commitments."""
    # Metered revenue contains the commitments, which MRR already counts.
    usage = figures.total("overage_revenue") + figures.total("metered_revenue")
    committed = sum(
        np.prod([figures.ledger.of_member(name, plan) for name in COMMITTED], axis=0)
        for plan in figures.ledger.names("plan")
    )
    return mrr(figures) + float(np.mean((usage - committed)[-STABLE:]))


@kpi("ARR", "money", "Annual recurring revenue: twelve times the MRR of the last month.", A16Z, "fees")
def arr(figures: Figures) -> float:
    """Return 12 × MRR."""
    return YEAR * mrr(figures)


@also("arr", "with measured usage", "Annual recurring revenue: twelve times the MRR that includes usage of six months.")
def arr_with_usage(figures: Figures) -> float:
    """Return 12 × MRR with usage."""
    return YEAR * mrr_with_usage(figures)


@kpi("Paying customers", "customer", "Paying customers at the end of the last month, over all plans with a price.")
def end_customers(figures: Figures) -> float:
    """Return the customers of all paid plans."""
    return figures.last("paying_customers")


@kpi("Revenue growth", "share", "Revenue of the last year over revenue of the year before, less 1.")
def revenue_growth(figures: Figures) -> float:
    """Return growth, not a multiple: 0.5 is half as much again."""
    revenue = figures.total("revenue")
    before = float(revenue[-2 * YEAR : -YEAR].sum()) if len(revenue) >= 2 * YEAR else 0.0
    return over(figures.last_year("revenue"), before, "There is no revenue in the year before the last year.") - 1


@kpi(
    "Churn",
    "share",
    "Paying customers lost in a mean month of the last year, over those at the start of the month; customers under "
    "contract count.",
    variant="monthly",
)
def churn(figures: Figures) -> float:
    """Return customers lost over customers at the start of each month, on paid plans."""
    # A customer who changes from one paid plan to another is not lost.
    lost = -float(sum(moved[-YEAR:].sum() for moved in upgrades_between_paying(figures.ledger).values()))
    there = 0.0
    for plan in figures.ledger.names("plan"):
        paying = 1 - figures.ledger.of_member("free", plan)
        customers = figures.ledger.of_member("customers", plan)
        left = figures.ledger.of_member("churned_customers", plan)
        # The line `customers` counts the end of a month.
        start = customers + left - figures.ledger.of_member("new_customers", plan)
        lost += float((left * paying)[-YEAR:].sum())
        there += float((start * paying)[-YEAR:].sum())
    return over(max(lost, 0.0), there, "There are no paying customers in the last year.")


@also("churn", "annual", "Share of paying customers lost in a year at monthly churn c: 1 − (1 − c)^12, not 12 c.")
def annual_churn(figures: Figures) -> float:
    """Return monthly churn, compounded over a year."""
    return 1 - (1 - min(churn(figures), 1)) ** YEAR


@kpi(
    "NRR",
    "share",
    "Net revenue retention: recurring revenue at the end of the last year from the customers at its start, over their "
    "recurring revenue then; a customer who changes plans counts as lost.",
    variant="closed cohort",
)
def nrr(figures: Figures) -> float:
    """Return (start − contraction − churn + expansion) / start."""
    start, end, _ = _closed_cohort(figures)
    return end / start


@also(
    "nrr",
    "bridge",
    "Net revenue retention: 1 plus the last year's expansion less contraction and churn, over recurring revenue at its "
    "start; newer customers' changes count.",
)
def lazy_nrr(figures: Figures) -> float:
    """Return the ratio from the company's MRR bridge, which includes newer customers."""
    start = _recurring_at_start(figures)
    moved = figures.last_year("expansion_mrr") - figures.last_year("contraction_mrr") - figures.last_year("churned_mrr")
    return 1 + moved / start


@kpi(
    "GRR",
    "share",
    "Gross revenue retention: recurring revenue at the end of the last year from the customers at its start, without "
    "expansion, over their recurring revenue then; a customer who changes plans counts as lost.",
    variant="closed cohort",
)
def grr(figures: Figures) -> float:
    """Return (start − contraction − churn) / start."""
    start, _, kept = _closed_cohort(figures)
    return kept / start


@also(
    "grr",
    "bridge",
    "Gross revenue retention: 1 less the last year's contraction and churn, over recurring revenue at its start; newer "
    "customers' changes count.",
)
def lazy_grr(figures: Figures) -> float:
    """Return the ratio from the company's MRR bridge, which includes newer customers."""
    lost = figures.last_year("contraction_mrr") + figures.last_year("churned_mrr")
    return 1 - lost / _recurring_at_start(figures)


def _recurring_at_start(figures: Figures) -> float:
    recurring = figures.total("mrr")
    if len(recurring) <= YEAR or recurring[-1 - YEAR] <= 0:
        raise Undefined("There is no recurring revenue at the start of the last year.")
    return float(recurring[-1 - YEAR])


def _closed_cohort(figures: Figures) -> tuple[float, float, float]:
    """Return recurring revenue of the customers a year before the end: then, at the end, and without expansion."""
    _recurring_at_start(figures)
    parts = [_of_plan(figures, plan) for plan in figures.ledger.names("plan")]
    start, end, kept = (float(sum(part)) for part in zip(*parts, strict=True))
    return start, end, kept


def _of_plan(figures: Figures, plan: str) -> tuple[float, float, float]:
    """Return one plan's part of the closed cohort."""
    ledger, last = figures.ledger, figures.ledger.scenario.months - 1
    first = last - YEAR
    joined = ledger.of_member("cohort", plan)[: first + 1].copy()
    joined[0] += ledger.assumed("opening_customers", plan)[0]
    net = ledger.of_member("net_level", plan)
    fees = (ledger.of_member("fee", plan) + ledger.assumed("commitment", plan)) * net
    seat_fees = ledger.of_member("seat_fee", plan) * ledger.assumed("seats_per_customer", plan) * net
    staying, seats = ledger.of_member("contract_survival", plan), ledger.of_member("seat_survival", plan)
    index, term = ledger.of_member("stay_index", plan), int(np.ceil(ledger.assumed("contract_months", plan)[0]))

    def paid(month: int) -> Array:
        """Return recurring revenue by cohort in a month, each at the prices of its last signing."""
        ages = month - np.arange(first + 1)
        signed = month - ages % term
        return np.asarray(joined * index[month] * (fees[signed] * staying[ages] + seat_fees[signed] * seats[ages]))

    before, after = paid(first), paid(last)
    ages = first - np.arange(first + 1)
    # Gross retention counts a cohort at most at what its remaining customers paid a year ago.
    left = np.divide(staying[ages + YEAR], staying[ages], out=np.zeros(first + 1), where=staying[ages] > 0)
    kept = np.minimum(after, before * left * index[last] / index[first])
    return float(before.sum()), float(after.sum()), float(kept.sum())
