"""Survival: how long cash lasts, how low it falls, and when the company breaks even."""

from __future__ import annotations

import numpy as np

from simulator.answers.kpis.funding import next_round
from simulator.answers.kpis.registry import Figures, also, kpi, part
from simulator.answers.outcomes import Estimate, is_below
from simulator.engine.ages import is_multiple
from simulator.engine.dates import QUARTER
from simulator.engine.quantities import Money
from simulator.engine.units import Constant
from simulator.engine.windows import first_month, given, last_month, least, mean, over, total
from simulator.errors import Undefined

FAR_ABOVE = Constant(1e18, "money", "1e18")
NEVER_BROKE = "Cash never falls below the floor."
NO_BREAK_EVEN = "The company does not break even in the months projected."
NO_FUNDING = "No round, SAFE or loan closes in the months projected."


@part("money")
def net_cash(operating_cash_flow, investing_cash_flow):
    """Cash flow before financing this month: operating plus investing cash flow."""
    return operating_cash_flow + investing_cash_flow


@kpi("Runway", "month", variant="simulated")
def runway(ever_month, ever_cash, cash_floor: Money):
    """Whole months until cash falls below the floor, in the base case, with all funding of the scenario."""
    return first_month(ever_month, is_below(ever_cash, cash_floor), NEVER_BROKE)


@also("runway", "without funding that has not closed")
def runway_unfunded(figures: Figures) -> float:
    """Whole months until cash falls below the floor, in the base case, if no funding closes after the first month.

    Rounds, SAFEs and loans count as funding.
    """
    if figures.broke_unfunded is None:
        raise Undefined(NEVER_BROKE)
    return float(figures.broke_unfunded)


@also("runway", "cash over burn")
def runway_by_burn(figures: Figures) -> float:
    """Cash above the floor at the end of the first quarter, divided by the mean monthly burn of that quarter."""
    return figures.measured.value("kpi_months_left", min(QUARTER, figures.ledger.scenario.months) - 1)


@kpi("Runway at the end", "month")
def months_left(cash, cash_floor, quarter_kpi_net_cash):
    """Cash above the floor at the end of the last month, divided by the mean monthly burn of the last quarter."""
    above = np.maximum(cash - cash_floor, 0)
    return over(above, -mean(quarter_kpi_net_cash), "No cash is burnt in the last quarter.")


@kpi("Chance of running out of cash", "share")
def probability_of_ruin(figures: Figures) -> Estimate:
    """Share of trials in which cash ever falls below the floor."""
    return figures.trials.ruin()


@kpi("Chance of running out before the next round", "share")
def ruin_before_round(figures: Figures) -> Estimate:
    """Share of trials in which cash falls below the floor before the next round closes in the base case."""
    if (month := next_round(figures.ledger)) is None:
        raise Undefined("No round closes after the first month.")
    return figures.trials.ruin(before=month)


@kpi("Cash at risk", "money", variant="P5 of the lowest cash")
def cash_at_risk(figures: Figures) -> Estimate:
    """Amount below which cash falls at the end of some month in 5 % of the trials."""
    return figures.trials.cash_at_risk()


@also("cash_at_risk", "missing for the floor")
def cash_missing(figures: Figures) -> Estimate:
    """Cash missing at the start so that 95 % of the trials stay at or above the floor, without interest on it."""
    return figures.trials.cash_missing(figures.cash_floor)


@kpi("Lowest cash", "money")
def lowest_cash(ever_cash):
    """Lowest cash at the end of any month so far, in the base case."""
    return least(ever_cash)


@kpi("Month of lowest cash", "month index")
def lowest_cash_month(ever_month, ever_cash, kpi_lowest_cash):
    """First month in which cash is lowest, in the base case."""
    return first_month(ever_month, ever_cash <= kpi_lowest_cash, NEVER_BROKE)


@part("money")
def funding(total_money_raised, total_safe_raised, total_loan_drawn):
    """Money from rounds, SAFEs and loans this month."""
    return total_money_raised + total_safe_raised + total_loan_drawn


@part("month")
def last_funding(ever_month, ever_kpi_funding):
    """Month in which the last round, SAFE or loan so far closed, -1 if none has."""
    return last_month(ever_month, ever_kpi_funding > 0)


@kpi("Lowest cash after the last funding", "money")
def lowest_cash_after_funding(ever_month, ever_cash, kpi_last_funding):
    """Lowest cash at the end of any month since the last round, SAFE or loan closed, in the base case."""
    # Months before it are lifted out of the way.
    since = least(ever_cash + (ever_month < kpi_last_funding) * FAR_ABOVE)
    return given(kpi_last_funding >= 0, since, NO_FUNDING)


@kpi("Month of lowest cash after the last funding", "month index")
def lowest_cash_after_funding_month(ever_month, ever_cash, kpi_last_funding, kpi_lowest_cash_after_funding):
    """First month in which cash is lowest since the last round, SAFE or loan closed, in the base case."""
    # A product stands for "and", which a spreadsheet would take over all months at once.
    lowest = (ever_month >= kpi_last_funding) * (ever_cash <= kpi_lowest_cash_after_funding)
    return first_month(ever_month, lowest, NO_FUNDING)


@kpi("Cash at the end", "money")
def end_cash(cash):
    """Cash at the end of the last month, in the base case."""
    return cash


@kpi("Peak burn", "money")
def peak_burn(ever_kpi_net_cash):
    """Largest negative cash flow before financing in one month, in the base case."""
    return given(least(ever_kpi_net_cash) < 0, -least(ever_kpi_net_cash), "No month burns cash.")


@kpi("Break-even", "month index", variant="operating income")
def break_even_month(ever_month, ever_operating_income, operating_income):
    """First month from which operating income stays at zero or above until the last month."""
    first = last_month(ever_month, ever_operating_income < 0) + 1
    return given(operating_income >= 0, first, NO_BREAK_EVEN)


@part("share")
def quarter_loses_cash(month, quarter_kpi_net_cash):
    """1 in the last month of a quarter of the projection whose cash flow before financing is negative, otherwise 0."""
    return np.where(np.logical_and(is_multiple(month + 1, QUARTER), total(quarter_kpi_net_cash) < 0), 1, 0)


@also("break_even_month", "cash")
def cash_break_even(ever_month, ever_kpi_quarter_loses_cash, month):
    """First month of the first whole quarter from which cash flow before financing stays at zero or above by quarter.

    Cash flow counts by quarter, since tax and annual invoices fall into single months.
    """
    first = last_month(ever_month, ever_kpi_quarter_loses_cash > 0) + 1
    return given(month >= first + 2, first, NO_BREAK_EVEN)
