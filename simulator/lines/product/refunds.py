"""Refunds on leaving, per plan: the months paid ahead that customers who leave do not use, and get back.

A prepaid period begins on joining and each time `prepaid_months` have passed. Whoever leaves within it, to another plan
or for good, leaves months unused. Where they are refunded, the refund lowers deferred revenue and cash, and those
months never become revenue; without a refund they become revenue all the same.

Months are counted customer by customer: those paid ahead, those that leave with their customers, and those used. The
money deferred goes the same ways. Where fees change, a month paid ahead counts with the mean of those that all invoices
still cover, so what is earned when is then close, and what is refunded, earned and deferred still adds up.
"""

from typing import Any

import numpy as np

from simulator.engine.ages import over_ages, over_cohorts
from simulator.engine.choice import where
from simulator.engine.quantities import Customers, Factor, Money, Share, SteadyShare

PER = "plan"


def unused_age(month, contract_survival, prepaid_months, refund_on_leaving: SteadyShare = 0.0) -> Factor:
    """Months paid ahead and not used at an age of a cohort, per customer it began with; those who have left are out.

    The month that begins at that age counts, unless a new period is due.

    refund_on_leaving: Part of the fees for unused prepaid months that a customer gets back on leaving.
    """
    length = np.ceil(prepaid_months)
    return where(refund_on_leaving > 0, _unused, 0.0, month, length, contract_survival)


def _unused(month: Any, length: Any, survival: Any) -> Any:
    return survival * (length * np.ceil(month / length) - month)


def months_kept(
    past_cohort,
    past_unused_age,
    stay_index,
    opening_kept,
    prepaid_months,
    refund_on_leaving,
) -> Customers:
    """Months paid ahead when the month begins by customers of the plan who stay this month, summed over them."""
    # Periods of customers from before the scenario end evenly, so half a period less half a month lies ahead.
    opened = opening_kept * (np.ceil(prepaid_months) - 1) / 2
    return where(refund_on_leaving > 0, over_cohorts, 0.0, past_cohort, past_unused_age, stay_index, opened)


def months_ahead(months_kept, customers, customers_invoiced, prepaid_months, refund_on_leaving) -> Customers:
    """Months paid ahead by the plan's customers at the end of the month, summed over them."""
    length = np.ceil(prepaid_months)
    return where(refund_on_leaving > 0, _ahead, 0.0, months_kept, customers, customers_invoiced, length)


def _ahead(kept: Any, customers: Any, invoiced: Any, length: Any) -> Any:
    # Whoever has no invoice this month uses a month paid ahead. Rounding may leave a residue below zero.
    return np.maximum(kept - (customers - invoiced) + (length - 1) * invoiced, 0)


def months_staying(
    month, months_kept, prepaid_months, refund_on_leaving, last_months_ahead=0.0, opening_customers=0.0
) -> Share:
    """Share of the months that the plan's customers had paid ahead which belong to those who stay this month.

    opening_months_ahead: State of the model that no scenario needs to give.
    """
    opened = opening_customers * (np.ceil(prepaid_months) - 1) / 2
    return where(refund_on_leaving > 0, _staying, 1.0, month, opened, last_months_ahead, months_kept)


def _staying(month: Any, opened: Any, last: Any, kept: Any) -> Any:
    before = np.where(month == 0, opened, last)
    # In trials, luck that all cohorts share may add to one from which nobody can leave.
    return np.where(before > 0, np.minimum(kept / before, 1), 1)


def unearned(month, prepaid_months) -> Share:
    """Share of an invoice for months to come at the end of the month in which it has an age in months."""
    return np.maximum(1 - (month + 1) / np.ceil(prepaid_months), 0)


def opening_unearned(month, prepaid_months) -> Share:
    """Share of what was deferred before the scenario that is for months to come at the end of the month."""
    # What follows this month in the falling series of `opening_earned`.
    length = np.ceil(prepaid_months) - 1
    rest = np.maximum(length - month, 0)
    return rest * np.maximum(rest - 1, 0) / np.maximum(length * (length + 1), 1)


def paid_ahead(
    past_customers_invoiced,
    past_unearned,
    opening_unearned,
    prepaid_months,
    refund_on_leaving,
    opening_customers=0.0,
) -> Customers:
    """Months to come that customers of the plan have paid, summed over them, whether they are still there or not."""
    length = np.ceil(prepaid_months)
    opened = opening_customers * (length - 1) / 2 * opening_unearned
    return where(refund_on_leaving > 0, _by_invoice, 0.0, past_customers_invoiced, past_unearned, length, opened)


def fees_ahead(
    past_subscription_billings, past_unearned, opening_unearned, refund_on_leaving, deferred_at_start
) -> Money:
    """Recurring fees of the plan that would be deferred at the end of the month if nobody got any back."""
    opened = deferred_at_start * opening_unearned
    return where(refund_on_leaving > 0, _by_invoice, 0.0, past_subscription_billings, past_unearned, 1, opened)


def _by_invoice(past_invoices: Any, past_shares: Any, length: Any, opened: Any) -> Any:
    return over_ages(past_invoices, past_shares) * length + opened


def share_used(
    months_kept,
    customers,
    customers_invoiced,
    paid_for,
    paid_ahead,
    fees_due,
    fees_ahead,
    subscription_billings,
    prepaid_months,
    refund_on_leaving,
) -> Share:
    """Share of the fees paid ahead by customers of the plan who stay that pays for this month.

    Months used over months paid ahead; where the fees of invoices differ, as far as that changes the share for all.
    """
    money = fees_due, fees_ahead, subscription_billings
    months = paid_for, paid_ahead, customers_invoiced
    length = np.ceil(prepaid_months)
    return where(refund_on_leaving > 0, _used, 0.0, months_kept, customers, *money, *months, length)


def _used(
    kept: Any, customers: Any, due: Any, fees: Any, billed: Any, paid: Any, ahead: Any, new: Any, length: Any
) -> Any:
    """Return the share of money that is used, if those who stay differ from all who paid as their months do."""
    money_before, months_before = fees + due - billed, ahead + paid - length * new
    of_money = np.where(money_before > 0, (due - billed / length) / money_before, 0)
    of_months = np.where(months_before > 0, (paid - new) / months_before, 0)
    there = np.where(kept > 0, (customers - new) / kept, of_months)
    apart = np.where(np.logical_and(of_money > 0, of_months > 0), of_money / of_months, 1)
    return np.maximum(np.minimum(there * apart, 1), 0)


def fees_kept_ahead(deferred_before, fees_ahead, fees_due, subscription_billings, refund_on_leaving) -> Money:
    """Recurring fees that the plan's customers had paid ahead when the month began; those who had left are out."""
    owed = deferred_before, fees_ahead, fees_due, subscription_billings
    return where(refund_on_leaving > 0, _kept_ahead, 0.0, *owed, refund_on_leaving)


def _kept_ahead(deferred: Any, ahead: Any, due: Any, billed: Any, refunded: Any) -> Any:
    # What is deferred is that of customers still there, and the part of all others' that is not refunded.
    return np.maximum(deferred - (1 - refunded) * (ahead + due - billed), 0) / refunded


def refunds(fees_kept_ahead, months_staying, refund_on_leaving) -> Money:
    """Recurring fees given back this month to customers of the plan who leave, for prepaid months they do not use."""
    return refund_on_leaving * fees_kept_ahead * (1 - months_staying)
