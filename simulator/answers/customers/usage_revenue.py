"""Revenue from use beyond commitments, which counts as recurring once it has been steady for half a year."""

from __future__ import annotations

import numpy as np

from simulator.answers.ledger import Ledger
from simulator.engine.model import Array

# Analysts who count usage revenue as recurring require it to be steady for half a year.
STABLE = 6


def usage_revenue(ledger: Ledger, plan: str) -> Array:
    """Return the plan's revenue by month from use beyond commitments: overage, metered tokens and credits used."""
    billed = sum(ledger.of_member(name, plan) for name in ("overage_revenue", "metered_revenue", "credit_revenue"))
    # Metered revenue contains the commitments, which are recurring fees.
    return np.asarray(billed - ledger.of_member("customers", plan) * ledger.of_member("signed_commitment", plan))


def steady_usage(ledger: Ledger, plan: str) -> Array:
    """Return the usage revenue of a mean customer of the plan by month, each a mean of the last six months."""
    usage, customers = usage_revenue(ledger, plan), ledger.of_member("customers", plan)
    return steady(np.divide(usage, customers, out=np.zeros_like(usage), where=customers > 0))


def steady(amounts: Array) -> Array:
    """Return the mean of the last six months by month; of all months so far in the first ones."""
    sums = np.concatenate([[0.0], np.cumsum(amounts)])
    months = np.arange(1, len(amounts) + 1)
    return np.asarray((sums[months] - sums[np.maximum(months - STABLE, 0)]) / np.minimum(months, STABLE))
