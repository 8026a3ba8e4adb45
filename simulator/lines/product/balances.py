"""Balances, per plan: invoices that customers still owe or never pay, and service that they have paid for ahead.

Receivables are collected at a steady pace: with days to pay d, d / (d + 30.4) of what is owed stays owed for another
month, so that at level sales d days of sales are outstanding.
"""

from simulator.engine.quantities import DAYS_PER_MONTH, Adjustment, Days, GeneralCost, Held, Money, Share

PER = "plan"


def bad_debt(billings, bad_debt_share: Share = 0.0) -> GeneralCost:
    """Invoices of the plan this month that will never be paid.

    bad_debt_share: Share of the invoiced amounts that customers never pay.
    """
    return billings * bad_debt_share


def receivables_at_start(opening_receivables=0.0) -> Money:
    """Money that the plan's customers owed when the scenario begins.

    opening_receivables: Money that customers of the plan owe when the scenario begins.
    """
    return opening_receivables


def service_owed_at_start(deferred_at_start, opening_credit_balance) -> Money:
    """Service that the plan's customers had paid for and not received when the scenario begins.

    Deferred fees and unused credits make it up.
    """
    return deferred_at_start + opening_credit_balance


def receivables(billings, bad_debt, vat_charged, days_to_pay: Days = 0.0, last_receivables=0.0) -> Held:
    """Money that the plan's customers owe at the end of the month, VAT included; bad debt is excluded.

    days_to_pay: Days after the invoice until customers pay, on average; 0 for cards.
    """
    # The steady pace of the module's head: at level sales, `days_to_pay` days of them are outstanding.
    return (last_receivables + billings + vat_charged - bad_debt) * days_to_pay / (days_to_pay + DAYS_PER_MONTH)


def collections(last_receivables, billings, vat_charged, bad_debt, receivables) -> Money:
    """Money that the plan's customers pay this month, for this month's and earlier invoices, VAT included."""
    return last_receivables + billings + vat_charged - bad_debt - receivables


def receivables_change(last_receivables, receivables) -> Adjustment:
    """Effect on cash this month of what the plan's customers owe: negative while receivables grow."""
    return last_receivables - receivables


def deferred_change(deferred_before, deferred_revenue, last_credit_balance, credit_balance) -> Adjustment:
    """Effect on cash this month of service paid ahead by the plan's customers: positive while it grows.

    Deferred fees and unused credits count.
    """
    return deferred_revenue - deferred_before + credit_balance - last_credit_balance
