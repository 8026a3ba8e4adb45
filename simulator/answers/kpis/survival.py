"""Survival: how long cash lasts, how low it falls, and when the company breaks even."""

from __future__ import annotations

import numpy as np

from simulator.answers.kpis.funding import funding_months, next_round
from simulator.answers.kpis.registry import Figures, also, kpi, over
from simulator.answers.outcomes import Estimate, first_month_below
from simulator.engine.dates import QUARTER
from simulator.engine.model import Array
from simulator.errors import Undefined


@kpi(
    "Runway",
    "month",
    "Whole months until cash falls below the floor, in the base case, with all funding of the scenario.",
    variant="simulated",
)
def runway(figures: Figures) -> float:
    """Return the month in which simulated cash falls below the floor."""
    return _first_below(figures.total("cash"), figures)


@also(
    "runway",
    "without funding that has not closed",
    "Whole months until cash falls below the floor, in the base case, if no round, SAFE or loan closes after the first "
    "month.",
)
def runway_unfunded(figures: Figures) -> float:
    """Return the month in which the money of today runs out."""
    return _first_below(figures.unfunded_cash, figures)


def _first_below(cash: Array, figures: Figures) -> float:
    month = float(first_month_below(cash[:, None], figures.cash_floor)[0])
    if np.isnan(month):
        raise Undefined("Cash never falls below the floor.")
    return month


@also(
    "runway", "cash over burn", "Cash at the end of the first quarter divided by the mean monthly burn of that quarter."
)
def runway_by_burn(figures: Figures) -> float:
    """Return cash over burn, as read off a bank statement; growth and hiring do not count."""
    return _cash_over_burn(figures, slice(QUARTER), "No cash is burnt in the first quarter.")


def _cash_over_burn(figures: Figures, quarter: slice, without: str) -> float:
    burn = -float(net_cash(figures)[quarter].mean())
    left = max(float(figures.total("cash")[quarter][-1]) - figures.cash_floor, 0)
    return over(left, burn, without)


@kpi(
    "Runway at the end",
    "month",
    "Cash above the floor at the end of the last month, divided by the mean monthly burn of the last quarter, in the "
    "base case.",
)
def months_left(figures: Figures) -> float:
    """Return how long cash lasts beyond the projection at its last burn."""
    return _cash_over_burn(figures, slice(-QUARTER, None), "No cash is burnt in the last quarter.")


def net_cash(figures: Figures) -> Array:
    """Return cash flow before financing by month: operating plus investing cash flow."""
    return figures.total("operating_cash_flow") + figures.total("investing_cash_flow")


@kpi("Chance of running out of cash", "share", "Share of trials in which cash ever falls below the floor.")
def probability_of_ruin(figures: Figures) -> Estimate:
    """Return the share of trials that are out of cash by the last month."""
    return figures.trials.ruin()


@kpi(
    "Chance of running out before the next round",
    "share",
    "Share of trials in which cash falls below the floor before the month in which the next round closes in the base "
    "case.",
)
def ruin_before_round(figures: Figures) -> Estimate:
    """Return the share of trials that do not live to see the round."""
    if (month := next_round(figures.ledger)) is None:
        raise Undefined("No round closes after the first month.")
    return figures.trials.ruin(before=month)


@kpi("Lowest cash", "money", "Lowest cash at the end of any month, in the base case.")
def lowest_cash(figures: Figures) -> float:
    """Return the lowest balance, which shows how much more has to be raised."""
    return float(figures.total("cash").min())


@kpi("Month of lowest cash", "month index", "First month in which cash is lowest, in the base case.")
def lowest_cash_month(figures: Figures) -> float:
    """Return the first month with the lowest balance."""
    return float(figures.total("cash").argmin())


def _after_funding(figures: Figures) -> tuple[int, float]:
    """Return the month of the lowest cash since the last funding closed, and that cash; raise Undefined without any."""
    closed = funding_months(figures.ledger)
    if not closed:
        raise Undefined("No round, SAFE or loan closes in the months projected.")
    cash = figures.total("cash")[closed[-1] :]
    return closed[-1] + int(cash.argmin()), float(cash.min())


@kpi(
    "Lowest cash after the last funding",
    "money",
    "Lowest cash at the end of any month since the last round, SAFE or loan closed, in the base case.",
)
def lowest_cash_after_funding(figures: Figures) -> float:
    """Return the trough that the last money has to cover."""
    return _after_funding(figures)[1]


@kpi(
    "Month of lowest cash after the last funding",
    "month index",
    "First month of that lowest cash, in the base case.",
)
def lowest_cash_after_funding_month(figures: Figures) -> float:
    """Return the month of the trough after the last money."""
    return float(_after_funding(figures)[0])


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
