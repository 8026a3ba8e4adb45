"""Checks: rules that hold in every month, written in the language of lines as differences that are zero.

Each rule computes its subject from the other side of the books, so a workbook in which somebody overwrites a formula
shows at once where it no longer holds together.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import numpy as np

from simulator.answers.kpis.registry import measures
from simulator.answers.ledger import Ledger
from simulator.engine.model import OPENING, Array, Model, Read, line_of
from simulator.engine.units import Quantity, Unit
from simulator.lines import KINDS

PREFIX = "check_"
# Half a cent, or as much of another unit: differences below it are rounding.
TOLERANCE = 0.005


def balance_sheet(assets, liabilities, equity):
    """Assets less liabilities and equity."""
    return assets - liabilities - equity


def cash(cash, last_cash, operating_cash_flow, investing_cash_flow, financing_cash_flow):
    """Cash less that of last month and the cash flows from operations, investing and financing."""
    return cash - last_cash - operating_cash_flow - investing_cash_flow - financing_cash_flow


def retained_earnings(retained_earnings, last_retained_earnings, net_income, total_dividends_paid):
    """Retained earnings less those of last month and net income, after dividends."""
    return retained_earnings - last_retained_earnings - net_income - total_dividends_paid


def net_income(net_income, revenue, costs, other_operating_income, interest_income, interest_expense, tax):
    """Net income less revenue and other income, plus costs, interest and tax."""
    return net_income - revenue + costs - other_operating_income - interest_income + interest_expense + tax


def revenue(revenue, total_plan_revenue):
    """Revenue less that of all plans."""
    return revenue - total_plan_revenue


def receivables(
    total_receivables, last_total_receivables, total_billings, total_vat_charged, total_bad_debt, total_collections
):
    """Receivables less those of last month and what is billed with VAT, plus bad debt and collections."""
    return (
        total_receivables
        - last_total_receivables
        - total_billings
        - total_vat_charged
        + total_bad_debt
        + total_collections
    )


def debt(total_debt, last_total_debt, total_loan_drawn, total_repaid):
    """Debt less that of last month and loans drawn, plus repayments."""
    return total_debt - last_total_debt - total_loan_drawn + total_repaid


def tax_payable(tax_payable, last_tax_payable, tax, tax_due):
    """Tax payable less that of last month and the tax booked, plus the tax paid."""
    return tax_payable - last_tax_payable - tax + tax_due


def recurring_revenue(
    total_mrr, total_mrr_before, total_new_mrr, total_expansion_mrr, total_contraction_mrr, total_churned_mrr
):
    """MRR less that of last month and what is new or expanded, plus what is contracted or churned."""
    moved = total_new_mrr + total_expansion_mrr - total_contraction_mrr - total_churned_mrr
    return total_mrr - total_mrr_before - moved


def customers(total_customers, last_total_customers, total_new_customers, total_churned_customers):
    """Customers less those of last month and new ones, plus those who left."""
    return total_customers - last_total_customers - total_new_customers + total_churned_customers


def serving_cost(total_serving_cost, total_paid_inference, total_free_inference, total_idle_serving):
    """Cost of serving less paid and free inference and idle pools."""
    return total_serving_cost - total_paid_inference - total_free_inference - total_idle_serving


def cloud_credits(total_cloud_usage, total_credits_applied, total_cloud_paid):
    """Cloud usage less credits applied and cash paid."""
    return total_cloud_usage - total_credits_applied - total_cloud_paid


RULES: Mapping[str, tuple[Callable[..., Any], ...]] = {
    "money": (
        *(balance_sheet, cash, retained_earnings, net_income, revenue, receivables, debt, tax_payable),
        *(recurring_revenue, serving_cost, cloud_credits),
    ),
    "customer": (customers,),
}


@cache
def checked() -> Model:
    """Return the model of the business, its key figures and these checks; raise ModelError where they do not fit."""
    rules = [
        line_of(rule, (), "checks", f"{PREFIX}{rule.__name__}", Quantity(Unit.parse(unit)))
        for unit, functions in RULES.items()
        for rule in functions
    ]
    model = Model([*measures().lines.values(), *rules], KINDS)
    model.check((rule.name for rule in rules), ("last",))
    return model


def differences(ledger: Ledger, opened: Mapping[str, Array]) -> dict[str, Array]:
    """Return each check of a base case by month, of shape (months, 1); `opened` has the opening values by name."""
    model = checked()
    return {
        name: np.asarray(line.function(*(_read(ledger, opened, read) for read in model.reads[name])))[:, None]
        for name, line in model.lines.items()
        if name.startswith(PREFIX)
    }


def _read(ledger: Ledger, opened: Mapping[str, Array], read: Read) -> Array:
    """Return what a check reads by one of its parameters, of shape (months,)."""
    line = ledger.total(read.source)
    return np.concatenate([[opened[f"{OPENING}{read.source}"].sum()], line[:-1]]) if read.when == "last" else line
