"""Efficiency: the cost of winning a customer, the value of one, and the growth that spending buys."""

from __future__ import annotations

import numpy as np

from simulator.answers.kpis.growth import churn
from simulator.answers.kpis.margins import gross_margin
from simulator.answers.kpis.registry import Figures, also, kpi, over
from simulator.answers.kpis.survival import net_cash
from simulator.answers.kpis.winning import paying_new
from simulator.engine.dates import QUARTER, YEAR
from simulator.errors import Undefined

SKOK = "David Skok, SaaS Metrics 2.0 (2013)"


@kpi(
    "CAC",
    "money/customer",
    "Customer acquisition cost: all sales and marketing, serving free plans and free trials included, over the new "
    "paying customers of the same twelve months, the last ones with both; sellers count a sales cycle earlier.",
    variant="fully loaded",
)
def cac(figures: Figures) -> float:
    """Return the blended cost over all plans and channels."""
    return figures.won.cost()


def _per_new_customer(figures: Figures, spent: float) -> float:
    new = sum(float(won[-YEAR:].sum()) for won in paying_new(figures.ledger).values())
    return over(spent, new, "No paying customers are won in the last year.")


@also(
    "cac",
    "channel spend alone",
    "Customer acquisition cost of the last year: spend on channels, over new paying customers.",
)
def cac_of_channels(figures: Figures) -> float:
    """Return channel spend over all new customers, those by word of mouth included; salaries do not count."""
    return _per_new_customer(figures, figures.last_year("marketing_spend"))


@also(
    "cac",
    "lagged by the sales cycle",
    "Customer acquisition cost: sales and marketing of a year that ends one sales cycle earlier, over new paying "
    "customers of the last year.",
)
def lagged_cac(figures: Figures) -> float:
    """Return the cost with money counted when it was spent, a sales cycle before the deal."""
    # A sales cycle of part of a month delays the deal to the next whole one.
    lag = int(np.ceil(figures.ledger.assumed("sales_cycle")[0]))
    spent = figures.total("sales_and_marketing")
    if len(spent) < YEAR + lag:
        raise Undefined("The projection is shorter than a year and a sales cycle.")
    return _per_new_customer(figures, float(spent[len(spent) - YEAR - lag : len(spent) - lag].sum()))


@kpi("ARPA", "money/customer", "Average monthly revenue per paying customer in the last year.")
def arpa(figures: Figures) -> float:
    """Return the average revenue per account."""
    customers = figures.last_year("paying_customers")
    return over(figures.last_year("revenue"), customers, "There are no paying customers in the last year.")


@kpi(
    "LTV",
    "money/customer",
    "Lifetime value: gross profit of a new customer by policy margin in its first 36 months, after churn, averaged "
    "over the new customers of all plans.",
    f"{SKOK}, with a horizon, since low churn makes the value explode",
    "36 months at most",
)
def ltv(figures: Figures) -> float:
    """Return the gross profit per customer and month, times the months that one stays, by plan."""
    return figures.won.value()


@also("ltv", "no horizon", "Lifetime value: monthly gross profit per customer by policy margin, over monthly churn.")
def ltv_without_horizon(figures: Figures) -> float:
    """Return ARPA × gross margin / churn."""
    ledger = figures.ledger
    if any(ledger.assumed("contract_months", plan)[0] > 1 for plan in ledger.names("plan")):
        raise Undefined(
            "Customers under contract cannot leave every month, so monthly churn does not give their lifetime."
        )
    lost = churn(figures)
    if lost <= 0:
        raise Undefined("No customer leaves, so the lifetime is infinite.")
    return arpa(figures) * gross_margin(figures) / lost


@kpi("LTV / CAC", "1", "Lifetime value, 36 months at most, over fully loaded customer acquisition cost.", SKOK)
def ltv_to_cac(figures: Figures) -> float:
    """Return LTV over CAC of the same new customers; investors look for 3 or more."""
    return figures.won.ratio()


@kpi(
    "Payback",
    "month",
    "First month in which the gross profit of a cohort, by policy margin and after churn, covers its fully loaded "
    "acquisition cost.",
)
def payback_months(figures: Figures) -> float:
    """Return the months until new customers have paid back what winning them cost, 36 at most."""
    return figures.won.payback()


@kpi(
    "Magic number",
    "1",
    "Magic number: revenue growth of the last quarter times 4, over sales and marketing of the quarter before.",
    "Scale Venture Partners, Magic Number Math (2008)",
)
def magic_number(figures: Figures) -> float:
    """Return (revenue_q − revenue_q−1) × 4 / S&M_q−1; growth of ARR would not be multiplied by 4."""
    revenue, spent = figures.total("revenue"), figures.total("sales_and_marketing")
    if len(revenue) < 2 * QUARTER:
        raise Undefined("The projection is shorter than two quarters.")
    grown = float(revenue[-QUARTER:].sum() - revenue[-2 * QUARTER : -QUARTER].sum())
    before = float(spent[-2 * QUARTER : -QUARTER].sum())
    return over(4 * grown, before, "Nothing is spent on sales and marketing.")


@kpi(
    "Burn multiple",
    "1",
    "Cash burnt before financing in the last year over the growth of ARR.",
    "David Sacks, The Burn Multiple (2020)",
)
def burn_multiple(figures: Figures) -> float:
    """Return net burn / net new ARR."""
    recurring = figures.total("mrr")
    # A scenario of less than a year compares with its first month.
    span = min(YEAR, len(recurring) - 1)
    grown = YEAR * float(recurring[-1] - recurring[-1 - span])
    burnt = -float(net_cash(figures)[len(recurring) - span :].sum())
    if grown <= 0:
        raise Undefined("ARR does not grow in the last year.")
    if burnt <= 0:
        raise Undefined("No cash is burnt in the last year.")
    return burnt / grown


@kpi("Revenue per head", "money/head", "Revenue of the last year per person employed in the last month.")
def revenue_per_head(figures: Figures) -> float:
    """Return revenue over headcount; 50,000 suggests an agency, a million a product."""
    return over(figures.last_year("revenue"), figures.last("headcount"), "Nobody is employed in the last month.")
