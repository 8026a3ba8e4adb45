"""Investors: the present value of the company's cash flows, their rate of return, and the company's value."""

from __future__ import annotations

from typing import Any

from simulator.answers.kpis.registry import Figures, also, kpi
from simulator.answers.outcomes import is_below
from simulator.engine.dates import YEAR, months_from
from simulator.engine.windows import given, total
from simulator.equity.returns import excel_npv, irr, xnpv
from simulator.errors import Undefined

DEAD = "Cash runs out before the last month, so the plan never gets there."


@kpi("Net present value", "money", variant="20 % a year")
def net_present_value(ever_month, ever_kpi_net_cash, kpi_company_value, month):
    """Net present value at 20 % a year of cash flow before financing and of the company's value in the last month.

    The first month is not discounted.
    """
    return _present_value(0.20, ever_month, ever_kpi_net_cash, kpi_company_value, month)


@also("net_present_value", "10 % a year")
def npv_of_mature_company(ever_month, ever_kpi_net_cash, kpi_company_value, month):
    """Net present value at 10 % a year, the rate of a mature company."""
    return _present_value(0.10, ever_month, ever_kpi_net_cash, kpi_company_value, month)


@also("net_present_value", "40 % a year")
def npv_of_startup(ever_month, ever_kpi_net_cash, kpi_company_value, month):
    """Net present value at 40 % a year, the rate that venture investors expect of a startup."""
    return _present_value(0.40, ever_month, ever_kpi_net_cash, kpi_company_value, month)


def _present_value(rate: float, months: Any, flows: Any, value: Any, month: Any) -> Any:
    """Return the value of monthly flows, and of the company as if sold in this month, at a yearly rate."""
    # A horizon without a sale would ignore all later cash flow.
    return total(flows * (1 + rate) ** (-months / 12)) + value * (1 + rate) ** (-month / 12)


@also("net_present_value", "20 % a year, as Excel's NPV")
def npv_as_excel(figures: Figures) -> float:
    """Net present value at 20 % a year with every month discounted from its end, as Excel's NPV does."""
    return excel_npv(1.20 ** (1 / YEAR) - 1, _flows(figures))


@also("net_present_value", "20 % a year, as Excel's XNPV")
def npv_by_days(figures: Figures) -> float:
    """Net present value at 20 % a year, discounted by days from the first day of the first month, as XNPV does.

    A year has 365 days, and cash comes on the first day of each month.
    """
    scenario = figures.ledger.scenario
    return xnpv(0.20, months_from(scenario.start, scenario.months), _flows(figures))


def _flows(figures: Figures) -> list[float]:
    """Return cash flow before financing by month, with the company's value added in the last month."""
    flows = figures.measured.series("kpi_net_cash")
    flows[-1] += figures.kpi("company_value")
    return [float(flow) for flow in flows]


@kpi("Internal rate of return", "share", variant="with its value at the end")
def internal_rate_of_return(figures: Figures) -> float:
    """Internal rate of return a year of cash flow before financing and of the company's value in the last month."""
    return (1 + irr(_flows(figures))) ** YEAR - 1


@also("internal_rate_of_return", "cash flow alone")
def irr_of_cash(figures: Figures) -> float:
    """Internal rate of return a year of cash flow before financing, without a value of the company."""
    if figures.broke is not None:
        raise Undefined(DEAD)
    return (1 + irr(figures.measured.series("kpi_net_cash").tolist())) ** YEAR - 1


@kpi("Company value", "money")
def company_value(company_value, ever_cash, cash_floor):
    """Value of the company in the last month: its revenue, times 12, times a multiple."""
    return given(total(is_below(ever_cash, cash_floor) * 1) <= 0, company_value, DEAD)
