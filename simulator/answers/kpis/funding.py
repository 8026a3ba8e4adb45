"""Funding: the months in which rounds, SAFEs and loans bring money, and cash without those still to come."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from simulator.answers.ledger import Ledger
from simulator.answers.outcomes import broke_in
from simulator.answers.variations.inputs import vary
from simulator.engine.dates import QUARTER
from simulator.engine.model import Array
from simulator.lines import business

# Each kind of funding: the line with its money by month, and the assumption that says how much it is.
FUNDING = {
    "round": ("money_raised", "amount"),
    "safe": ("safe_raised", "investment"),
    "loan": ("loan_drawn", "principal"),
}


def funding_months(ledger: Ledger) -> list[int]:
    """Return the months of the base case in which any round, SAFE or loan brings money."""
    return [int(month) for month in np.flatnonzero(_money(ledger) > 0)]


def _money(ledger: Ledger) -> Array:
    """Return the money of all rounds, SAFEs and loans by month, in the base case."""
    return sum((ledger.total(line) for line, _ in FUNDING.values()), start=np.zeros(ledger.scenario.months))


def next_round(ledger: Ledger) -> int | None:
    """Return the month after the first in which the next round closes in the base case; None if there is none."""
    months = np.flatnonzero(ledger.total("money_raised")[1:] > 0)
    return int(months[0]) + 1 if len(months) else None


def runs_out_without_new_money(ledger: Ledger) -> int | None:
    """Return the month in which cash falls below the floor if no round, SAFE or loan closes after the first month.

    None if that never happens.
    """
    scenario, cash = ledger.scenario, ledger.total("cash")
    floor = scenario.settings.cash_floor
    if not any(funding_months(ledger)):
        return broke_in(cash, floor)
    come = _money(ledger)
    come[0] = 0.0
    nothing = {
        business().inputs[amount].path(name): np.zeros(1)
        for kind, (line, amount) in FUNDING.items()
        for name in ledger.names(kind)
        if ledger.of_member(line, name)[1:].any()
    }
    # Interest, fees and repayments go with the money, so only a run tells. One up to a quarter beyond the month that
    # subtraction gives mostly suffices, and takes a fraction of the time of all months.
    rough = broke_in(cash - np.cumsum(come), floor)
    for months in (scenario.months if rough is None else min(rough + QUARTER, scenario.months), scenario.months):
        shorter = replace(scenario, settings=replace(scenario.settings, months=months))
        found = broke_in(vary(shorter, [nothing], ["cash"])["cash"][:, 0, 1], floor)
        if found is not None or months == scenario.months:
            return found
    return None
