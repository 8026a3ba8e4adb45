"""Cash: how long it lasts, how low it falls, and when the company stands on its own feet."""

from __future__ import annotations

import numpy as np

from simulator.answers.kpis.registry import Figures, also, kpi
from simulator.engine.dates import QUARTER
from simulator.engine.model import Array
from simulator.errors import Undefined


def first_month_below(cash: Array, floor: float) -> Array:
    """For each column of `cash` (months, columns), the first month below `floor`, counted from 0; NaN if none."""
    below = cash < floor
    return np.where(below.any(axis=0), below.argmax(axis=0).astype(float), np.nan)


def ruin_by_month(cash: Array, floor: float) -> Array:
    """The share of trials whose cash was below the floor in or before each month, of shape (months,)."""
    if not cash.shape[1]:
        return np.full(len(cash), np.nan)
    return np.asarray((np.logical_or.accumulate(cash < floor, axis=0)).mean(axis=1))


@kpi("month", "Whole months until cash falls below the floor, in the base plan.", variant="simulated")
def runway(figures: Figures) -> float:
    """Simulated, not cash divided by burn."""
    month = float(first_month_below(figures.total("cash")[:, None], figures.cash_floor)[0])
    if np.isnan(month):
        raise Undefined("Cash stays above the floor for the whole plan.")
    return month


@also("runway", "cash over burn", "Cash after the first quarter, divided by that quarter's mean monthly burn.")
def runway_by_burn(figures: Figures) -> float:
    """What a bank statement would say, blind to growth and hiring."""
    burn = -float(net_cash(figures)[:QUARTER].mean())
    if burn <= 0:
        raise Undefined("No cash is burnt in the first quarter.")
    return max(float(figures.total("cash")[:QUARTER][-1]) - figures.cash_floor, 0) / burn


def net_cash(figures: Figures) -> Array:
    """Cash before financing by month: operating and investing cash flow."""
    return figures.total("operating_cash_flow") + figures.total("investing_cash_flow")


@kpi("share", "The share of trials in which cash falls below the floor at some time within the plan.")
def probability_of_ruin(figures: Figures) -> float:
    """The last value of ruin by month."""
    if not figures.cash.shape[1]:
        raise Undefined("No trials were run.")
    return float(ruin_by_month(figures.cash, figures.cash_floor)[-1])


@kpi("money", "The lowest cash at any month's end, in the base plan.")
def lowest_cash(figures: Figures) -> float:
    """What the plan has to be able to live through."""
    return float(figures.total("cash").min())


@kpi("month index", "The month in which cash is lowest, in the base plan.")
def lowest_cash_month(figures: Figures) -> float:
    """The first such month."""
    return float(figures.total("cash").argmin())


@kpi("money", "Cash at the end of the plan.")
def end_cash(figures: Figures) -> float:
    """The base plan's last month."""
    return figures.last("cash")


@kpi("money", "The most cash that the company burns in one month before financing.")
def peak_burn(figures: Figures) -> float:
    """The worst month."""
    burn = -float(net_cash(figures).min())
    if burn <= 0:
        raise Undefined("No month burns cash.")
    return burn


@kpi(
    "month index",
    "The first month from which operating income stays at zero or above to the plan's end.",
    variant="operating income",
)
def break_even_month(figures: Figures) -> float:
    """A single good month does not count."""
    return _stays_positive(figures.total("operating_income"))


@also(
    "break_even_month",
    "cash",
    "The first quarter from which cash flow before financing stays at zero or above to the plan's end.",
)
def cash_break_even(figures: Figures) -> float:
    """By quarters, because tax and annual invoices fall into single months."""
    by_month = net_cash(figures)
    return QUARTER * _stays_positive(np.add.reduceat(by_month, np.arange(0, len(by_month), QUARTER)))


def _stays_positive(values: Array) -> float:
    """The first place from which nothing is below zero."""
    losing = np.flatnonzero(values < 0)
    first = int(losing[-1]) + 1 if len(losing) else 0
    if first >= len(values):
        raise Undefined("The plan does not break even within its months.")
    return float(first)
