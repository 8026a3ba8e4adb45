"""Winning customers: what it costs in one window of twelve months, and what those customers bring, by plan.

Spending and new customers are those of the same months, except that sellers' pay counts from one sales cycle earlier,
when the deals of the window were started. Sellers' pay and commissions belong to deals; all other sales and marketing
(channels, free plans, marketers) to customers who sign up.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from simulator.answers.customers.cohorts import HORIZON, staying_by_age
from simulator.answers.customers.lifetime import lifetimes, paid_by_age
from simulator.answers.ledger import Ledger
from simulator.engine.dates import YEAR
from simulator.engine.model import Array
from simulator.errors import Undefined

NOBODY = "No paying customers are won."
ENDLESS = "So few customers ever leave that the mean lifetime is infinite: use the value with a horizon."
# A payback to the month is one even where rounding, or a channel barely saturated, makes the cost a millionth dearer.
NEARLY = 1 - 1e-6


@dataclass(frozen=True)
class Cohort:
    """Customers won in the window: how many, what winning them cost, and what one of them brings.

    `earned` is the gross profit of a new customer so far, after those who left, at the end of each of its first months;
    of shape (HORIZON,). `lifelong` returns that of its whole life, infinite or NaN if its mean life is infinite; it
    takes longer than all the rest, and few ask for it.
    """

    new: float
    spent: float
    earned: Array
    lifelong: Callable[[], float]


@dataclass(frozen=True)
class Winning:
    """New customers by plan, in the window of months from `start` to before `stop`."""

    start: int
    stop: int
    plans: Mapping[str, Cohort]

    def of(self, plan: str | None = None) -> Cohort:
        """Return the customers of one plan, by default of all plans together; raise Undefined without any."""
        chosen = list(self.plans.values()) if plan is None else [self.plans[plan]]
        new = sum(one.new for one in chosen)
        if new <= 0:
            raise Undefined(NOBODY)
        earned = sum((one.new * one.earned for one in chosen), start=np.zeros(HORIZON)) / new
        return Cohort(
            new,
            sum(one.spent for one in chosen),
            earned,
            lambda: sum(one.new * one.lifelong() for one in chosen if one.new > 0) / new,
        )

    def cost(self, plan: str | None = None) -> float:
        """Return what winning a customer costs (CAC)."""
        cohort = self.of(plan)
        return cohort.spent / cohort.new

    def value(self, plan: str | None = None) -> float:
        """Return the gross profit of a new customer over the horizon (LTV)."""
        return float(self.of(plan).earned[-1])

    def value_without_horizon(self, plan: str | None = None) -> float:
        """Return the gross profit of a new customer over its whole life; raise Undefined if its mean is infinite."""
        if not np.isfinite(value := self.of(plan).lifelong()):
            raise Undefined(ENDLESS)
        return value

    def ratio(self, plan: str | None = None) -> float:
        """Return LTV over CAC; raise Undefined if winning customers costs nothing."""
        if (cost := self.cost(plan)) <= 0:
            raise Undefined("Winning customers costs nothing.")
        return self.value(plan) / cost

    def payback(self, plan: str | None = None) -> float:
        """Return the first month, counted from 1, by whose end a customer has brought what it cost to win."""
        cost = self.cost(plan)
        if cost <= 0:
            raise Undefined("Winning customers costs nothing.")
        covered = np.flatnonzero(self.of(plan).earned >= cost * NEARLY)
        if not len(covered):
            raise Undefined("A new customer does not pay back its acquisition cost within 36 months.")
        return float(covered[0] + 1)


def winning(ledger: Ledger) -> Winning:
    """Return the customers won in the last window with spending and new customers; raise Undefined without any."""
    won = paying_new(ledger)
    costs = _costs(ledger)
    nothing = np.zeros(ledger.scenario.months)
    start, stop = _window(sum(costs, nothing), sum(won.values(), nothing))
    months = slice(start, stop)
    deals = {plan: float(np.minimum(_deals(ledger, plan), won[plan])[months].sum()) for plan in won}
    signed = {plan: float(won[plan][months].sum()) - deals[plan] for plan in won}
    sellers, others = (float(cost[months].sum()) for cost in costs)
    of_sellers, of_others = _parts(deals, signed), _parts(signed, deals)
    plans, shared = {}, _shared_cost(ledger, months)
    for plan in won:
        spent = sellers * of_sellers[plan] + others * of_others[plan]
        plans[plan] = Cohort(deals[plan] + signed[plan], spent, *_earned(ledger, plan, months, shared))
    return Winning(start, stop, plans)


def paying_new(ledger: Ledger) -> dict[str, Array]:
    """Return the new paying customers of each plan by month; one who changes from another paid plan is not new."""
    moved = upgrades_between_paying(ledger)

    def won(plan: str) -> Array:
        # Free plans are part of the funnel: their users count once they pay.
        joined = ledger.of_member("new_customers", plan) - moved[plan]
        return np.asarray(np.maximum(joined * (1 - ledger.of_member("free", plan)), 0))

    return {plan: won(plan) for plan in ledger.names("plan")}


def upgrades_between_paying(ledger: Ledger) -> dict[str, Array]:
    """Return the customers whom each paid plan gains from other paid plans, by month."""
    paying = {plan: 1 - ledger.of_member("free", plan) for plan in ledger.names("plan")}
    all_of_them = ledger.total("upgrades")
    leaving = sum((ledger.of_member("upgrades", plan) * paid for plan, paid in paying.items()), np.zeros(1))
    share = np.divide(leaving, all_of_them, out=np.zeros_like(all_of_them), where=all_of_them > 0)
    return {plan: share * ledger.of_member("upgraded_to", plan) * paid for plan, paid in paying.items()}


def _deals(ledger: Ledger, plan: str) -> Array:
    """Return the deals won for a plan by month, 0 while it is free."""
    return np.asarray(ledger.of_member("deals_for_plan", plan) * (1 - ledger.of_member("free", plan)))


def _lag(ledger: Ledger) -> int:
    """Return the whole months from a deal's start to its end."""
    return int(np.ceil(ledger.assumed("sales_cycle")[0]))


def _costs(ledger: Ledger) -> tuple[Array, Array]:
    """Return the cost of sellers, and all other sales and marketing, by the month whose new customers they win.

    Sellers' pay is NaN in the first months, whose deals were started before the scenario.
    """
    paid = np.zeros(ledger.scenario.months)
    for role in ledger.names("role"):
        if ledger.assumed("quota", role).max() > 0:
            paid = paid + ledger.of_member("selling_payroll", role)
    commission = ledger.total("commission")
    others = ledger.total("sales_and_marketing") - paid - commission
    if lag := min(_lag(ledger), len(paid)) if paid.any() else 0:
        paid = np.concatenate([np.full(lag, np.nan), paid[:-lag]])
    # Rounding may leave a residue below zero.
    return paid + commission, np.where(np.abs(others) > 1e-6, others, 0.0)


def _window(spent: Array, new: Array) -> tuple[int, int]:
    """Return the last window of twelve months, or of all there are, with spending and new customers; raise Undefined.

    Both are above zero in each month of it, or else in sum: spending that has stopped still tells what customers cost.
    """
    known = np.flatnonzero(np.isfinite(spent))
    if not new.any():
        raise Undefined(NOBODY)
    if not len(known):
        raise Undefined("The projection is shorter than a sales cycle.")
    first, months = int(known[0]), len(spent)
    length = min(YEAR, months - first)
    places = [(stop - length, stop) for stop in range(months, first + length - 1, -1)]
    both = np.logical_and(np.nan_to_num(spent) > 0, new > 0)
    for start, stop in places:
        if both[start:stop].all():
            return start, stop
    for start, stop in places:
        if spent[start:stop].sum() > 0 and new[start:stop].sum() > 0:
            return start, stop
    found = next(((start, stop) for start, stop in places if new[start:stop].sum() > 0), None)
    if found is None:
        raise Undefined(NOBODY)
    return found


def _parts(first: Mapping[str, float], second: Mapping[str, float]) -> dict[str, float]:
    """Return each plan's share of the first kind of new customers; of the second if there are none of the first."""
    counted = first if sum(first.values()) > 0 else second
    return {plan: count / sum(counted.values()) for plan, count in counted.items()}


def _paid_sum(ledger: Ledger, name: str, plan: str, months: slice) -> float:
    """Return a line of a plan, summed over the months in which the plan charges."""
    return float((ledger.of_member(name, plan) * (1 - ledger.of_member("free", plan)))[months].sum())


def _shared_cost(ledger: Ledger, months: slice) -> float:
    """Return the cost of revenue that belongs to no plan, such as support, per unit of revenue."""
    plans = ledger.names("plan")
    revenue, margin = (
        sum(_paid_sum(ledger, name, plan, months) for plan in plans) for name in ("plan_revenue", "plan_margin")
    )
    return (margin - float(ledger.total("gross_profit")[months].sum())) / revenue if revenue > 0 else 0.0


def _cost_of_set_up(ledger: Ledger, plan: str) -> float:
    """Return what setting a customer up costs, payment fees and royalties included, per unit of its fee."""
    work, paid, vat, royalty = (
        float(ledger.assumed(name, plan)[0])
        for name in ("service_cost_share", "payment_fee", "vat_rate", "royalty_share")
    )
    return work + paid * (1 + vat) + royalty


def _earned(ledger: Ledger, plan: str, months: slice, shared: float) -> tuple[Array, Callable[[], float]]:
    """Return the gross profit of a new customer by the end of each of its first months, and over its whole life.

    `shared` is the cost of revenue that belongs to no plan, per unit of revenue.
    """
    customers, revenue, margin, new, fees = (
        _paid_sum(ledger, name, plan, months)
        for name in ("customers", "plan_revenue", "plan_margin", "new_customers", "subscription_revenue")
    )
    if customers <= 0 or new <= 0:
        return np.zeros(HORIZON), float
    joined = ledger.of_member("new_customers", plan) * ledger.of_member("net_level", plan)
    once = float((joined * ledger.assumed("setup_fee", plan))[months].sum())
    # A fee for setting a customer up comes once, everything else month by month.
    set_up = once * (1 - _cost_of_set_up(ledger, plan) - shared)
    # Fees come from those who have paid for a month, and the rest from those who are there.
    paid = float(ledger.of_member("paid_customers", plan)[months].sum())
    by_payer, by_customer = fees / paid, (margin - shared * revenue - set_up - fees) / customers
    staying = staying_by_age(ledger, plan, months)
    by_age = by_payer * paid_by_age(ledger, plan, staying) + by_customer * staying

    def lifelong() -> float:
        stays, pays = lifetimes(ledger, plan, months)
        return set_up / new + by_payer * pays + by_customer * stays

    return np.asarray(set_up / new + np.cumsum(by_age)), lifelong
