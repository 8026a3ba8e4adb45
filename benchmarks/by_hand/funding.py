"""Loans by their dates, and rounds and SAFEs as cash and dates have it."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np

from benchmarks.by_hand.parts import Array, total


def known(given: SimpleNamespace) -> dict[str, Array]:
    """What the plan began with, and terms that count only when shares are divided."""
    _valuation_before, _option_pool_after, _paid_before = given.pre_money, given.options_after, given.seniority
    _participation, _preference = given.participating, given.amount * given.preference_multiple
    _converts_at, _converts_below = given.valuation_cap, given.conversion_discount
    _capped_after_money, _shares_at_start, _options_set_aside = given.post_money, given.shares, given.set_aside
    _warrant_value = given.principal * given.warrant_coverage
    receivables_at_start, equipment_at_start = given.opening_receivables, given.opening_equipment
    models_at_start, service_owed_at_start = given.opening_model_assets, given.opening_deferred_revenue
    service_owed_at_start = service_owed_at_start + given.opening_credit_balance
    debt_at_start, safes_at_start = given.opening_debt, given.opening_safe_balance
    owned = _sum(receivables_at_start) + _sum(equipment_at_start) + _sum(models_at_start)
    promised = _sum(service_owed_at_start) + _sum(safes_at_start) + _sum(debt_at_start)
    owed_at_start = given.opening_payables + given.opening_tax_payable + promised
    said = given.opening_paid_in_capital + given.opening_retained_earnings
    return {"net_assets_at_start": given.opening_cash + owned - owed_at_start - said}


def _sum(values: Array) -> Array:
    """Over the members, where months stand before them."""
    return np.asarray(values.sum(axis=1, keepdims=True))


def loans(now: SimpleNamespace, last: SimpleNamespace, month: int) -> None:
    """A month of every loan."""
    drawn, term = np.ceil(now.drawn_month), np.ceil(now.months)
    now.loan_drawn = np.where(month == drawn, now.principal, 0)
    now.loan_fee = now.loan_drawn * now.arrangement_fee
    now.loan_interest = last.debt * now.interest_rate / 12
    since = month - drawn
    left = term - since + 1
    rate, payments = now.interest_rate / 12, np.maximum(left, 1)
    growth = (1 + rate) ** payments - 1
    part = np.where(growth > 0, rate / growth, 1 / payments)
    due = np.where(left <= 1, last.debt, last.debt * part)
    now.repaid = np.where(since > np.minimum(np.ceil(now.interest_only), term - 1), due, 0)
    now.debt = last.debt + now.loan_drawn - now.repaid
    repayment = -now.repaid
    now.from_lenders = total(now.loan_drawn + repayment)


def rounds(now: SimpleNamespace, last: SimpleNamespace, month: int) -> Array:
    """A month of rounds and SAFEs: the cash that they bring."""
    low = (now.cash_trigger > 0) & (last.cash < now.cash_trigger)
    early = low & (month >= np.ceil(now.not_before))
    due = np.where((month >= np.ceil(now.close_month)) | early, now.succeeds, 0)
    now.closed = np.maximum(due, last.closed)
    money_raised = (now.closed - last.closed) * now.amount * now.funding_index
    equity_raised = money_raised * (1 - now.closing_cost)
    now.round_capital = total(equity_raised)
    now.rounds_closing = total(money_raised)
    safe_raised = np.where(month == np.ceil(now.signed_month), now.investment, 0)
    now.safe_converted = np.where(now.rounds_closing > 0, last.safe_balance + safe_raised, 0)
    now.safe_balance = last.safe_balance + safe_raised - now.safe_converted
    return now.round_capital + total(safe_raised)
