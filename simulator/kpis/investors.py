"""The company as an investment: the worth of its cash flows, and what it could be sold for."""

from __future__ import annotations

from simulator.dates import YEAR
from simulator.flows import irr, npv
from simulator.kpis.registry import Figures, also, kpi
from simulator.kpis.survival import net_cash


def _present_value(figures: Figures, rate: float) -> float:
    """Cash before financing and what the company is worth at the end, discounted monthly at a yearly rate."""
    flows = net_cash(figures).copy()
    flows[-1] += figures.last("company_value")
    return npv((1 + rate) ** (1 / YEAR) - 1, flows.tolist())


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


@kpi(
    "share",
    "Internal rate of return a year of cash flow before financing, with the company's value at the plan's end.",
    variant="with its value at the end",
)
def internal_rate_of_return(figures: Figures) -> float:
    """The rate at which the net present value is zero."""
    flows = net_cash(figures).copy()
    flows[-1] += figures.last("company_value")
    return (1 + irr(flows.tolist())) ** YEAR - 1


@also("internal_rate_of_return", "cash flow alone", "The same without any value at the end.")
def irr_of_cash(figures: Figures) -> float:
    """Nobody buys the company."""
    return (1 + irr(net_cash(figures).tolist())) ** YEAR - 1


@kpi("money", "What the company is worth at the plan's end: its last month's revenue, a year of it, times a multiple.")
def company_value(figures: Figures) -> float:
    """The multiple is an assumption, and a mood."""
    return figures.last("company_value")
