"""Margins: the shares of revenue that remain after costs, by what counts as a cost of revenue."""

from __future__ import annotations

from simulator.answers.kpis.growth import revenue_growth
from simulator.answers.kpis.registry import Figures, also, kpi
from simulator.answers.kpis.survival import net_cash
from simulator.answers.outcomes import Estimate
from simulator.engine.dates import YEAR


@kpi(
    "Gross margin",
    "share",
    "Gross margin of the last year: revenue less cost of revenue, over revenue; serving free plans and free "
    "trials counts as sales and marketing, training as research.",
    variant="policy",
)
def gross_margin(figures: Figures) -> float:
    """Return the gross margin of the income statement."""
    return figures.share_of_revenue(figures.last_year("gross_profit"))


@also(
    "gross_margin",
    "all inference",
    "Gross margin of the last year with the cost of serving free plans and free trials as a cost of revenue.",
)
def margin_of_all_inference(figures: Figures) -> float:
    """Return the margin if every token is served to earn the revenue."""
    free = sum(map(figures.last_year, ("free_inference", "free_care", "credits_for_free_plans")))
    return figures.share_of_revenue(figures.last_year("gross_profit") - free)


@also("gross_margin", "without credits", "Gross margin of the last year at list prices, without cloud credits.")
def margin_without_credits(figures: Figures) -> float:
    """Return the margin once cloud credits end."""
    return figures.share_of_revenue(figures.last_year("gross_profit") + figures.last_year("credits_for_customers"))


@kpi(
    "Gross margin of the median trial",
    "share",
    "Gross margin of the last year by policy: half of the trials have more.",
)
def median_gross_margin(figures: Figures) -> Estimate:
    """Return the margin that the verdict judges."""
    return figures.trials.margin("gross_profit", 0.5)


@kpi("Gross margin, P5", "share", "Gross margin of the last year by policy: 95 % of the trials have more.")
def low_gross_margin(figures: Figures) -> Estimate:
    """Return the margin of an unlucky company."""
    return figures.trials.margin("gross_profit", 0.05)


@kpi("Operating margin", "share", "Operating margin of the last year: operating income over revenue.")
def operating_margin(figures: Figures) -> float:
    """Return the margin before interest and tax."""
    return figures.share_of_revenue(figures.last_year("operating_income"))


@kpi(
    "Operating margin of the median trial", "share", "Operating margin of the last year: half of the trials have more."
)
def median_operating_margin(figures: Figures) -> Estimate:
    """Return the margin before interest and tax with as many trials above it as below."""
    return figures.trials.margin("operating_income", 0.5)


@kpi("Operating margin, P5", "share", "Operating margin of the last year: 95 % of the trials have more.")
def low_operating_margin(figures: Figures) -> Estimate:
    """Return the margin before interest and tax of an unlucky company."""
    return figures.trials.margin("operating_income", 0.05)


@kpi(
    "Chance of an operating profit",
    "share",
    "Share of trials in which operating income of the last twelve months is above zero; trials that ran out of cash "
    "count as if somebody had paid.",
)
def chance_of_profit(figures: Figures) -> Estimate:
    """Return the share of trials in which the company carries itself in the end."""
    return figures.trials.profit()


@kpi(
    "EBITDA margin",
    "share",
    "EBITDA margin of the last year: operating income before depreciation, amortisation and stock compensation, over "
    "revenue.",
)
def ebitda_margin(figures: Figures) -> float:
    """Return the margin with stock compensation added back, which not every analyst does."""
    return figures.share_of_revenue(figures.last_year("ebitda"))


@kpi(
    "Rule of 40",
    "share",
    "Rule of 40: revenue growth plus operating margin of the last year.",
    "Brad Feld, The Rule of 40% For a Healthy SaaS Company (2015)",
    "operating margin",
)
def rule_of_40(figures: Figures) -> float:
    """Return growth plus operating margin."""
    return revenue_growth(figures) + operating_margin(figures)


@also("rule_of_40", "free cash flow", "Rule of 40: revenue growth plus the margin of cash flow before financing.")
def rule_of_40_by_cash(figures: Figures) -> float:
    """Return growth plus free cash flow margin."""
    return revenue_growth(figures) + figures.share_of_revenue(float(net_cash(figures)[-YEAR:].sum()))


@also("rule_of_40", "EBITDA", "Rule of 40: revenue growth plus EBITDA margin of the last year.")
def rule_of_40_by_ebitda(figures: Figures) -> float:
    """Return growth plus EBITDA margin."""
    return revenue_growth(figures) + ebitda_margin(figures)
