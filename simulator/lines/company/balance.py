"""The balance sheet and the statement of cash flows, in the indirect form that accountants use.

Whatever a line returns as an asset, a liability, capital, an adjustment, an investing or a financing flow is summed
here; the balance holds because each topic books both of its sides, and tests hold every topic to it.
"""

from simulator.engine.quantities import DAYS_PER_MONTH, Adjustment, Amount, Days, Financing, Liability, Money


def purchases(costs, total_payroll, total_noncash_cost, total_bad_debt, total_payment_fees) -> Money:
    """Costs that suppliers invoice: all but pay, fees kept by payment providers, and what is no cash."""
    return costs - total_payroll - total_noncash_cost - total_bad_debt - total_payment_fees


def payables(purchases, days_payable: Days = 0.0, last_payables=0.0) -> Liability:
    """What suppliers are owed at the end of the month; they are paid at a steady pace, as customers pay."""
    return (last_payables + purchases) * days_payable / (days_payable + DAYS_PER_MONTH)


def payables_change(payables, last_payables) -> Adjustment:
    """Cash that suppliers have not had yet."""
    return payables - last_payables


def dividends_paid(dividends: Amount = 0.0) -> Financing:
    """Cash that owners take out."""
    return -dividends


def operating_cash_flow(net_income, total_noncash_cost, total_adjustment) -> Money:
    """Cash from operations: profit, what of its costs was no cash, and what is owed one way or the other."""
    return net_income + total_noncash_cost + total_adjustment


def investing_cash_flow(total_investing) -> Money:
    """Cash for what lasts: devices and capitalised models, less what is sold."""
    return total_investing


def financing_cash_flow(total_financing) -> Money:
    """Cash from investors and lenders, less what they get back."""
    return total_financing


def cash_flow(operating_cash_flow, investing_cash_flow, financing_cash_flow) -> Money:
    """What the month adds to cash."""
    return operating_cash_flow + investing_cash_flow + financing_cash_flow


def cash(last_cash, cash_flow) -> Money:
    """Cash at the end of the month; below zero it is what would be missing."""
    return last_cash + cash_flow


def assets(cash, total_asset) -> Money:
    """Everything that the company has: cash, what customers owe, equipment, capitalised models."""
    return cash + total_asset


def liabilities(total_liability) -> Money:
    """Everything that it owes: suppliers, service paid ahead, tax, debt, SAFEs."""
    return total_liability


def net_assets_at_start(
    opening_cash,
    total_receivables_at_start,
    total_equipment_at_start,
    total_models_at_start,
    owed_at_start,
    opening_paid_in_capital,
    opening_retained_earnings,
) -> Money:
    """What the owners had when the plan began, beside what the file says of capital and earnings before it."""
    owned = opening_cash + total_receivables_at_start + total_equipment_at_start + total_models_at_start
    return owned - owed_at_start - opening_paid_in_capital - opening_retained_earnings


def owed_at_start(
    opening_payables, opening_tax_payable, total_service_owed_at_start, total_debt_at_start, total_safes_at_start
) -> Money:
    """What the company owed when the plan began."""
    paid_ahead = total_service_owed_at_start + total_safes_at_start
    return opening_payables + opening_tax_payable + paid_ahead + total_debt_at_start


def paid_in_capital(total_capital, last_paid_in_capital=0.0) -> Money:
    """Capital that investors and staff have put in since the plan began."""
    return last_paid_in_capital + total_capital


def retained_earnings(net_income, total_dividends_paid, last_retained_earnings=0.0) -> Money:
    """Profits and losses since the plan began, less dividends."""
    return last_retained_earnings + net_income + total_dividends_paid


def equity(net_assets_at_start, paid_in_capital, retained_earnings) -> Money:
    """What belongs to the owners: what they had when the plan began, and capital and profits since."""
    return net_assets_at_start + paid_in_capital + retained_earnings


def rounds_closing(total_money_raised) -> Money:
    """Money of the rounds that close this month."""
    return total_money_raised
