"""Venture debt, per loan: drawn, then interest alone for a while, then level payments; warrants come with it.

A level payment on a balance B over n months at a monthly rate r pays back B r / ((1 + r)^n - 1) of it, which is
Excel's PPMT.
"""

import numpy as np

from simulator.engine.quantities import Amount, Financing, GeneralCost, InterestCost, Liability, Money, Months, Share

PER = "loan"


def loan_drawn(month, drawn_month: Months, principal: Amount) -> Financing:
    """Cash from the loan in the month in which it is drawn."""
    return np.where(month == np.ceil(drawn_month), principal, 0)


def loan_fee(loan_drawn, arrangement_fee: Share = 0.0) -> GeneralCost:
    """What arranging it costs."""
    return loan_drawn * arrangement_fee


def loan_interest(last_debt, interest_rate: Share = 0.0) -> InterestCost:
    """Interest on what was owed at the end of last month."""
    return last_debt * interest_rate / 12


def repaid(
    month, last_debt, drawn_month, interest_rate, interest_only: Months = 0.0, loan_months: Months = 36.0
) -> Money:
    """Principal paid back this month: nothing at first, then the rest of level payments, the last month all of it."""
    age = month - np.ceil(drawn_month)
    left = np.ceil(loan_months) - age + 1
    growth = (1 + interest_rate / 12) ** np.maximum(left, 1) - 1
    part = np.where(growth > 0, interest_rate / 12 / growth, 1 / np.maximum(left, 1))
    due = np.where(left <= 1, last_debt, last_debt * part)
    return np.where(age > np.minimum(np.ceil(interest_only), np.ceil(loan_months) - 1), due, 0)


def repayment(repaid) -> Financing:
    """Cash that goes back to the lender."""
    return -repaid


def debt(loan_drawn, repaid, last_debt=0.0) -> Liability:
    """What is still owed."""
    return last_debt + loan_drawn - repaid


def debt_at_start(opening_debt) -> Money:
    """What was owed when the plan began."""
    return opening_debt


def warrant_value(principal, warrant_coverage: Share = 0.0) -> Money:
    """Shares that the lender may buy at the last round's price, in money: the coverage's part of the loan."""
    return principal * warrant_coverage
