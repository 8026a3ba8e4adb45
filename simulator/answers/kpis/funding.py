"""Funding: the months in which rounds, SAFEs and loans bring money, and cash without those still to come."""

from __future__ import annotations

import numpy as np

from simulator.answers.inputs import vary
from simulator.answers.ledger import Ledger
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
    money = sum((ledger.total(line) for line, _ in FUNDING.values()), start=np.zeros(ledger.scenario.months))
    return [int(month) for month in np.flatnonzero(money > 0)]


def next_round(ledger: Ledger) -> int | None:
    """Return the month after the first in which the next round closes in the base case; None if there is none."""
    months = np.flatnonzero(ledger.total("money_raised")[1:] > 0)
    return int(months[0]) + 1 if len(months) else None


def cash_without_new_money(ledger: Ledger) -> Array:
    """Return cash of the base case if no round, SAFE or loan closes after the first month, of shape (months,)."""
    if not any(funding_months(ledger)):
        return ledger.total("cash")
    nothing = {
        business().inputs[amount].path(name): np.zeros(1)
        for kind, (line, amount) in FUNDING.items()
        for name in ledger.names(kind)
        if ledger.of_member(line, name)[1:].any()
    }
    return np.asarray(vary(ledger.scenario, [nothing], ["cash"])["cash"][:, 0, 1])
