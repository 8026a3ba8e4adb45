"""The balance sheet and the cash flow statement, in the indirect form that accountants use.

Every line that returns an asset, a liability, capital, an adjustment, an investing or a financing flow is summed here.
The books balance because each topic books both sides of what it does; tests check every topic.
"""

from simulator.engine.quantities import DAYS_PER_MONTH, Adjustment, Amount, Days, Financing, Money, MonthlyAmount, Owed


def purchases(
    costs, total_payroll, total_commission, total_noncash_cost, total_bad_debt, total_payment_fees, total_loan_fee
) -> Money:
    """Costs that suppliers invoice this month: all but pay, commissions, withheld fees, bad debt and non-cash costs."""
    # Payment providers and lenders withhold their fees, and bad debt never becomes an invoice.
    pay, withheld = total_payroll + total_commission, total_payment_fees + total_loan_fee
    return costs - pay - withheld - total_bad_debt - total_noncash_cost


def payables(purchases, input_vat, days_payable: Days = 0.0, last_payables=0.0) -> Owed:
    """Money that the company owes suppliers at the end of the month.

    Suppliers are paid at a steady pace, as customers pay. VAT is included.

    days_payable: Days that suppliers' invoices stay unpaid on average.
    opening_payables: Money owed to suppliers when the scenario begins.
    """
    # The same steady pace as receivables: d / (d + 30.4) of what is owed stays owed.
    return (last_payables + purchases + input_vat) * days_payable / (days_payable + DAYS_PER_MONTH)


def payables_change(payables, last_payables) -> Adjustment:
    """Effect on cash this month of what the company owes suppliers: positive while payables grow."""
    return payables - last_payables


def dividends_paid(dividends: MonthlyAmount = 0.0) -> Financing:
    """Dividends to owners this month; negative.

    dividends: Dividends that the company pays to its owners.
    """
    return -dividends


def operating_cash_flow(net_income, total_noncash_cost, total_adjustment) -> Money:
    """Cash from operations this month: net income, plus costs without cash, plus changes in what is owed."""
    return net_income + total_noncash_cost + total_adjustment


def investing_cash_flow(total_investing) -> Money:
    """Cash this month for devices and capitalised models, less proceeds from devices sold; usually negative."""
    return total_investing


def financing_cash_flow(total_financing) -> Money:
    """Cash from investors and lenders this month, less repayments, notes repaid and dividends."""
    return total_financing


def cash_flow(operating_cash_flow, investing_cash_flow, financing_cash_flow) -> Money:
    """Total change in cash this month: from operations, investing and financing."""
    return operating_cash_flow + investing_cash_flow + financing_cash_flow


def cash(last_cash, cash_flow) -> Money:
    """Cash of the company at the end of the month; negative for the amount that is missing.

    opening_cash: Cash of the company when the scenario begins.
    """
    return last_cash + cash_flow


def assets(cash, total_asset) -> Money:
    """Total assets at the end of the month: cash, receivables, devices and capitalised models."""
    return cash + total_asset


def liabilities(total_liability) -> Money:
    """Total liabilities at the end of the month: suppliers, service paid ahead, taxes, debt, SAFEs and notes."""
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
    """Owners' equity when the scenario begins that its opening capital and earnings do not account for."""
    owned = opening_cash + total_receivables_at_start + total_equipment_at_start + total_models_at_start
    return owned - owed_at_start - opening_paid_in_capital - opening_retained_earnings


def owed_at_start(
    opening_payables,
    opening_tax_payable,
    opening_vat_payable,
    total_service_owed_at_start,
    total_debt_at_start,
    total_safes_at_start,
) -> Money:
    """Total liabilities of the company when the scenario begins."""
    paid_ahead = total_service_owed_at_start + total_safes_at_start
    return opening_payables + opening_tax_payable + opening_vat_payable + paid_ahead + total_debt_at_start


def paid_in_capital(total_capital, last_paid_in_capital=0.0) -> Amount:
    """Capital that investors and staff have paid in by the end of the month.

    opening_paid_in_capital: Capital that investors and staff had paid in when the scenario begins.
    """
    return last_paid_in_capital + total_capital


def retained_earnings(net_income, total_dividends_paid, last_retained_earnings=0.0) -> Money:
    """Net income less dividends, added up to the end of the month.

    opening_retained_earnings: Profits kept before the scenario, less losses; negative for most young companies.
    """
    return last_retained_earnings + net_income + total_dividends_paid


def equity(net_assets_at_start, paid_in_capital, retained_earnings) -> Money:
    """Owners' equity at the end of the month: equity at the start, capital paid in, and earnings kept."""
    return net_assets_at_start + paid_in_capital + retained_earnings


def rounds_closing(total_money_raised) -> Money:
    """Money raised by all priced rounds that close this month; 0 in a month without a closing."""
    return total_money_raised
