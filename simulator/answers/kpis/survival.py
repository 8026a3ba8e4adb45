"""Survival: how long cash lasts, how low it falls, and when the company breaks even."""

from __future__ import annotations

import numpy as np

from simulator.answers.kpis.registry import Figures, also, kpi, over
from simulator.engine.dates import QUARTER
from simulator.engine.model import Array
from simulator.errors import Undefined


def first_month_below(cash: Array, floor: float) -> Array:
    """Return the first month below `floor` for each column of `cash` (months, columns); NaN if there is none."""
    below = cash < floor
    return np.where(below.any(axis=0), below.argmax(axis=0).astype(float), np.nan)


def ruin_by_month(cash: Array, floor: float) -> Array:
    """Return the share of trials whose cash was below the floor in or before each month, of shape (months,)."""
    if not cash.shape[1]:
        return np.full(len(cash), np.nan)
    return np.asarray((np.logical_or.accumulate(cash < floor, axis=0)).mean(axis=1))


@kpi("Runway", "month", "Whole months until cash falls below the floor, in the base case.", variant="simulated")
def runway(figures: Figures) -> float:
    """Return the month in which simulated cash falls below the floor."""
    month = float(first_month_below(figures.total("cash")[:, None], figures.cash_floor)[0])
    if np.isnan(month):
        raise Undefined("Cash never falls below the floor.")
    return month


@also(
    "runway", "cash over burn", "Cash at the end of the first quarter divided by the mean monthly burn of that quarter."
)
def runway_by_burn(figures: Figures) -> float:
    """Return cash over burn, as read off a bank statement; growth and hiring do not count."""
    burn = -float(net_cash(figures)[:QUARTER].mean())
    left = max(float(figures.total("cash")[:QUARTER][-1]) - figures.cash_floor, 0)
    return over(left, burn, "No cash is burnt in the first quarter.")


def net_cash(figures: Figures) -> Array:
    """Return cash flow before financing by month: operating plus investing cash flow."""
    return figures.total("operating_cash_flow") + figures.total("investing_cash_flow")


@kpi("Chance of running out of cash", "share", "Share of trials in which cash ever falls below the floor.")
def probability_of_ruin(figures: Figures) -> float:
    """Return the share of trials that are out of cash by the last month."""
    if not figures.cash.shape[1]:
        raise Undefined("No trials were run.")
    return float(ruin_by_month(figures.cash, figures.cash_floor)[-1])


@kpi("Lowest cash", "money", "Lowest cash at the end of any month, in the base case.")
def lowest_cash(figures: Figures) -> float:
    """Return the lowest balance, which shows how much more has to be raised."""
    return float(figures.total("cash").min())


@kpi("Month of lowest cash", "month index", "First month in which cash is lowest, in the base case.")
def lowest_cash_month(figures: Figures) -> float:
    """Return the first month with the lowest balance."""
    return float(figures.total("cash").argmin())


@kpi("Cash at the end", "money", "Cash at the end of the last month, in the base case.")
def end_cash(figures: Figures) -> float:
    """Return cash in the last month."""
    return figures.last("cash")


@kpi("Peak burn", "money", "Largest negative cash flow before financing in one month, in the base case.")
def peak_burn(figures: Figures) -> float:
    """Return the cash burnt in the worst month."""
    burn = -float(net_cash(figures).min())
    if burn <= 0:
        raise Undefined("No month burns cash.")
    return burn


@kpi(
    "Break-even",
    "month index",
    "First month from which operating income stays at zero or above until the last month.",
    variant="operating income",
)
def break_even_month(figures: Figures) -> float:
    """Return the first month of a profit that lasts; a single good month does not count."""
    return _stays_positive(figures.total("operating_income"))


@also(
    "break_even_month",
    "cash",
    "First month of the first quarter from which cash flow before financing stays at zero or above by quarter.",
)
def cash_break_even(figures: Figures) -> float:
    """Return the first month of lasting cash flow.

    Cash flow counts by quarter, since tax and annual invoices fall into single months.
    """
    by_month = net_cash(figures)
    return QUARTER * _stays_positive(np.add.reduceat(by_month, np.arange(0, len(by_month), QUARTER)))


def _stays_positive(values: Array) -> float:
    """Return the first index from which no value is below zero; raise Undefined if the last one is."""
    losing = np.flatnonzero(values < 0)
    first = int(losing[-1]) + 1 if len(losing) else 0
    if first >= len(values):
        raise Undefined("The company does not break even in the months projected.")
    return float(first)
