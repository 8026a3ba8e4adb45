"""The months that a new customer stays, and those that it pays for: to a horizon, or for all of its life.

A subscription is paid for whole prepaid periods. Customers who leave within one, because their contract is shorter or
an event takes them, have paid for months in which they are no longer there; so fees are counted per customer who has
paid, use and its cost per customer who is there.
"""

from __future__ import annotations

import numpy as np

from simulator.answers.customers.cohorts import losses_beyond_age
from simulator.answers.ledger import Ledgers
from simulator.engine.model import Array

# Months summed one by one; what is left after a thousand years has a closed form.
LONG = 12_000
# A share whose logarithm is finite.
LEAST = 1e-300


def paid_by_age(ledgers: Ledgers, plan: str, staying: Array) -> Array:
    """Return the share of new customers of the plan who have paid for each of their first months.

    `staying` is the share who are there; both have shape (months, columns or 1).
    """
    ages = np.arange(len(staying))[:, None]
    staying, paid_at = np.broadcast_arrays(staying, ages - ages % _prepaid_period(ledgers, plan))
    paid = np.take_along_axis(staying, paid_at, axis=0)
    return np.asarray(paid + _refunded(ledgers, plan) * (staying - paid))


def lifetimes(ledgers: Ledgers, plan: str, months: slice) -> tuple[float, float]:
    """Return the months that a new customer of the plan is expected to stay, and to pay for; of the only base case."""
    names = ("churn", "churn_spread", "contract_months")
    churn, spread, contract = (ledgers.assumed(name, plan)[0].item() for name in names)
    pressure, kept = (one.item() for one in losses_beyond_age(ledgers, plan, months))
    stays, pays = (
        mean_life(churn, spread, int(np.ceil(contract)), period, pressure=pressure, kept=kept)
        for period in (1, int(_prepaid_period(ledgers, plan).item()))
    )
    return stays, pays + _refunded(ledgers, plan).item() * (stays - pays) if np.isfinite(stays) else pays


def mean_life(
    churn: float, spread: float, term: int = 1, period: int = 1, *, pressure: float = 1.0, kept: float = 1.0
) -> float:
    """Return the expected number of months that a new customer stays, or pays for in whole periods.

    With a term of one month it is (a + b - 1) / (a - 1) for a = churn / spread and b = (1 - churn) / spread, the mean
    of the shifted-beta-geometric distribution, and 1 / churn without a spread; for a <= 1 it is infinite. `pressure`
    multiplies the churn by age, and events leave the share `kept` of all customers each month.
    """
    block = int(np.lcm(term, period))
    months = block * max(LONG // block, 1)
    ages = np.arange(months)
    alone = np.cumsum(np.log(np.maximum(1 - churn / (1 + spread * ages), LEAST)))
    renewals = np.diff(np.concatenate([[0.0], alone[term - 1 :: term]]))
    leaving = np.zeros(months)
    leaving[term - 1 :: term] = np.minimum(-pressure * np.expm1(renewals), 1)
    staying = np.concatenate([[1.0], np.cumprod((1 - leaving) * kept)])
    counted = float(staying[ages - ages % period].sum())
    if staying[-1] <= LEAST:
        return counted
    # Another such distribution is left at an old age: its mean life grows with age.
    free = pressure * churn - spread
    rate = 1 - kept + (free / (1 + spread * (months - 1)) if free > 0 else 0.0)
    # Leaving in steps, at the end of a term or period, takes half a step longer on average.
    return counted + float(staying[-1]) * (1 / rate + (max(term, period) - 1) / 2) if rate > 0 else np.inf


def _prepaid_period(ledgers: Ledgers, plan: str) -> Array:
    """Return the whole months for which a customer pays ahead; 1 for a plan paid by the month."""
    return np.asarray(np.ceil(ledgers.assumed("prepaid_months", plan)[0]), dtype=int)


def _refunded(ledgers: Ledgers, plan: str) -> Array:
    """Return the share of the fees for unused months that a customer gets back on leaving."""
    return np.asarray(ledgers.assumed("refund_on_leaving", plan)[0])
