"""The income statement, tax, cash and the balance sheet."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np

from benchmarks.by_hand import funding
from benchmarks.by_hand.parts import DAYS_PER_MONTH, total


def month_of(now: SimpleNamespace, last: SimpleNamespace, month: int) -> None:
    """A month of the statements."""
    _income(now)
    _before_tax(now, last)
    _tax(now, last, month)
    _cash(now, last, month)
    _balance(now, last)


def _income(now: SimpleNamespace) -> None:
    now.revenue = total(now.plan_revenue)
    serving = total(now.idle_serving) + now.direct_by_plan + now.credits_for_customers
    now.cost_of_revenue = serving + now.support_payroll + now.amortisation
    gross_profit = now.revenue - now.cost_of_revenue
    winning = total(now.commission) + total(now.marketing_spend) + now.credits_for_free_plans
    sales_and_marketing = winning + now.free_inference + now.free_care + now.selling_payroll
    programs = now.programs_in_research + total(now.optimisation_cost) + now.credits_for_training
    now.research_and_development = programs + now.research_payroll
    now.bad_debts = total(now.bad_debt)
    dated = total(now.event_cost) + total(now.loan_fee) + now.overheads
    general_and_administrative = now.bad_debts + now.office_and_tools + dated + now.people_in_general
    operating_expenses = sales_and_marketing + now.research_and_development + general_and_administrative
    now.costs = now.cost_of_revenue + operating_expenses
    grant_income, gain = now.grants, total(now.disposal_gain)
    other_operating_income = grant_income + gain
    now.operating_income = gross_profit - operating_expenses + other_operating_income
    now.depreciation = total(now.device_depreciation)
    now.noncash_cost = now.depreciation + now.stock_compensation + now.amortisation
    _ebitda = now.operating_income + now.noncash_cost
    _company_value = now.revenue * 12 * now.revenue_multiple


def _before_tax(now: SimpleNamespace, last: SimpleNamespace) -> None:
    interest_income = np.maximum(last.cash, 0) * now.interest_on_cash / 12
    interest_expense = total(now.loan_interest)
    now.pretax_income = now.operating_income + interest_income - interest_expense


def _tax(now: SimpleNamespace, last: SimpleNamespace, month: int) -> None:
    new_year = month % 12 == 0
    by_books = now.depreciation - total(now.depreciation_of_start) + total(now.devices_disposed)
    taxable_income = now.pretax_income + by_books - now.tax_depreciation
    now.income_of_year = taxable_income if new_year else last.income_of_year + taxable_income
    now.losses_at_new_year = last.tax_losses if new_year else last.losses_at_new_year
    profit = np.maximum(now.income_of_year, 0)
    losses_used = np.minimum(now.losses_at_new_year, profit * now.loss_limit)
    now.tax_losses = now.losses_at_new_year - losses_used + np.maximum(-now.income_of_year, 0)
    tax_before_credit = (profit - losses_used) * now.tax_rate
    research = np.maximum(now.research_and_development, 0)
    now.research_of_year = research if new_year else last.research_of_year + research
    now.credit_at_new_year = last.research_credit if new_year else last.credit_at_new_year
    credit = now.credit_at_new_year + now.research_of_year * now.research_credit_rate
    credit_used = np.minimum(credit, tax_before_credit)
    now.research_credit = credit - credit_used
    now.tax_of_year = tax_before_credit - credit_used
    tax = now.tax_of_year if new_year else now.tax_of_year - last.tax_of_year
    owed = last.tax_payable + tax
    tax_due = owed if (month + 1) % 3 == 0 else 0
    now.tax_payable = owed - tax_due
    now.tax_change = now.tax_payable - last.tax_payable
    now.net_income = now.pretax_income - tax


def _cash(now: SimpleNamespace, last: SimpleNamespace, month: int) -> None:
    no_invoice = now.payroll + now.noncash_cost + now.bad_debts + total(now.payment_fees)
    purchases = now.costs - no_invoice
    now.payables = (last.payables + purchases) * now.days_payable / (now.days_payable + DAYS_PER_MONTH)
    payables_change = now.payables - last.payables
    disposal_gain_removed = -now.disposal_gain
    adjustment = payables_change + now.owed_by_and_to_customers + total(disposal_gain_removed) + now.tax_change
    operating_cash_flow = now.net_income + now.noncash_cost + adjustment
    capex_paid, development_paid = -now.capital_expenditure, -now.capitalised
    investing_cash_flow = capex_paid + total(now.disposal_proceeds) + development_paid
    from_investors = funding.rounds(now, last, month)
    now.dividends_paid = -now.dividends
    financing_cash_flow = now.dividends_paid + from_investors + now.from_lenders
    cash_flow = operating_cash_flow + investing_cash_flow + financing_cash_flow
    now.cash = last.cash + cash_flow


def _balance(now: SimpleNamespace, last: SimpleNamespace) -> None:
    now.assets = now.cash + total(now.receivables) + total(now.equipment) + total(now.model_assets)
    owed = now.payables + now.paid_ahead + total(now.debt) + total(now.safe_balance)
    _liabilities = owed + now.tax_payable
    capital = now.round_capital + now.stock_granted + total(now.safe_converted)
    now.paid_in_capital = last.paid_in_capital + capital
    now.retained_earnings = last.retained_earnings + now.net_income + now.dividends_paid
    now.equity = now.net_assets_at_start + now.paid_in_capital + now.retained_earnings
