"""Margins: what is left of revenue, by what one counts as the cost of it."""

from __future__ import annotations

from simulator.answers.kpis.growth import revenue_growth
from simulator.answers.kpis.registry import Figures, also, kpi
from simulator.answers.kpis.survival import net_cash
from simulator.engine.dates import YEAR


@kpi(
    "share",
    "Gross margin of the last year: revenue less cost of revenue, over revenue; free plans count as selling, training "
    "as research.",
    variant="policy",
)
def gross_margin(figures: Figures) -> float:
    """As the income statement has it."""
    return figures.share_of_revenue(figures.last_year("gross_profit"))


@also(
    "gross_margin",
    "all inference",
    "Gross margin of the last year with what serving free plans costs counted as a cost of revenue.",
)
def margin_of_all_inference(figures: Figures) -> float:
    """Every token is served to earn the revenue."""
    free = sum(map(figures.last_year, ("free_inference", "free_care", "credits_for_free_plans")))
    return figures.share_of_revenue(figures.last_year("gross_profit") - free)


@also(
    "gross_margin",
    "without credits",
    "Gross margin of the last year as it would be at list price, without cloud credits.",
)
def margin_without_credits(figures: Figures) -> float:
    """Credits end."""
    return figures.share_of_revenue(figures.last_year("gross_profit") + figures.last_year("credits_for_customers"))


@kpi("share", "Operating margin of the last year: operating income divided by revenue.")
def operating_margin(figures: Figures) -> float:
    """Before interest and tax."""
    return figures.share_of_revenue(figures.last_year("operating_income"))


@kpi(
    "share",
    "EBITDA margin of the last year: operating income before depreciation, amortisation and pay in shares, over "
    "revenue.",
)
def ebitda_margin(figures: Figures) -> float:
    """Pay in shares is added back, which not everyone does."""
    return figures.share_of_revenue(figures.last_year("ebitda"))


@kpi(
    "share",
    "Rule of 40: revenue growth and operating margin of the last year, added.",
    "Brad Feld, The Rule of 40% For a Healthy SaaS Company (2015)",
    "operating margin",
)
def rule_of_40(figures: Figures) -> float:
    """Growth plus margin."""
    return revenue_growth(figures) + operating_margin(figures)


@also("rule_of_40", "free cash flow", "Revenue growth and the margin of cash flow before financing, added.")
def rule_of_40_by_cash(figures: Figures) -> float:
    """Growth plus free cash flow margin."""
    return revenue_growth(figures) + figures.share_of_revenue(float(net_cash(figures)[-YEAR:].sum()))


@also("rule_of_40", "EBITDA", "Revenue growth and EBITDA margin of the last year, added.")
def rule_of_40_by_ebitda(figures: Figures) -> float:
    """Growth plus EBITDA margin."""
    return revenue_growth(figures) + ebitda_margin(figures)
