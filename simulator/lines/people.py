"""People, per role: heads, pay, and which part of the income statement their work belongs to."""

import numpy as np

from simulator.quantities import (
    MONTHS_PER_YEAR,
    ONE_YEAR,
    DirectCost,
    Factor,
    GeneralCost,
    Growth,
    Heads,
    Money,
    ResearchCost,
    Salary,
    SellingCost,
    Share,
)

PER = "role"


def headcount(heads: Heads) -> Heads:
    """People in this role this month."""
    return heads


def annual_pay(salary: Salary, month, annual_raise: Growth = 0.0) -> Salary:
    """A year's base pay for one person, raised once a year."""
    return salary * (1 + annual_raise) ** np.floor(month / 12)


def payroll(headcount, annual_pay, employer_load: Factor = 0.0) -> Money:
    """Pay with what the employer adds: taxes, insurance, benefits."""
    return headcount * annual_pay / MONTHS_PER_YEAR * (1 + employer_load)


def recruiting(headcount, last_headcount, annual_pay, recruiting_fee: Share = 0.0) -> GeneralCost:
    """Fees for people who joined this month, as a share of a year's pay; nobody is refunded for leaving."""
    hired = np.maximum(headcount - last_headcount, 0)
    return hired * annual_pay * ONE_YEAR * recruiting_fee


def support_payroll(payroll, support_share: Share = 0.0) -> DirectCost:
    """Payroll of those who keep customers served; it belongs to the cost of revenue."""
    return payroll * support_share


def selling_payroll(payroll, selling_share: Share = 0.0) -> SellingCost:
    """Payroll of sales and marketing."""
    return payroll * selling_share


def research_payroll(payroll, research_share: Share = 0.0) -> ResearchCost:
    """Payroll of research and development."""
    return payroll * research_share


def general_payroll(payroll, support_share, selling_share, research_share) -> GeneralCost:
    """Payroll of everyone else: management, finance, legal, office."""
    return payroll * (1 - support_share - selling_share - research_share)
