"""Investors: the present value of the company's cash flows, their rate of return, and the company's value."""

from __future__ import annotations

from collections.abc import Callable

from simulator.answers.kpis.registry import Figures, also, kpi
from simulator.answers.kpis.survival import net_cash
from simulator.engine.dates import YEAR, months_from
from simulator.equity.returns import excel_npv, irr, npv, xnpv
from simulator.errors import Undefined


def _alive(figures: Figures) -> Figures:
    """Return the figures; raise Undefined if the base case runs out of cash, since what comes after never happens."""
    if (month := figures.broke) is not None:
        raise Undefined("Cash runs out in {month}, so the plan never gets there.", month=(month, "month index"))
    return figures


def _flows(figures: Figures) -> list[float]:
    """Return cash flow before financing by month, with the company's value added in the last month."""
    _alive(figures)
    flows = net_cash(figures).copy()
    # The company counts as sold in the last month, since a horizon without a sale would ignore all later cash flow.
    flows[-1] += figures.last("company_value")
    return [float(flow) for flow in flows]


def _monthly(rate: float) -> float:
    """Return the monthly rate that compounds to a yearly one."""
    return float((1 + rate) ** (1 / YEAR) - 1)


def _npv(rate: float) -> Callable[[Figures], float]:
    """Return the KPI that discounts at a yearly rate; the first month is not discounted."""
    return lambda figures: npv(_monthly(rate), _flows(figures))


@kpi(
    "Net present value",
    "money",
    "Net present value at 20 % a year of cash flow before financing and of the company's value in the last month.",
    variant="20 % a year",
)
def net_present_value(figures: Figures) -> float:
    """Return the value with the first month not discounted."""
    return _npv(0.20)(figures)


# The rate of a mature company.
also(
    "net_present_value",
    "10 % a year",
    "Net present value at 10 % a year of cash flow before financing and of the company's value in the last month.",
)(_npv(0.10))
# The rate of an early startup.
also(
    "net_present_value",
    "40 % a year",
    "Net present value at 40 % a year, the rate that venture investors expect of a startup.",
)(_npv(0.40))


@also(
    "net_present_value",
    "20 % a year, as Excel's NPV",
    "Net present value at 20 % a year with every month discounted from its end, as Excel's NPV does.",
)
def npv_as_excel(figures: Figures) -> float:
    """Return what Excel's NPV gives, which discounts the first month too."""
    return excel_npv(_monthly(0.20), _flows(figures))


@also(
    "net_present_value",
    "20 % a year, as Excel's XNPV",
    "Net present value at 20 % a year, discounted by days from the first day of the first month, as Excel's XNPV does.",
)
def npv_by_days(figures: Figures) -> float:
    """Return what Excel's XNPV gives for cash on the first day of each month; a year has 365 days."""
    scenario = figures.ledger.scenario
    return xnpv(0.20, months_from(scenario.start, scenario.months), _flows(figures))


@kpi(
    "Internal rate of return",
    "share",
    "Internal rate of return a year of cash flow before financing and of the company's value in the last month.",
    variant="with its value at the end",
)
def internal_rate_of_return(figures: Figures) -> float:
    """Return the yearly rate at which the net present value is zero."""
    return (1 + irr(_flows(figures))) ** YEAR - 1


@also(
    "internal_rate_of_return",
    "cash flow alone",
    "Internal rate of return a year of cash flow before financing, without a value of the company.",
)
def irr_of_cash(figures: Figures) -> float:
    """Return the rate if nobody buys the company."""
    return (1 + irr(net_cash(_alive(figures)).tolist())) ** YEAR - 1


@kpi("Company value", "money", "Value of the company in the last month: its revenue, times 12, times a multiple.")
def company_value(figures: Figures) -> float:
    """Return the valuation; its multiple is an assumption that follows the market's mood."""
    return _alive(figures).last("company_value")
