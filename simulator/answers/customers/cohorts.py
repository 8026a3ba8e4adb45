"""Cohorts: customers by month of joining who are still there, as a triangle that sums to the plan's customers."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from scipy.special import betaln

from simulator.answers.ledger import Ledger, Ledgers
from simulator.engine.dates import YEAR
from simulator.engine.model import Array
from simulator.errors import PlanError
from simulator.lines.market.retention import contract_survival, survival


def triangle(ledger: Ledger, plan: str) -> Array:
    """Return a plan's customers by month of joining (rows) and month (columns); NaN before they joined.

    Customers from before the scenario count with those of the first month.
    """
    months = ledger.scenario.months
    joined, opened = ledger.of_member("cohort", plan), ledger.of_member("opening_kept", plan)
    staying, index = ledger.of_member("contract_survival", plan), ledger.of_member("stay_index", plan)
    ages = np.arange(months)[None, :] - np.arange(months)[:, None]
    left = joined[:, None] * staying[np.maximum(ages, 0)]
    left[0] += opened
    return np.where(ages >= 0, left * index[None, :], np.nan)


# Without a horizon, a low churn would promise a lifetime of decades; three years is as far as a startup can see.
HORIZON = 36
# Stands for nobody in a quotient: of a cohort that all have left, the share who leave next does not matter.
TINY = 1e-300


# The months in which new customers are looked at, where no others are asked for.
LAST_YEAR = slice(-YEAR, None)


def staying_by_age(ledgers: Ledgers, plan: str, months: slice = LAST_YEAR) -> Array:
    """Return the share of new customers of the plan there in each of their first 36 months, (HORIZON, columns or 1).

    They leave by age and contract, as price and market make them in these `months` of the scenario; those whom events
    or a better rival take in these months leave as well. A customer who upgrades stays with the company.
    """
    names = ("churn", "churn_spread", "contract_months")
    given = np.broadcast_arrays(*(ledgers.assumed(name, plan)[0] for name in names))
    is_one = given[0].size == 1
    by_age = _known_by_age(*(one.item() for one in given)) if is_one else _staying_by_age_alone(*given)
    pressure, kept = losses_beyond_age(ledgers, plan, months)
    leaving = np.minimum((1 - by_age[1:] / np.maximum(by_age[:-1], TINY)) * pressure, 1)
    later = np.cumprod((1 - leaving) * kept, axis=0)
    return np.concatenate([np.broadcast_to(by_age[:1], (1, later.shape[1])), later])


def losses_beyond_age(ledgers: Ledgers, plan: str, months: slice = LAST_YEAR) -> tuple[Array, Array]:
    """Return the factor on churn by age in these months, and the share of customers whom events leave each month.

    Both have shape (columns or 1,).
    """
    pressure = (ledgers.of_member("price_churn", plan) * ledgers.assumed("churn_level", plan))[months].mean(axis=0)
    taken, left = (
        ledgers.of_member(name, plan)[months].sum(axis=0) for name in ("customers_taken", "customers_staying")
    )
    return pressure, 1 - taken / np.where(taken > 0, taken + left, 1)


# Of many variants of a scenario, most leave the retention of its plans as it is.
@lru_cache(256)
def _known_by_age(churn: float, spread: float, contract: float) -> Array:
    return _staying_by_age_alone(*map(np.atleast_1d, (churn, spread, contract)))


def _staying_by_age_alone(churn: Array, spread: Array, contract: Array) -> Array:
    kept: list[Array | float] = [np.ones(churn.shape)]
    for age, share in enumerate(survival_of(churn, spread, HORIZON - 1)):
        kept.append(contract_survival(age, share, contract, kept[-1]))
    return np.array(kept[1:])


def expected_months(ledger: Ledger, plan: str) -> float:
    """Return the expected number of its first 36 months that a new customer of the plan stays."""
    return float(staying_by_age(ledger.beside, plan).sum())


def fit_retention(shares: Array) -> tuple[float, float]:
    """Return churn and its spread for shares of a cohort still there after 1, 2, … periods, by maximum likelihood.

    The shifted-beta-geometric of Fader and Hardie (2007), appendix B: alpha = churn / spread and
    beta = (1 - churn) / spread. Raise PlanError where the shares do not fall from below 1.
    """
    curve = np.concatenate([[1.0], np.asarray(shares, dtype=float)])
    if len(curve) < 3 or np.any(np.diff(curve) > 0) or curve[-1] < 0 or curve[1] >= 1:
        raise PlanError("the cohort's shares do not fall: give two or more that fall from below 1, such as 0.87 0.74")
    from scipy.optimize import minimize  # noqa: PLC0415  # slow to import, and needed here alone

    lost, left, ages = -np.diff(curve), curve[-1], np.arange(1, len(curve))

    def unlikely(logs: Array) -> float:
        a, b = np.exp(logs)
        leaving = betaln(a + 1, b + ages - 1) - betaln(a, b)
        staying = betaln(a, b + ages[-1]) - betaln(a, b)
        return -float(lost @ leaving + left * staying)

    found = minimize(unlikely, np.zeros(2), method="Nelder-Mead", options={"xatol": 1e-10, "fatol": 1e-14})
    a, b = np.exp(found.x)
    return float(a / (a + b)), float(1 / (a + b))


def survival_of(churn: Array | float, spread: Array | float, ages: int) -> Array:
    """Return the share of a cohort still there at each age from 0 to `ages`, computed by the model's own line.

    The ages come first; the shape of the churn follows.
    """
    shares: list[Array | float] = [np.ones(np.shape(churn))]
    for age in range(1, ages + 1):
        shares.append(survival(age, churn, spread, shares[-1]))
    return np.array(shares)
