"""Growth: recurring revenue, retention, and growth of revenue."""

from __future__ import annotations

import numpy as np

from simulator.answers.kpis.registry import Figures, also, kpi, part
from simulator.answers.kpis.winning import upgrades_between_paying
from simulator.engine.dates import YEAR
from simulator.engine.model import Array
from simulator.engine.windows import mean, over, total
from simulator.errors import Undefined

A16Z = "Andreessen Horowitz, 16 More Startup Metrics (2015)"
NOTHING_RECURRING = "There is no recurring revenue at the start of the last year."


@kpi("MRR", "money", A16Z, "fees")
def mrr(total_mrr):
    """Monthly recurring revenue of the last month: fees and commitments, without metered usage."""
    return total_mrr


@part("money", per="plan")
def usage_revenue(overage_revenue, metered_revenue, customers, signed_commitment):
    """Revenue from the plan's use this month beyond commitments, which MRR counts."""
    return overage_revenue + metered_revenue - customers * signed_commitment


@part("money")
def all_usage_revenue(total_kpi_usage_revenue):
    """Revenue from use this month beyond commitments, over all plans."""
    return total_kpi_usage_revenue


@also("mrr", "with measured usage")
def mrr_with_usage(kpi_mrr, half_year_kpi_all_usage_revenue):
    """Monthly recurring revenue of the last month plus the mean usage revenue of the last six months."""
    # Analysts who count usage as recurring require it to be steady for half a year.
    return kpi_mrr + mean(half_year_kpi_all_usage_revenue)


@kpi("ARR", "money", A16Z, "fees")
def arr(kpi_mrr):
    """Annual recurring revenue: twelve times the MRR of the last month."""
    return 12 * kpi_mrr


@also("arr", "with measured usage")
def arr_with_usage(kpi_mrr_with_usage):
    """Annual recurring revenue: twelve times the MRR that includes usage of six months."""
    return 12 * kpi_mrr_with_usage


@kpi("Paying customers", "customer")
def end_customers(customers_served):
    """Paying customers at the end of the last month, over all plans with a price."""
    return customers_served


@kpi("Revenue growth", "share")
def revenue_growth(year_revenue, prior_year_revenue):
    """Revenue of the last year over revenue of the year before, less 1."""
    why = "There is no revenue in the year before the last year."
    return over(total(year_revenue), total(prior_year_revenue), why) - 1


@kpi("Churn", "share", variant="monthly")
def churn(figures: Figures) -> float:
    """Paying customers lost in a mean month of the last year, over those at the start of the month.

    Customers under contract count.
    """
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
    return float(over(max(lost, 0.0), there, "There are no paying customers in the last year."))


@also("churn", "annual")
def annual_churn(figures: Figures) -> float:
    """Share of paying customers lost in a year at monthly churn c: 1 − (1 − c)^12, not 12 c."""
    return 1 - (1 - min(churn(figures), 1)) ** YEAR


@kpi("NRR", "share", variant="closed cohort")
def nrr(figures: Figures) -> float:
    """Net revenue retention: recurring revenue now of the customers of a year ago, over their recurring revenue then.

    A customer who changes plans counts as lost.
    """
    start, end, _ = _closed_cohort(figures)
    return end / start


@also("nrr", "bridge")
def lazy_nrr(year_total_expansion_mrr, year_total_contraction_mrr, year_total_churned_mrr, year_ago_kpi_mrr):
    """Net revenue retention: 1 plus the last year's expansion less contraction and churn, over MRR at its start.

    Newer customers' changes count.
    """
    moved = total(year_total_expansion_mrr) - total(year_total_contraction_mrr) - total(year_total_churned_mrr)
    return 1 + over(moved, year_ago_kpi_mrr, NOTHING_RECURRING)


@kpi("GRR", "share", variant="closed cohort")
def grr(figures: Figures) -> float:
    """Gross revenue retention: as NRR, without expansion: no customer counts with more than a year ago.

    A customer who changes plans counts as lost.
    """
    start, _, kept = _closed_cohort(figures)
    return kept / start


@also("grr", "bridge")
def lazy_grr(year_total_contraction_mrr, year_total_churned_mrr, year_ago_kpi_mrr):
    """Gross revenue retention: 1 less the last year's contraction and churn, over MRR at its start.

    Newer customers' changes count.
    """
    lost = total(year_total_contraction_mrr) + total(year_total_churned_mrr)
    return 1 - over(lost, year_ago_kpi_mrr, NOTHING_RECURRING)


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
    fees = ledger.of_member("fee", plan) + ledger.assumed("commitment", plan)
    seat_fees = ledger.of_member("seat_fee", plan) * ledger.assumed("seats_per_customer", plan)
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
