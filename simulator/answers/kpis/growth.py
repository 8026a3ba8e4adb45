"""Growth: recurring revenue, retention, and growth of revenue.

Recurring revenue is fees and commitments. A plan that has none and sells use counts measured use, once it has been
steady for half a year, unless the scenario says otherwise. Retention and the burn multiple follow the choice for ARR.
"""

from __future__ import annotations

from typing import cast

import numpy as np

from simulator.answers.customers.retained import NOTHING, ClosedCohorts, Retained
from simulator.answers.kpis.registry import Figures, also, chosen_for, kpi, part
from simulator.answers.ledger import Ledger
from simulator.engine.windows import mean, over, total

A16Z = "Andreessen Horowitz, 16 More Startup Metrics (2015)"
NO_CUSTOMERS = "No month of the last year begins with paying customers."
FEES, USAGE = "fees", "with measured usage"
FEES_OR_USAGE = "fees or else usage"


@part("money")
def usage_revenue(total_usage_revenue):
    """Revenue from use beyond commitments this month, over all plans."""
    return total_usage_revenue


@part("money")
def steady_usage_revenue(half_year_kpi_usage_revenue):
    """Mean usage revenue of the last six months: analysts who count it as recurring require it to be that steady."""
    return mean(half_year_kpi_usage_revenue)


@part("money", per="plan")
def recurring_revenue(mrr, ever_mrr, half_year_usage_revenue):
    """Fees and commitments of the plan; of a plan that never had any, its mean usage revenue of the last six months."""
    return np.where(total(ever_mrr) > 0, mrr, mean(half_year_usage_revenue))


@kpi("MRR", "money", A16Z, FEES_OR_USAGE)
def mrr(total_kpi_recurring_revenue):
    """Monthly recurring revenue of the last month: fees and commitments.

    For a plan without any, its mean usage revenue of the last six months.
    """
    return total_kpi_recurring_revenue


@also("mrr", FEES)
def mrr_of_fees(total_mrr):
    """Monthly recurring revenue of the last month: fees and commitments, without measured usage."""
    return total_mrr


@also("mrr", USAGE)
def mrr_with_usage(kpi_mrr_of_fees, kpi_steady_usage_revenue):
    """Monthly recurring revenue of the last month plus the mean usage revenue of the last six months.

    Usage revenue is overage, metered tokens and credits used.
    """
    return kpi_mrr_of_fees + kpi_steady_usage_revenue


@kpi("ARR", "money", A16Z, FEES_OR_USAGE)
def arr(kpi_mrr):
    """Annual recurring revenue: twelve times the MRR of the last month.

    For a plan without fees and commitments, twelve times its mean usage revenue of the last six months.
    """
    return 12 * kpi_mrr


@also("arr", FEES)
def arr_of_fees(kpi_mrr_of_fees):
    """Annual recurring revenue: twelve times the fees and commitments of the last month."""
    return 12 * kpi_mrr_of_fees


@also("arr", USAGE)
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
    why = "There is no full year with revenue before the last year."
    return over(total(year_revenue), total(prior_year_revenue), why) - 1


@part("customer", per="plan")
def paying_lost(churned_customers, free):
    """Customers whom the plan lost this month, those who changed plans included; 0 for a free plan."""
    return churned_customers * (1 - free)


@part("customer", per="plan")
def paying_at_start(customers, churned_customers, new_customers, free):
    """Customers of the plan when the month began; 0 for a free plan."""
    return (customers + churned_customers - new_customers) * (1 - free)


@part("customer", per="plan")
def paying_upgrades(upgrades, free):
    """Customers who leave the plan for a better one this month; 0 for a free plan."""
    return upgrades * (1 - free)


@part("customer", per="plan")
def paying_arrivals(upgraded_to, free):
    """Customers who upgrade to the plan this month; 0 for a free plan."""
    return upgraded_to * (1 - free)


@part("customer")
def paying_customers_lost(total_kpi_paying_lost, total_kpi_paying_upgrades, total_kpi_paying_arrivals, total_upgrades):
    """Paying customers whom the company lost this month: one who changes from a paid plan to another is not lost."""
    moved = total_kpi_paying_arrivals * total_kpi_paying_upgrades / total_upgrades
    return total_kpi_paying_lost - np.where(total_upgrades > 0, moved, 0)


@kpi("Churn", "share", variant="monthly")
def churn(year_kpi_paying_customers_lost, year_total_kpi_paying_at_start):
    """Paying customers lost in a mean month of the last year, over those at the start of the month.

    Customers under contract count.
    """
    lost = np.maximum(total(year_kpi_paying_customers_lost), 0)
    return over(lost, total(year_total_kpi_paying_at_start), NO_CUSTOMERS)


@also("churn", "annual")
def annual_churn(kpi_churn):
    """Share of paying customers lost in a year at monthly churn c: 1 − (1 − c)^12, not 12 c."""
    return 1 - (1 - np.minimum(kpi_churn, 1)) ** 12


@kpi("NRR", "share", variant="closed cohort")
def nrr(figures: Figures) -> float:
    """Net revenue retention: recurring revenue now of the customers who paid any a year ago, over what they paid then.

    Recurring revenue is what ARR counts, and customers who change plans are followed.
    """
    found = retained(figures)
    return found.end / found.start


@also("nrr", "bridge")
def lazy_nrr(year_total_expansion_mrr, year_total_contraction_mrr, year_total_churned_mrr, year_ago_kpi_mrr_of_fees):
    """Net revenue retention: 1 plus the last year's expansion less contraction and churn, over MRR at its start.

    Newer customers' changes count.
    """
    moved = total(year_total_expansion_mrr) - total(year_total_contraction_mrr) - total(year_total_churned_mrr)
    return 1 + over(moved, year_ago_kpi_mrr_of_fees, NOTHING)


@kpi("GRR", "share", variant="closed cohort")
def grr(figures: Figures) -> float:
    """Gross revenue retention: as NRR, but no customer counts with more than it paid a year ago."""
    found = retained(figures)
    return found.kept / found.start


@also("grr", "bridge")
def lazy_grr(year_total_contraction_mrr, year_total_churned_mrr, year_ago_kpi_mrr_of_fees):
    """Gross revenue retention: 1 less the last year's contraction and churn, over MRR at its start.

    Newer customers' changes count.
    """
    lost = total(year_total_contraction_mrr) + total(year_total_churned_mrr)
    return 1 - over(lost, year_ago_kpi_mrr_of_fees, NOTHING)


def retained(figures: Figures) -> Retained:
    """Return the recurring revenue retained in the last year, by the scenario's definition of ARR."""
    if "cohorts" not in figures.known:
        figures.known["cohorts"] = ClosedCohorts(figures.ledger, _with_usage(figures.ledger))
    cohorts = cast("ClosedCohorts", figures.known["cohorts"])
    return cohorts.over_year(figures.ledger.scenario.months - 1)


def _with_usage(ledger: Ledger) -> frozenset[str]:
    """Return the plans whose measured usage counts as recurring by the scenario's definition of ARR."""
    chosen = chosen_for(ledger.scenario, "arr")
    counts = {FEES: False, USAGE: True}
    return frozenset(
        plan for plan in ledger.names("plan") if counts.get(chosen, not ledger.of_member("mrr", plan).any())
    )
