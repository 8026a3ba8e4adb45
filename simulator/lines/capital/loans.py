"""Venture debt, per loan: drawn in one month, interest alone for some months, then level payments; with warrants.

A level payment on a balance B over n months at a monthly rate r repays B r / ((1 + r)^n - 1) of principal, as Excel's
PPMT does.
"""

import numpy as np

from simulator.engine.quantities import (
    Amount,
    CalendarMonth,
    Financing,
    GeneralCost,
    InterestCost,
    Money,
    Months,
    Owed,
    Share,
)

PER = "loan"


def loan_drawn(month, drawn_month: CalendarMonth, principal: Amount) -> Financing:
    """Cash from the loan in the month in which it is drawn; otherwise 0.

    drawn_month: Month in which the loan is drawn.
    principal: Money borrowed.
    """
    return np.where(month == np.ceil(drawn_month), principal, 0)


def loan_fee(loan_drawn, arrangement_fee: Share = 0.0) -> GeneralCost:
    """Arrangement fee of the loan in the month in which it is drawn; otherwise 0.

    arrangement_fee: Share of the loan that the lender keeps as a fee when it is drawn.
    """
    return loan_drawn * arrangement_fee


def loan_interest(last_debt, interest_rate: Share = 0.0) -> InterestCost:
    """Interest on the loan this month, on the balance at the end of last month.

    interest_rate: Interest a year on the loan, paid in cash each month.
    """
    return last_debt * interest_rate / 12


def repaid(
    month, last_debt, drawn_month, interest_rate, interest_only: Months = 0.0, loan_months: Months = 36.0
) -> Money:
    """Principal of the loan repaid this month.

    Nothing during the interest-only months, then level payments; the last month repays the rest.

    interest_only: Time after drawing in which only interest is paid.
    months: Time from drawing until the loan is repaid in full.
    """
    age = month - np.ceil(drawn_month)
    left = np.ceil(loan_months) - age + 1
    growth = (1 + interest_rate / 12) ** np.maximum(left, 1) - 1
    # Without interest, level payments repay equal parts.
    part = np.where(growth > 0, interest_rate / 12 / growth, 1 / np.maximum(left, 1))
    # The last payment takes the rest, so rounding leaves no debt behind.
    due = np.where(left <= 1, last_debt, last_debt * part)
    return np.where(age > np.minimum(np.ceil(interest_only), np.ceil(loan_months) - 1), due, 0)


def repayment(repaid) -> Financing:
    """Cash paid to the lender as principal of the loan this month; negative."""
    return -repaid


def debt(loan_drawn, repaid, last_debt=0.0) -> Owed:
    """Principal of the loan still owed at the end of the month.

    opening_debt: Principal of the loan owed when the scenario begins.
    """
    return last_debt + loan_drawn - repaid


def debt_at_start(opening_debt) -> Money:
    """Principal of the loan owed when the scenario begins."""
    return opening_debt


def warrant_value(principal, warrant_coverage: Share = 0.0) -> Money:
    """Value of the shares that the lender of the loan may buy at the last round's price: a share of the principal.

    warrant_coverage: Value of shares that the lender may buy at the last round's price, as a share of the loan.
    """
    return principal * warrant_coverage
