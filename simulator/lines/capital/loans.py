"""Venture debt, per loan: drawn in one month, interest alone for some months, then level payments; with warrants.

A level payment on a balance B over n months at a monthly rate r repays B r / ((1 + r)^n - 1) of principal, as Excel's
PPMT does.
"""

import numpy as np

from simulator.engine.quantities import Amount, Financing, GeneralCost, InterestCost, Liability, Money, Months, Share

PER = "loan"


def loan_drawn(month, drawn_month: Months, principal: Amount) -> Financing:
    """Cash from the loan in the month in which it is drawn; otherwise 0."""
    return np.where(month == np.ceil(drawn_month), principal, 0)


def loan_fee(loan_drawn, arrangement_fee: Share = 0.0) -> GeneralCost:
    """Arrangement fee of the loan in the month in which it is drawn; otherwise 0."""
    return loan_drawn * arrangement_fee


def loan_interest(last_debt, interest_rate: Share = 0.0) -> InterestCost:
    """Interest on the loan this month, on the balance at the end of last month."""
    return last_debt * interest_rate / 12


def repaid(
    month, last_debt, drawn_month, interest_rate, interest_only: Months = 0.0, loan_months: Months = 36.0
) -> Money:
    """Principal of the loan repaid this month.

    Nothing during the interest-only months, then level payments; the last month repays the rest.
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


def debt(loan_drawn, repaid, last_debt=0.0) -> Liability:
    """Principal of the loan still owed at the end of the month."""
    return last_debt + loan_drawn - repaid


def debt_at_start(opening_debt) -> Money:
    """Principal of the loan owed when the scenario begins."""
    return opening_debt


def warrant_value(principal, warrant_coverage: Share = 0.0) -> Money:
    """Value of the shares that the lender of the loan may buy at the last round's price: a share of the principal."""
    return principal * warrant_coverage
