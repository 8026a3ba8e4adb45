"""What a customer costs to win, what it brings, and how well spending turns into growth."""

from __future__ import annotations

import numpy as np

from simulator.answers.customers.cohorts import expected_months
from simulator.answers.kpis.growth import churn, upgrades_between_paying
from simulator.answers.kpis.margins import gross_margin
from simulator.answers.kpis.registry import Figures, also, kpi
from simulator.answers.kpis.survival import net_cash
from simulator.engine.dates import QUARTER, YEAR
from simulator.errors import Undefined

SKOK = "David Skok, SaaS Metrics 2.0 (2013)"


def paying_new(figures: Figures, months: slice) -> dict[str, float]:
    """New customers of each plan that asks for something; who only changes from one such plan to another is not new."""
    ledger, moved = figures.ledger, upgrades_between_paying(figures)

    def won(plan: str) -> float:
        joined = ledger.of_member("new_customers", plan) - moved[plan]
        return float((joined * (1 - ledger.of_member("free", plan)))[months].sum())

    return {plan: won(plan) for plan in ledger.names("plan")}


def _per_new_customer(figures: Figures, spent: float) -> float:
    new = sum(paying_new(figures, slice(-YEAR, None)).values())
    if new <= 0:
        raise Undefined("No customers are won in the last year.")
    return spent / new


@kpi(
    "money/customer",
    "Acquisition cost of the last year: all of sales and marketing, free plans included, over new paying customers.",
    variant="fully loaded",
)
def cac(figures: Figures) -> float:
    """Blended over all ways in, without a lag."""
    return _per_new_customer(figures, figures.last_year("sales_and_marketing"))


@also("cac", "channel spend alone", "What channels were paid in the last year, over all new paying customers.")
def cac_of_channels(figures: Figures) -> float:
    """Without salaries; blended, since who came by word of mouth is among them."""
    return _per_new_customer(figures, figures.last_year("marketing_spend"))


@also(
    "cac", "lagged by the sales cycle", "Sales and marketing of a year that ends a sales cycle earlier, over the same."
)
def lagged_cac(figures: Figures) -> float:
    """Money is spent before the deal that it wins."""
    lag = int(np.ceil(figures.ledger.assumed("sales_cycle")[0]))
    spent = figures.total("sales_and_marketing")
    if len(spent) < YEAR + lag:
        raise Undefined("The plan is too short for a year and a sales cycle.")
    return _per_new_customer(figures, float(spent[len(spent) - YEAR - lag : len(spent) - lag].sum()))


@kpi("money/customer", "Revenue of a mean paying customer in a month of the last year.")
def arpa(figures: Figures) -> float:
    """Average revenue per account."""
    customers = figures.last_year("paying_customers")
    if customers <= 0:
        raise Undefined("There are no customers in the last year.")
    return figures.last_year("revenue") / customers


@kpi(
    "money/customer",
    "Lifetime value: monthly gross profit of a mean customer by policy margin, for as long as a new one stays, but 36 "
    "months at the most.",
    f"{SKOK}, cut off at a horizon because low churn makes it explode",
    "36 months at most",
)
def ltv(figures: Figures) -> float:
    """ARPA × gross margin × expected months within the horizon, a mean over the last year's new customers."""
    new = paying_new(figures, slice(-YEAR, None))
    if sum(new.values()) <= 0:
        raise Undefined("No customers are won in the last year.")
    months = sum(count * expected_months(figures.ledger, plan) for plan, count in new.items()) / sum(new.values())
    return arpa(figures) * gross_margin(figures) * months


@also("ltv", "for ever", "Monthly gross profit of a mean customer over churn: without a horizon.")
def ltv_for_ever(figures: Figures) -> float:
    """ARPA × gross margin / churn."""
    ledger = figures.ledger
    if any(ledger.assumed("contract_months", plan)[0] > 1 for plan in ledger.names("plan")):
        raise Undefined("Customers under contracts cannot leave every month, so that churn says little of their life.")
    lost = churn(figures)
    if lost <= 0:
        raise Undefined("Nobody leaves, so that a lifetime has no end.")
    return arpa(figures) * gross_margin(figures) / lost


@kpi(
    "1",
    "Lifetime value of 36 months at most over fully loaded acquisition cost.",
    "David Skok, SaaS Metrics 2.0 (2013)",
)
def ltv_to_cac(figures: Figures) -> float:
    """Three or more is what investors like to see."""
    spent = cac(figures)
    if spent <= 0:
        raise Undefined("Winning customers costs nothing.")
    return ltv(figures) / spent


@kpi("month", "Months until a mean customer's gross profit by policy margin has paid for its fully loaded acquisition.")
def payback_months(figures: Figures) -> float:
    """CAC / (ARPA × gross margin), with the parentheses that one vendor's page lacks."""
    profit = figures.last_year("gross_profit")
    if profit <= 0:
        raise Undefined("Customers bring no gross profit in the last year.")
    return cac(figures) / (arpa(figures) * gross_margin(figures))


@kpi(
    "1",
    "Magic number: revenue growth of the last quarter times four, over sales and marketing of the quarter before.",
    "Scale Venture Partners, Magic Number Math (2008)",
)
def magic_number(figures: Figures) -> float:
    """(revenue_q − revenue_q−1) × 4 / S&M_q−1; never times four on annual recurring revenue."""
    revenue, spent = figures.total("revenue"), figures.total("sales_and_marketing")
    if len(revenue) < 2 * QUARTER:
        raise Undefined("The plan is shorter than two quarters.")
    before = float(spent[-2 * QUARTER : -QUARTER].sum())
    if before <= 0:
        raise Undefined("Nothing is spent on sales and marketing.")
    return 4 * float(revenue[-QUARTER:].sum() - revenue[-2 * QUARTER : -QUARTER].sum()) / before


@kpi(
    "1",
    "Cash burnt before financing in the last year, divided by the growth of annual recurring revenue.",
    "David Sacks, The Burn Multiple (2020)",
)
def burn_multiple(figures: Figures) -> float:
    """Net burn / net new ARR."""
    recurring = figures.total("mrr")
    span = min(YEAR, len(recurring) - 1)
    grown = YEAR * float(recurring[-1] - recurring[-1 - span])
    burnt = -float(net_cash(figures)[len(recurring) - span :].sum())
    if grown <= 0:
        raise Undefined("Annual recurring revenue does not grow in the last year.")
    if burnt <= 0:
        raise Undefined("No cash is burnt in the last year.")
    return burnt / grown


@kpi("money/head", "Revenue of the last year for each person at its end.")
def revenue_per_head(figures: Figures) -> float:
    """What fifty thousand says of an agency and a million of a product."""
    people = figures.last("headcount")
    if people <= 0:
        raise Undefined("Nobody works here.")
    return figures.last_year("revenue") / people
