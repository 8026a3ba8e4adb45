"""Growth: recurring revenue, retention, and growth of revenue.

Recurring revenue is fees and commitments. A company that has none and sells use counts measured use, once it has been
steady for half a year, unless its scenario says otherwise. Retention and the burn multiple follow the choice for ARR.
"""

from __future__ import annotations

from typing import cast

from simulator.answers.customers.retained import NOTHING, ClosedCohorts, Retained
from simulator.answers.customers.usage_revenue import steady, usage_revenue
from simulator.answers.kpis.registry import Figures, also, kpi, over
from simulator.answers.kpis.winning import upgrades_between_paying
from simulator.engine.dates import YEAR
from simulator.engine.model import Array
from simulator.errors import Undefined

A16Z = "Andreessen Horowitz, 16 More Startup Metrics (2015)"
FEES, USAGE = "fees", "with measured usage"
FEES_OR_USAGE = "fees or else usage"


def _counts_usage(figures: Figures, variant: str) -> bool:
    return variant == USAGE or (variant == FEES_OR_USAGE and not figures.total("mrr").any())


def _recurring(figures: Figures, variant: str) -> Array:
    """Return monthly recurring revenue by month and definition."""
    fees = figures.total("mrr")
    if not _counts_usage(figures, variant):
        return fees
    ledger = figures.ledger
    return fees + sum(steady(usage_revenue(ledger, plan)) for plan in ledger.names("plan"))


def _of_arr(figures: Figures) -> str:
    """Return the definition of ARR that the scenario chooses."""
    return dict(figures.ledger.scenario.settings.definitions).get("arr", FEES_OR_USAGE)


def recurring(figures: Figures) -> Array:
    """Return monthly recurring revenue by month, by the scenario's definition of ARR."""
    return _recurring(figures, _of_arr(figures))


@kpi(
    "MRR",
    "money",
    "Monthly recurring revenue of the last month: fees and commitments; for a company without any, the mean usage "
    "revenue of the last six months.",
    A16Z,
    FEES_OR_USAGE,
)
def mrr(figures: Figures) -> float:
    """Return fees and commitments, or usage revenue if the company has no others."""
    return float(_recurring(figures, FEES_OR_USAGE)[-1])


@also("mrr", FEES, "Monthly recurring revenue of the last month: fees and commitments, without measured usage.")
def mrr_of_fees(figures: Figures) -> float:
    """Return fees and commitments; usage counts only if a contract guarantees it."""
    return figures.last("mrr")


@also(
    "mrr",
    USAGE,
    "Monthly recurring revenue of the last month plus the mean usage revenue of the last six months: overage, metered "
    "tokens and credits used.",
)
def mrr_with_usage(figures: Figures) -> float:
    """Return MRR plus usage revenue beyond commitments."""
    return float(_recurring(figures, USAGE)[-1])


@kpi(
    "ARR",
    "money",
    "Annual recurring revenue: twelve times the MRR of the last month; for a company without fees and commitments, "
    "twelve times its mean usage revenue of the last six months.",
    A16Z,
    FEES_OR_USAGE,
)
def arr(figures: Figures) -> float:
    """Return 12 × MRR."""
    return YEAR * mrr(figures)


@also("arr", FEES, "Annual recurring revenue: twelve times the fees and commitments of the last month.")
def arr_of_fees(figures: Figures) -> float:
    """Return 12 × MRR without usage."""
    return YEAR * mrr_of_fees(figures)


@also("arr", USAGE, "Annual recurring revenue: twelve times the MRR that includes usage of six months.")
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
    "Net revenue retention: recurring revenue, as ARR counts it, at the end of the last year from the customers who "
    "paid any at its start, over what they paid then; customers who change plans are followed.",
    variant="closed cohort",
)
def nrr(figures: Figures) -> float:
    """Return (start − contraction − churn + expansion) / start."""
    found = retained(figures)
    return found.end / found.start


@also(
    "nrr",
    "bridge",
    "Net revenue retention: 1 plus the last year's expansion less contraction and churn, over MRR at its start; newer "
    "customers' changes count.",
)
def lazy_nrr(figures: Figures) -> float:
    """Return the ratio from the company's MRR bridge, which includes newer customers."""
    start = _fees_at_start(figures)
    moved = figures.last_year("expansion_mrr") - figures.last_year("contraction_mrr") - figures.last_year("churned_mrr")
    return 1 + moved / start


@kpi(
    "GRR",
    "share",
    "Gross revenue retention: recurring revenue, as ARR counts it, at the end of the last year from the customers who "
    "paid any at its start, each with at most what it paid then, over what they paid then.",
    variant="closed cohort",
)
def grr(figures: Figures) -> float:
    """Return (start − contraction − churn) / start."""
    found = retained(figures)
    return found.kept / found.start


@also(
    "grr",
    "bridge",
    "Gross revenue retention: 1 less the last year's contraction and churn, over MRR at its start; newer customers' "
    "changes count.",
)
def lazy_grr(figures: Figures) -> float:
    """Return the ratio from the company's MRR bridge, which includes newer customers."""
    lost = figures.last_year("contraction_mrr") + figures.last_year("churned_mrr")
    return 1 - lost / _fees_at_start(figures)


def retained(figures: Figures, month: int = -1) -> Retained:
    """Return the recurring revenue retained in the year up to a month, by the scenario's definition of ARR."""
    if "cohorts" not in figures.known:
        figures.known["cohorts"] = ClosedCohorts(figures.ledger, _counts_usage(figures, _of_arr(figures)))
    cohorts = cast("ClosedCohorts", figures.known["cohorts"])
    return cohorts.over_year(month % figures.ledger.scenario.months)


def _fees_at_start(figures: Figures) -> float:
    fees = figures.total("mrr")
    if len(fees) <= YEAR or fees[-1 - YEAR] <= 0:
        raise Undefined(NOTHING)
    return float(fees[-1 - YEAR])
