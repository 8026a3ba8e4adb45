"""Margins: the shares of revenue that remain after costs, by what counts as a cost of revenue."""

from __future__ import annotations

from simulator.answers.customers.deciles import deciles
from simulator.answers.kpis.registry import Figures, also, kpi, part
from simulator.answers.outcomes import Estimate
from simulator.engine.windows import over, total
from simulator.errors import Undefined

NO_REVENUE = "There is no revenue in the last year."


@kpi("Gross margin", "share", variant="policy")
def gross_margin(year_gross_profit, year_revenue):
    """Gross margin of the last year: revenue less cost of revenue, over revenue.

    Serving free plans and free trials counts as sales and marketing, training as research.
    """
    return over(total(year_gross_profit), total(year_revenue), NO_REVENUE)


@part("money")
def free_serving(total_free_inference, total_free_care, credits_for_free_plans):
    """Cost of serving free plans and free trials this month, after cloud credits."""
    return total_free_inference + total_free_care + credits_for_free_plans


@also("gross_margin", "all inference")
def margin_of_all_inference(year_gross_profit, year_kpi_free_serving, year_revenue):
    """Gross margin of the last year with the cost of serving free plans and trials as a cost of revenue."""
    return over(total(year_gross_profit) - total(year_kpi_free_serving), total(year_revenue), NO_REVENUE)


@also("gross_margin", "without credits")
def margin_without_credits(year_gross_profit, year_credits_for_customers, year_revenue):
    """Gross margin of the last year at list prices, without cloud credits."""
    # Credits are negative costs.
    return over(total(year_gross_profit) + total(year_credits_for_customers), total(year_revenue), NO_REVENUE)


@kpi("Gross margin of the median trial", "share")
def median_gross_margin(figures: Figures) -> Estimate:
    """Gross margin of the last year by policy: half of the trials have more."""
    return figures.trials.margin("gross_profit", 0.5)


@kpi("Gross margin, P5", "share")
def low_gross_margin(figures: Figures) -> Estimate:
    """Gross margin of the last year by policy: 95 % of the trials have more."""
    return figures.trials.margin("gross_profit", 0.05)


@kpi("Operating margin", "share")
def operating_margin(year_operating_income, year_revenue):
    """Operating margin of the last year: operating income over revenue."""
    return over(total(year_operating_income), total(year_revenue), NO_REVENUE)


@kpi("Operating margin of the median trial", "share")
def median_operating_margin(figures: Figures) -> Estimate:
    """Operating margin of the last year: half of the trials have more."""
    return figures.trials.margin("operating_income", 0.5)


@kpi("Operating margin, P5", "share")
def low_operating_margin(figures: Figures) -> Estimate:
    """Operating margin of the last year: 95 % of the trials have more."""
    return figures.trials.margin("operating_income", 0.05)


@kpi("Chance of an operating profit", "share")
def chance_of_profit(figures: Figures) -> Estimate:
    """Share of trials in which operating income of the last twelve months is above zero.

    Trials that ran out of cash count as if somebody had paid.
    """
    return figures.trials.profit()


@kpi("EBITDA margin", "share")
def ebitda_margin(year_ebitda, year_revenue):
    """EBITDA margin of the last year over revenue.

    EBITDA is operating income before depreciation, amortisation and stock compensation.
    """
    return over(total(year_ebitda), total(year_revenue), NO_REVENUE)


@kpi(
    "Rule of 40",
    "share",
    "Brad Feld, The Rule of 40% For a Healthy SaaS Company (2015)",
    "operating margin",
)
def rule_of_40(kpi_revenue_growth, kpi_operating_margin):
    """Rule of 40: revenue growth plus operating margin of the last year."""
    return kpi_revenue_growth + kpi_operating_margin


@also("rule_of_40", "free cash flow")
def rule_of_40_by_cash(kpi_revenue_growth, year_kpi_net_cash, year_revenue):
    """Rule of 40: revenue growth plus the margin of cash flow before financing."""
    return kpi_revenue_growth + over(total(year_kpi_net_cash), total(year_revenue), NO_REVENUE)


@also("rule_of_40", "EBITDA")
def rule_of_40_by_ebitda(kpi_revenue_growth, kpi_ebitda_margin):
    """Rule of 40: revenue growth plus EBITDA margin of the last year."""
    return kpi_revenue_growth + kpi_ebitda_margin


@kpi("Tenths of customers under water", "1")
def tenths_under_water(figures: Figures) -> float:
    """Number of tenths of customers, by use, whose mean customer costs more than it pays in the last month.

    The tenths of each plan that has paying customers are counted, ten to a plan.
    """
    ledger = figures.ledger
    paid = [plan for plan in ledger.names("plan") if ledger.of_member("paying_customers", plan)[-1] > 0]
    if not paid:
        raise Undefined("There are no paying customers in the last month.")
    return float(sum((deciles(ledger, plan).margin < 0).sum() for plan in paid))
