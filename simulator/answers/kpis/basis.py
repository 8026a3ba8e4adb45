"""What a KPI without a formula looks at: the months, the lines summed over them, and the KPIs of their last month."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from simulator.answers.kpis.registry import Figures
from simulator.engine.dates import QUARTER, YEAR


@dataclass(frozen=True)
class Basis:
    """The months that a KPI looks at, as a function of all figures, with the lines and the KPIs behind it."""

    months: Callable[[Figures], range]
    sums: tuple[str, ...] = ()
    kpis: tuple[str, ...] = ()


def every_month(figures: Figures) -> range:
    """Return all months of the projection."""
    return range(figures.ledger.scenario.months)


def last_year(figures: Figures) -> range:
    """Return the last twelve months, or as many as there are."""
    return every_month(figures)[-YEAR:]


def last_month(figures: Figures) -> range:
    """Return the last month of the projection."""
    return every_month(figures)[-1:]


def first_quarter(figures: Figures) -> range:
    """Return the first three months, or as many as there are."""
    return every_month(figures)[:QUARTER]


def won(figures: Figures) -> range:
    """Return the months in which new customers are counted; raise Undefined where none are won."""
    return range(figures.won.start, figures.won.stop)


_ACQUISITION = ("sales_and_marketing", "total_new_customers")
_LIFETIME = ("total_plan_revenue", "total_plan_margin", "gross_profit", "total_new_customers")
_RETENTION = ("total_expansion_mrr", "total_contraction_mrr", "total_churned_mrr")
# By the name of the function that computes the KPI.
BASIS: Mapping[str, Basis] = {
    "nrr": Basis(last_year, _RETENTION, ("kpi_arr",)),
    "grr": Basis(last_year, _RETENTION[1:], ("kpi_arr",)),
    "cac": Basis(won, _ACQUISITION),
    "cac_of_channels": Basis(last_year, ("total_marketing_spend", "total_new_customers")),
    "lagged_cac": Basis(last_year, _ACQUISITION),
    "ltv": Basis(won, _LIFETIME),
    "ltv_without_horizon": Basis(won, _LIFETIME),
    "ltv_to_cac": Basis(won, kpis=("kpi_ltv", "kpi_cac")),
    "payback_months": Basis(won, _LIFETIME, ("kpi_cac",)),
    "npv_as_excel": Basis(every_month, ("kpi_net_cash",), ("kpi_company_value",)),
    "npv_by_days": Basis(every_month, ("kpi_net_cash",), ("kpi_company_value",)),
    "internal_rate_of_return": Basis(every_month, ("kpi_net_cash",), ("kpi_company_value",)),
    "irr_of_cash": Basis(every_month, ("kpi_net_cash",)),
    "median_gross_margin": Basis(last_year, kpis=("kpi_gross_margin",)),
    "low_gross_margin": Basis(last_year, kpis=("kpi_gross_margin",)),
    "median_operating_margin": Basis(last_year, kpis=("kpi_operating_margin",)),
    "low_operating_margin": Basis(last_year, kpis=("kpi_operating_margin",)),
    "tenths_under_water": Basis(last_month, ("total_plan_revenue", "total_plan_margin", "total_customers")),
    "chance_of_profit": Basis(last_year, ("operating_income",)),
    "runway_unfunded": Basis(every_month, ("kpi_net_cash", "kpi_funding"), ("kpi_lowest_cash",)),
    "runway_by_burn": Basis(first_quarter, kpis=("kpi_months_left",)),
    "probability_of_ruin": Basis(every_month, kpis=("kpi_lowest_cash", "kpi_runway")),
    "cash_at_risk": Basis(every_month, kpis=("kpi_lowest_cash",)),
    "cash_missing": Basis(every_month, kpis=("kpi_lowest_cash",)),
    "ruin_before_round": Basis(every_month, kpis=("kpi_lowest_cash", "kpi_runway")),
}
