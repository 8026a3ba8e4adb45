"""Billing by plan: what is invoiced, what of it is revenue, what customers owe, and recurring revenue."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np

from benchmarks.by_hand.parts import DAYS_PER_MONTH, aged, total


def month_of(
    now: SimpleNamespace, last: SimpleNamespace, past: SimpleNamespace, age: SimpleNamespace, month: int
) -> None:
    """A month of invoices, revenue and what is still owed."""
    _subscriptions(now, last, past, age, month)
    _sales(now, last)
    _owed(now, last)
    _recurring(now, last, month)


def _subscriptions(
    now: SimpleNamespace, last: SimpleNamespace, past: SimpleNamespace, age: SimpleNamespace, month: int
) -> None:
    prepaid = np.ceil(now.prepaid_months)
    of_start = now.opening_customers * age.contract_survival[..., month] / prepaid
    customers_invoiced = now.stay_index * (aged(past.cohort, age.invoice_age, month) + of_start)
    seats_of_start = now.opening_customers * age.seat_survival[..., month] / prepaid
    seats_due = aged(past.cohort, age.seat_invoice_age, month) + seats_of_start
    seats_invoiced = now.stay_index * seats_due * now.seats_per_customer
    signing = prepaid >= np.ceil(now.contract_months)
    by_customer = customers_invoiced * np.where(signing, now.fee, now.signed_fee)
    by_seat = seats_invoiced * np.where(signing, now.seat_fee, now.signed_seat_fee)
    now.subscription_billings = (by_customer + by_seat) * prepaid * (1 - now.refund_share)
    past.subscription_billings[..., month] = now.subscription_billings
    earned = aged(past.subscription_billings, age.recognition, month)
    now.subscription_revenue = earned + now.opening_deferred_revenue * age.opening_earned[..., month]
    now.deferred_revenue = last.deferred_revenue + now.subscription_billings - now.subscription_revenue


def _sales(now: SimpleNamespace, last: SimpleNamespace) -> None:
    overage_revenue = now.customers * now.overage_per_customer * now.overage_price * now.signed_level
    metered_revenue = now.customers * now.metered_fee
    credit_sales = now.customers * now.credits_per_customer * now.price_level
    credit_revenue = (last.credit_balance + credit_sales) * now.credit_use
    _credit_breakage = credit_revenue * now.breakage
    now.credit_balance = last.credit_balance + credit_sales - credit_revenue
    service_revenue = now.new_customers * now.setup_fee + now.customers * (now.service_fee + now.tuning_fee)
    now.service_cost = service_revenue * now.service_cost_share
    by_use = overage_revenue + metered_revenue + service_revenue
    now.billings = now.subscription_billings + by_use + credit_sales
    now.plan_revenue = now.subscription_revenue + by_use + credit_revenue


def _owed(now: SimpleNamespace, last: SimpleNamespace) -> None:
    now.payment_fees = now.billings * now.payment_fee
    now.royalty = now.plan_revenue * now.royalty_share
    now.bad_debt = now.billings * now.bad_debt_share
    owed = last.receivables + now.billings - now.bad_debt
    now.receivables = owed * now.days_to_pay / (now.days_to_pay + DAYS_PER_MONTH)
    _collections = owed - now.receivables
    now.receivables_change = last.receivables - now.receivables
    deferred_change = now.deferred_revenue - last.deferred_revenue + now.credit_balance - last.credit_balance
    now.owed_by_and_to_customers = total(now.receivables_change + deferred_change)
    now.paid_ahead = total(now.deferred_revenue + now.credit_balance)


def _recurring(now: SimpleNamespace, last: SimpleNamespace, month: int) -> None:
    recurring_fee = now.fee + now.seat_fee * now.seats_per_customer + now.commitment
    now.commission = now.deals_for_plan * recurring_fee * 12 * now.commission_share
    now.mrr = now.customers * (now.signed_fee + now.signed_commitment) + now.seats * now.signed_seat_fee
    mrr_before = last.mrr if month else now.opening_mrr + now.opening_customers * recurring_fee
    new_mrr = now.new_customers * recurring_fee
    there = now.customers + now.churned_customers - now.new_customers
    churned_mrr = np.where(there > 0, mrr_before * now.churned_customers / there, 0)
    changed_mrr = now.mrr - mrr_before - new_mrr + churned_mrr
    _expansion_mrr = np.maximum(changed_mrr, 0)
    _contraction_mrr = np.maximum(-changed_mrr, 0)
