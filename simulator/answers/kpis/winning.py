"""Winning customers: what it costs in one window of twelve months, and what those customers bring, by plan.

Spending and new customers are those of the same months, except that sellers' pay counts from one sales cycle earlier,
when the deals of the window were started. Sellers' pay and commissions belong to deals; all other sales and marketing
(channels, free plans, marketers) to customers who sign up.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np

from simulator.answers.customers.cohorts import HORIZON, staying_by_age
from simulator.answers.customers.lifetime import lifetimes, paid_by_age
from simulator.answers.ledger import Ledger, Ledgers
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

    def value_without_horizon(self) -> float:
        """Return the gross profit of a new customer over its whole life; raise Undefined if its mean is infinite."""
        if not np.isfinite(value := self.of().lifelong()):
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
    (found,) = winnings(ledger.beside)
    if isinstance(found, Undefined):
        raise found
    return found


def winnings(ledgers: Ledgers) -> list[Winning | Undefined]:
    """Return the customers won in each base case, or why none are."""
    shape = (ledgers.scenario.months, ledgers.columns)
    spent, new = (
        np.broadcast_to(sum(parts, np.zeros(1)), shape) for parts in (_costs(ledgers), paying_new(ledgers).values())
    )
    windows = [_window(*one) for one in zip(spent.T, new.T, strict=True)]
    found = dict[int, Winning | Undefined]()
    for window in dict.fromkeys(windows):
        places = [place for place, one in enumerate(windows) if one == window]
        if isinstance(window, str):
            found |= {place: Undefined(window) for place in places}
            continue
        alike = ledgers if len(places) == ledgers.columns else ledgers.of_columns(places)
        found |= zip(places, _won_in(alike, *window), strict=True)
    return [found[place] for place in range(ledgers.columns)]


def _won_in(ledgers: Ledgers, start: int, stop: int) -> Iterator[Winning]:
    """Yield the customers won in one window of months in each base case."""
    months, won = slice(start, stop), paying_new(ledgers)
    deals = {plan: np.minimum(_deals(ledgers, plan), won[plan])[months].sum(axis=0) for plan in won}
    signed = {plan: won[plan][months].sum(axis=0) - deals[plan] for plan in won}
    sellers, others = (cost[months].sum(axis=0) for cost in _costs(ledgers))
    of_sellers, of_others = _parts(deals, signed), _parts(signed, deals)
    shared, plans = _shared_cost(ledgers, months), {}
    for plan in won:
        earned, lifelong = _earned(ledgers, plan, months, shared)
        spent = sellers * of_sellers[plan] + others * of_others[plan]
        amounts = (np.broadcast_to(one, ledgers.columns).tolist() for one in (deals[plan] + signed[plan], spent))
        plans[plan] = (*amounts, np.broadcast_to(earned, (HORIZON, ledgers.columns)), lifelong)
    for place in range(ledgers.columns):
        cohorts = {
            plan: Cohort(new[place], spent[place], earned[:, place], partial(lifelong, place))
            for plan, (new, spent, earned, lifelong) in plans.items()
        }
        yield Winning(start, stop, cohorts)


def paying_new(ledger: Ledger) -> dict[str, Array]:
    """Return the new paying customers of each plan by month; one who changes from another paid plan is not new.

    Each has shape (months,), or that and columns for several base cases.
    """
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
    share = _over(leaving, all_of_them)
    return {plan: share * ledger.of_member("upgraded_to", plan) * paid for plan, paid in paying.items()}


def _over(amounts: Array, counts: Array) -> Array:
    """Return amounts over counts, 0 where there is nothing to count."""
    amounts, counts = np.broadcast_arrays(amounts, counts)
    return np.divide(amounts, counts, out=np.zeros(amounts.shape), where=counts > 0)


def _deals(ledgers: Ledgers, plan: str) -> Array:
    """Return the deals won for a plan by month, 0 while it is free."""
    return np.asarray(ledgers.of_member("deals_for_plan", plan) * (1 - ledgers.of_member("free", plan)))


def _costs(ledgers: Ledgers) -> tuple[Array, Array]:
    """Return the cost of sellers, and all other sales and marketing, by the month whose new customers they win.

    Sellers' pay is NaN in the first months, whose deals were started before the scenario.
    """
    paid, months = np.zeros((1, 1)), np.arange(ledgers.scenario.months)[:, None]
    for role in ledgers.names("role"):
        sells = ledgers.assumed("quota", role).max(axis=0) > 0
        paid = paid + np.where(sells, ledgers.of_member("selling_payroll", role), 0)
    commission = ledgers.total("commission")
    others = ledgers.total("sales_and_marketing") - paid - commission
    # A deal ends the whole months of a sales cycle after it began.
    lag = np.where(paid.any(axis=0), np.ceil(ledgers.assumed("sales_cycle")[0]).astype(int), 0)
    paid, paid_in = np.broadcast_arrays(paid, months - lag)
    paid = np.where(paid_in >= 0, np.take_along_axis(paid, np.maximum(paid_in, 0), axis=0), np.nan)
    # Rounding may leave a residue below zero.
    return paid + commission, np.where(np.abs(others) > 1e-6, others, 0.0)


def _window(spent: Array, new: Array) -> tuple[int, int] | str:
    """Return the last window of twelve months, or of all there are, with spending and new customers, or why none is.

    Both are above zero in each month of it, or else in sum: spending that has stopped still tells what customers cost.
    """
    known = np.flatnonzero(np.isfinite(spent))
    if not new.any():
        return NOBODY
    if not len(known):
        return "The projection is shorter than a sales cycle."
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
    return next(((start, stop) for start, stop in places if new[start:stop].sum() > 0), NOBODY)


def _parts(first: Mapping[str, Array], second: Mapping[str, Array]) -> dict[str, Array]:
    """Return each plan's share of the first kind of new customers; of the second if there are none of the first."""
    total = np.asarray(sum(first.values()))
    counted = {plan: np.where(total > 0, count, second[plan]) for plan, count in first.items()}
    return {plan: _over(count, np.asarray(sum(counted.values()))) for plan, count in counted.items()}


def _paid_sum(ledgers: Ledgers, name: str, plan: str, months: slice) -> Array:
    """Return a line of a plan, summed over the months in which the plan charges."""
    return np.asarray((ledgers.of_member(name, plan) * (1 - ledgers.of_member("free", plan)))[months].sum(axis=0))


def _shared_cost(ledgers: Ledgers, months: slice) -> Array:
    """Return the cost of revenue that belongs to no plan, such as support, per unit of revenue."""
    plans = ledgers.names("plan")
    revenue, margin = (
        np.asarray(sum(_paid_sum(ledgers, name, plan, months) for plan in plans))
        for name in ("plan_revenue", "plan_margin")
    )
    return _over(margin - ledgers.total("gross_profit")[months].sum(axis=0), revenue)


def _cost_of_set_up(ledgers: Ledgers, plan: str) -> Array:
    """Return by month what setting a customer up costs, payment fees and royalties included, per unit of its fee."""
    names = ("service_cost_share", "payment_fee", "vat_rate", "royalty_share")
    work, paid, vat, royalty = (ledgers.assumed(name, plan) for name in names)
    return np.asarray(work + paid * (1 + vat) + royalty)


def _earned(ledgers: Ledgers, plan: str, months: slice, shared: Array) -> tuple[Array, Callable[[int], float]]:
    """Return the gross profit of a new customer by the end of each of its first months, and over its whole life.

    The former has shape (HORIZON, columns or 1), the latter is asked for one column. `shared` is the cost of revenue
    that belongs to no plan, per unit of revenue.
    """
    customers, revenue, margin, new, fees = (
        _paid_sum(ledgers, name, plan, months)
        for name in ("customers", "plan_revenue", "plan_margin", "new_customers", "subscription_revenue")
    )
    joined = ledgers.of_member("new_customers", plan) * ledgers.of_member("net_level", plan)
    once, cost = (joined * ledgers.assumed("setup_fee", plan))[months], _cost_of_set_up(ledgers, plan)[months]
    # A fee for setting a customer up comes once, everything else month by month.
    set_up = once.sum(axis=0) * (1 - cost[0] - shared) - (once * (cost - cost[0])).sum(axis=0)
    # Fees come from those who have paid for a month, and the rest from those who are there.
    by_payer = _over(fees, ledgers.of_member("paid_customers", plan)[months].sum(axis=0))
    by_customer, at_first = _over(margin - shared * revenue - set_up - fees, customers), _over(set_up, new)
    staying = staying_by_age(ledgers, plan, months)
    by_age = by_payer * paid_by_age(ledgers, plan, staying) + by_customer * staying
    is_won = (customers > 0) & (new > 0)

    def lifelong(place: int) -> float:
        first, payer, customer, any_won = (
            np.broadcast_to(one, ledgers.columns)[place].item() for one in (at_first, by_payer, by_customer, is_won)
        )
        stays, pays = lifetimes(ledgers.of_columns([place]), plan, months)
        return first + payer * pays + customer * stays if any_won else 0.0

    return np.where(is_won, at_first + np.cumsum(by_age, axis=0), 0.0), lifelong
