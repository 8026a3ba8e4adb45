"""Efficiency: the cost of winning a customer, the value of one, and the growth that spending buys."""

from __future__ import annotations

import numpy as np

from simulator.answers.kpis.growth import FEES, FEES_OR_USAGE, USAGE
from simulator.answers.kpis.registry import Figures, also, kpi, part
from simulator.answers.kpis.winning import paying_new
from simulator.engine.dates import YEAR
from simulator.engine.windows import first, given, over, total
from simulator.errors import Undefined

FLAT_ARR = "ARR does not grow in the last year."
SKOK = "David Skok, SaaS Metrics 2.0 (2013)"


@kpi("CAC", "money/customer", variant="fully loaded")
def cac(figures: Figures) -> float:
    """Customer acquisition cost: all sales and marketing over the new paying customers of the same twelve months.

    The cost of serving free plans and free trials is included. The months are the last ones with both; sellers count a
    sales cycle earlier.
    """
    return figures.won.cost()


@also("cac", "channel spend alone")
def cac_of_channels(figures: Figures) -> float:
    """Customer acquisition cost of the last year: spend on channels, over new paying customers.

    Those by word of mouth count; salaries do not.
    """
    return _per_new_customer(figures, figures.last_year("marketing_spend"))


@also("cac", "lagged by the sales cycle")
def lagged_cac(figures: Figures) -> float:
    """Customer acquisition cost: sales and marketing of a year that ends one sales cycle earlier, over new customers.

    New paying customers are those of the last year.
    """
    # A sales cycle of part of a month delays the deal to the next whole one.
    lag = int(np.ceil(figures.ledger.assumed("sales_cycle")[0]))
    spent = figures.total("sales_and_marketing")
    if len(spent) < YEAR + lag:
        raise Undefined("The projection is shorter than a year and a sales cycle.")
    return _per_new_customer(figures, float(spent[len(spent) - YEAR - lag : len(spent) - lag].sum()))


def _per_new_customer(figures: Figures, spent: float) -> float:
    new = sum(float(won[-YEAR:].sum()) for won in paying_new(figures.ledger).values())
    return float(over(spent, new, "No paying customers are won in the last year."))


@kpi("ARPA", "money/customer")
def arpa(year_revenue, year_total_paid_customers):
    """Average monthly revenue per paying customer in the last year (average revenue per account).

    Customers who leave within a prepaid period count until it ends.
    """
    why = "There are no paying customers in the last year."
    return over(total(year_revenue), total(year_total_paid_customers), why)


@kpi("LTV", "money/customer", SKOK, "36 months at most")
def ltv(figures: Figures) -> float:
    """Lifetime value: gross profit of a new customer by policy margin in its first 36 months, after churn.

    The value is a mean over the new customers of all plans. Without a horizon, low churn would make it explode.
    """
    return figures.won.value()


@also("ltv", "no horizon")
def ltv_without_horizon(figures: Figures) -> float:
    """Lifetime value: gross profit of a new customer by policy margin over its whole life.

    The value is a mean over the new customers of all plans.
    """
    return figures.won.value_without_horizon()


@kpi("LTV / CAC", "1", SKOK)
def ltv_to_cac(figures: Figures) -> float:
    """Lifetime value, 36 months at most, over fully loaded customer acquisition cost of the same new customers."""
    return figures.won.ratio()


@kpi("Payback", "month")
def payback_months(figures: Figures) -> float:
    """First month in which the gross profit of a cohort covers its fully loaded acquisition cost.

    Gross profit is by policy margin and after churn; 36 months at most.
    """
    return figures.won.payback()


@kpi("Magic number", "1", "Scale Venture Partners, Magic Number Math (2008)")
def magic_number(quarter_revenue, prior_quarter_revenue, prior_quarter_sales_and_marketing, month):
    """Magic number: revenue growth of the last quarter times 4, over sales and marketing of the quarter before."""
    # Growth of ARR would not be multiplied by 4.
    grown = given(month >= 5, total(quarter_revenue) - total(prior_quarter_revenue), "Two quarters are not over yet.")
    why = "Nothing is spent on sales and marketing in the quarter before the last."
    return 4 * over(grown, total(prior_quarter_sales_and_marketing), why)


@kpi("Burn multiple", "1", "David Sacks, The Burn Multiple (2020)", FEES_OR_USAGE, follows="arr")
def burn_multiple(kpi_year_burn, since_year_kpi_arr, kpi_arr):
    """Cash burnt before financing in the last year over the growth of ARR.

    A projection of less than a year compares with its first month.
    """
    return over(kpi_year_burn, kpi_arr - first(since_year_kpi_arr), FLAT_ARR)


@also("burn_multiple", FEES)
def burn_multiple_of_fees(kpi_year_burn, since_year_kpi_arr_of_fees, kpi_arr_of_fees):
    """Cash burnt before financing in the last year over the growth of ARR from fees and commitments."""
    return over(kpi_year_burn, kpi_arr_of_fees - first(since_year_kpi_arr_of_fees), FLAT_ARR)


@also("burn_multiple", USAGE)
def burn_multiple_with_usage(kpi_year_burn, since_year_kpi_arr_with_usage, kpi_arr_with_usage):
    """Cash burnt before financing in the last year over the growth of ARR that includes usage."""
    return over(kpi_year_burn, kpi_arr_with_usage - first(since_year_kpi_arr_with_usage), FLAT_ARR)


@part("money")
def year_burn(since_year_kpi_net_cash, month):
    """Cash burnt before financing in the last twelve months, or since the first month."""
    burnt = first(since_year_kpi_net_cash) - total(since_year_kpi_net_cash)
    known = given(month > 0, burnt, "The first month has no growth to compare with.")
    return given(known > 0, known, "No cash is burnt in the last year.")


@kpi("Revenue per head", "money/head")
def revenue_per_head(year_revenue, total_headcount):
    """Revenue of the last year per person employed in the last month."""
    return over(total(year_revenue), total_headcount, "Nobody is employed in the last month.")
