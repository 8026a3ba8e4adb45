"""The company as an investment: the worth of its cash flows, and what it could be sold for."""

from __future__ import annotations

from simulator.answers.kpis.registry import Figures, also, kpi
from simulator.answers.kpis.survival import net_cash
from simulator.engine.dates import YEAR, months_from
from simulator.equity.returns import excel_npv, irr, npv, xnpv


def _flows(figures: Figures) -> list[float]:
    """Cash before financing by month, and what the company is worth with the last."""
    flows = net_cash(figures).copy()
    flows[-1] += figures.last("company_value")
    return [float(flow) for flow in flows]


def _monthly(rate: float) -> float:
    """The rate a month that compounds to this one a year."""
    return float((1 + rate) ** (1 / YEAR) - 1)


def _present_value(figures: Figures, rate: float) -> float:
    return npv(_monthly(rate), _flows(figures))


@kpi(
    "money",
    "Net present value at 20 % a year: cash flow before financing, and the company's value at the plan's end.",
    variant="20 % a year",
)
def net_present_value(figures: Figures) -> float:
    """The first month is not discounted."""
    return _present_value(figures, 0.20)


@also("net_present_value", "10 % a year", "The same at 10 % a year.")
def npv_at_10(figures: Figures) -> float:
    """For a company past its risks."""
    return _present_value(figures, 0.10)


@also("net_present_value", "40 % a year", "The same at 40 % a year, which is what venture investors ask of a start-up.")
def npv_at_40(figures: Figures) -> float:
    """For a company before all of them."""
    return _present_value(figures, 0.40)


@also(
    "net_present_value", "20 % a year, as Excel's NPV", "The same at 20 % a year, every month discounted from its end."
)
def npv_as_excel(figures: Figures) -> float:
    """Excel's NPV discounts the first month, too."""
    return excel_npv(_monthly(0.20), _flows(figures))


@also(
    "net_present_value", "20 % a year, as Excel's XNPV", "The same at 20 % a year, by days from the plan's first day."
)
def npv_by_days(figures: Figures) -> float:
    """Each month's cash counts on its first day, and a year has 365 of them."""
    scenario = figures.ledger.scenario
    return xnpv(0.20, months_from(scenario.start, scenario.months), _flows(figures))


@kpi(
    "share",
    "Internal rate of return a year of cash flow before financing, with the company's value at the plan's end.",
    variant="with its value at the end",
)
def internal_rate_of_return(figures: Figures) -> float:
    """The rate at which the net present value is zero."""
    return (1 + irr(_flows(figures))) ** YEAR - 1


@also("internal_rate_of_return", "cash flow alone", "The same without any value at the end.")
def irr_of_cash(figures: Figures) -> float:
    """Nobody buys the company."""
    return (1 + irr(net_cash(figures).tolist())) ** YEAR - 1


@kpi("money", "What the company is worth at the plan's end: its last month's revenue, a year of it, times a multiple.")
def company_value(figures: Figures) -> float:
    """The multiple is an assumption, and a mood."""
    return figures.last("company_value")
