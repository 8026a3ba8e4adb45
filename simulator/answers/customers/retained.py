"""Retained revenue: what the customers of one month pay a year later, through all plans that they change to.

Customers are followed in groups: those who joined a plan in one month, and those from before the scenario, who renew
evenly over the months of a prepaid period. Those who upgrade are a share of every group, arrive in the new plan as
customers who join it that month, and stay there as the lines let such customers stay. Customers who paid no recurring
revenue at the start are not followed: once they do, they are new business.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from simulator.answers.ledger import Ledger
from simulator.engine.dates import YEAR
from simulator.engine.model import Array
from simulator.errors import Undefined

NOTHING = "There is no recurring revenue at the start of the last year."
# Analysts who count usage revenue as recurring require it to be steady for half a year.
STABLE = 6
# Months, or ages in months, of groups of customers.
Whole = NDArray[np.int64]


@dataclass(frozen=True)
class Retained:
    """Recurring revenue of the customers of one month: then (`start`), and a year later (`end`).

    In `kept` each customer counts with at most what it paid at the start.
    """

    start: float
    end: float
    kept: float


@dataclass(frozen=True)
class Groups:
    """The customers of one plan in groups: `there` counts them and `each` is what one pays, both (groups, months).

    The first groups are those who joined in each month; in months before a group joined, `there` is 0.
    """

    there: Array
    each: Array


@dataclass(frozen=True)
class ClosedCohorts:
    """The customers of a base case, and what they pay; measured usage counts for the plans in `with_usage`."""

    ledger: Ledger
    with_usage: frozenset[str] = frozenset()

    @property
    def plans(self) -> tuple[str, ...]:
        """The plans, in the order of every axis of plans."""
        return self.ledger.names("plan")

    @cached_property
    def groups(self) -> tuple[Groups, ...]:
        """The groups of each plan."""
        return tuple(_groups(self.ledger, plan, plan in self.with_usage) for plan in self.plans)

    @cached_property
    def upgrading(self) -> Array:
        """Share of each plan's customers who upgrade in a month, of shape (months, plans)."""
        upgrades, churned = self._by_plan("upgrades"), self._by_plan("churned_customers")
        before = self._by_plan("customers") + churned - self._by_plan("new_customers")
        return np.divide(upgrades, before, out=np.zeros_like(upgrades), where=before > 0)

    @cached_property
    def chosen(self) -> Array:
        """Share of a month's upgrading customers who choose each plan, of shape (months, plans)."""
        all_of_them = self.ledger.total("upgrades")[:, None]
        arrived = self._by_plan("upgraded_to")
        return np.divide(arrived, all_of_them, out=np.zeros_like(arrived), where=all_of_them > 0)

    def over_year(self, last: int) -> Retained:
        """Return the revenue retained in the year up to a month; raise Undefined without any at its start."""
        if (first := last - YEAR) < 0:
            raise Undefined(NOTHING)
        there = [groups.there[:, first] * (groups.each[:, first] > 0) for groups in self.groups]
        start = sum(float(count @ groups.each[:, first]) for count, groups in zip(there, self.groups, strict=True))
        if start <= 0:
            raise Undefined(NOTHING)
        end = kept = 0.0
        for groups in self.groups:
            before, after = groups.each[:, first], groups.each[:, last]
            staying = groups.there[:, last] * (groups.there[:, first] > 0) * (before > 0)
            end += float(staying @ after)
            kept += float(staying @ np.minimum(before, after))
        if self.upgrading[first + 1 : last + 1].any():
            moved_end, moved_kept = self._moved(first, last)
            end, kept = end + moved_end, kept + moved_kept
        return Retained(start, end, kept)

    def by_month(self) -> tuple[Retained | None, ...]:
        """Return the revenue retained in the year up to each month; None where it is undefined."""
        return tuple(self._defined(month) for month in range(self.ledger.scenario.months))

    def _defined(self, month: int) -> Retained | None:
        try:
            return self.over_year(month)
        except Undefined:
            return None

    def _by_plan(self, name: str) -> Array:
        return np.stack([self.ledger.of_member(name, plan) for plan in self.plans], axis=1)

    def _moved(self, first: int, last: int) -> tuple[float, float]:
        """Return what customers of the first month pay in the last one who have changed plans, and the kept part."""
        before = np.concatenate([groups.each[:, first] for groups in self.groups])
        origin = np.repeat(np.arange(len(self.plans)), [len(groups.each) for groups in self.groups])
        there = np.concatenate([groups.there for groups in self.groups]) * (before > 0)[:, None]
        there[there[:, first] <= 0] = 0
        # Customers who arrived in each month since the first one, by plan and by the group they come from.
        arrived = np.zeros((YEAR, len(self.plans), len(before)))
        for month in range(first + 1, last + 1):
            leaving = there[:, month - 1] * self.upgrading[month][origin]
            for plan, share in enumerate(self.upgrading[month]):
                for place in range(month - first - 1):
                    staying = self._staying[plan][first + 1 + place, month - 1]
                    leaving = leaving + share * staying * arrived[place, plan]
            arrived[month - first - 1] = self.chosen[month][:, None] * leaving
        end = kept = 0.0
        for place in range(YEAR):
            for plan, groups in enumerate(self.groups):
                joined = first + 1 + place
                staying = arrived[place, plan] * self._staying[plan][joined, last]
                after = groups.each[joined, last]
                end += float(staying.sum() * after)
                kept += float(staying @ np.minimum(before, after))
        return end, kept

    @cached_property
    def _staying(self) -> tuple[Array, ...]:
        return tuple(_staying(self.ledger, plan) for plan in self.plans)


def _staying(ledger: Ledger, plan: str) -> Array:
    """Return the share of those who joined in each month (rows) who are in the plan in each month (columns)."""
    ages = _ages(ledger.scenario.months)
    staying, index = ledger.of_member("contract_survival", plan), ledger.of_member("stay_index", plan)
    return np.where(ages >= 0, staying[np.maximum(ages, 0)] * index[None, :] / index[:, None], 0)


def _ages(months: int) -> Whole:
    return np.arange(months)[None, :] - np.arange(months)[:, None]


def _groups(ledger: Ledger, plan: str, with_usage: bool) -> Groups:
    term, ahead = _terms(ledger, plan)
    ages = _ages(ledger.scenario.months)
    joined, there = np.arange(len(ages))[:, None], np.maximum(ages, 0)
    count = ledger.of_member("new_customers", plan)[:, None] * _staying(ledger, plan)
    each = _paid(ledger, plan, joined + there // term * term, joined + there // ahead * ahead, joined)
    count_of_start, each_of_start = _of_start(ledger, plan)
    each = np.concatenate([each, each_of_start])
    if with_usage:
        each = each + _steady_usage(ledger, plan)
    return Groups(np.concatenate([count, count_of_start]), each)


def _of_start(ledger: Ledger, plan: str) -> tuple[Array, Array]:
    """Return customers from before the scenario and what one of them pays, by group (rows) and month (columns).

    A group has the same months in which contracts end and invoices fall due. Periods that fit into the contract end
    with it; others are spread evenly over all customers. Until the first invoice, they pay for the seats of the start.
    """
    term, ahead = _terms(ledger, plan)
    ends, due = np.divmod(np.arange(term * ahead)[:, None], ahead)
    if term % ahead == 0:
        ends = np.arange(term)[:, None]
        due = ends % ahead
    month = np.arange(ledger.scenario.months)
    signed, invoiced = month - (month - ends) % term, month - (month - due) % ahead
    staying = np.where(signed >= 0, ledger.of_member("opening_staying", plan)[np.maximum(signed, 0)], 1)
    opening = ledger.assumed("opening_customers", plan)[0] / len(ends)
    there = opening * staying * ledger.of_member("stay_index", plan)
    return there, _paid(ledger, plan, np.maximum(signed, 0), np.maximum(invoiced, 0))


def _paid(ledger: Ledger, plan: str, signed: Whole, invoiced: Whole, joined: Whole | int = 0) -> Array:
    """Return the recurring revenue of a customer who joined, signed and was last invoiced in these months.

    Fees are those of the month in which the contract was signed, seats those on the last invoice.
    """
    fees = ledger.of_member("fee", plan) + ledger.assumed("commitment", plan)
    grown = (1 + ledger.assumed("seat_growth", plan)[0]) ** (invoiced - joined)
    seats = ledger.assumed("seats_per_customer", plan)[invoiced] * grown
    stated = fees[signed] + ledger.of_member("seat_fee", plan)[signed] * seats
    return np.asarray(stated * ledger.of_member("net_level", plan))


def _terms(ledger: Ledger, plan: str) -> tuple[int, int]:
    """Return the whole months of a contract and of a prepaid period."""
    term, ahead = (int(np.ceil(ledger.assumed(name, plan)[0])) for name in ("contract_months", "prepaid_months"))
    return term, ahead


def _steady_usage(ledger: Ledger, plan: str) -> Array:
    """Return the usage revenue of a mean customer of the plan by month, each a mean of the last six months."""
    usage, customers = (ledger.of_member(name, plan) for name in ("usage_revenue", "customers"))
    each = np.divide(usage, customers, out=np.zeros_like(usage), where=customers > 0)
    sums, months = np.concatenate([[0.0], np.cumsum(each)]), np.arange(1, len(each) + 1)
    return np.asarray((sums[months] - sums[np.maximum(months - STABLE, 0)]) / np.minimum(months, STABLE))
