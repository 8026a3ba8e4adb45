"""People, per role: heads, pay, and which part of the income statement their work belongs to."""

import numpy as np

from simulator.engine.quantities import (
    FEWEST_PER_HEAD,
    MONTHS_PER_YEAR,
    ONE_YEAR,
    Capital,
    Customers,
    CustomersPerHead,
    DirectCost,
    Factor,
    GeneralCost,
    Growth,
    Heads,
    Money,
    Months,
    NonCashCost,
    ResearchCost,
    Salary,
    SellingCost,
    Share,
)

PER = "role"


def headcount(heads: Heads, customers_before, customers_per_head: CustomersPerHead = 0.0) -> Heads:
    """People in this role: those planned, and as many whole ones as last month's paying customers need."""
    needed = np.ceil(customers_before / np.maximum(customers_per_head, FEWEST_PER_HEAD))
    return heads + np.where(customers_per_head > 0, needed, 0)


def annual_pay(salary: Salary, month, annual_raise: Growth = 0.0) -> Salary:
    """A year's base pay for one person, raised once a year."""
    return salary * (1 + annual_raise) ** np.floor(month / 12)


def payroll(headcount, annual_pay, employer_load: Factor = 0.0, bonus: Factor = 0.0) -> Money:
    """Pay and bonus with what the employer adds: taxes, insurance, benefits."""
    return headcount * annual_pay / MONTHS_PER_YEAR * (1 + bonus) * (1 + employer_load)


def recruiting(headcount, last_headcount, annual_pay, recruiting_fee: Share = 0.0) -> GeneralCost:
    """Fees for people who joined this month, as a share of a year's pay; nobody is refunded for leaving."""
    hired = np.maximum(headcount - last_headcount, 0)
    return hired * annual_pay * ONE_YEAR * recruiting_fee


def stock_compensation(headcount, stock_award: Salary = 0.0) -> NonCashCost:
    """Shares and options that people earn this month, at their value when granted; no cash leaves."""
    return headcount * stock_award / MONTHS_PER_YEAR


def stock_granted(stock_compensation) -> Capital:
    """The same as capital that staff put in by their work."""
    return stock_compensation


def staff_cost(payroll, stock_compensation) -> Money:
    """What the role's people cost, in cash and in shares."""
    return payroll + stock_compensation


def support_payroll(staff_cost, support_share: Share = 0.0) -> DirectCost:
    """Those who keep customers served; they belong to the cost of revenue."""
    return staff_cost * support_share


def selling_payroll(staff_cost, selling_share: Share = 0.0) -> SellingCost:
    """Those in sales and marketing."""
    return staff_cost * selling_share


def research_payroll(staff_cost, research_share: Share = 0.0) -> ResearchCost:
    """Those in research and development."""
    return staff_cost * research_share


def general_payroll(staff_cost, support_share, selling_share, research_share) -> GeneralCost:
    """Everyone else: management, finance, legal, office."""
    return staff_cost * (1 - support_share - selling_share - research_share)


def ramped_heads(headcount, last_headcount, last_ramped_heads=1e6, ramp_months: Months = 0.0) -> Heads:
    """Heads counted by how productive they are: who is new comes up to speed by a part of the gap each month.

    Who is there at the start is up to speed, unless `opening_ramped_heads` says that fewer are.
    """
    up_to_speed = np.minimum(last_ramped_heads, last_headcount)
    return np.minimum(headcount, up_to_speed + (headcount - up_to_speed) / np.maximum(ramp_months, 1))


def deals_by_role(ramped_heads, demand_index, quota: CustomersPerHead = 0.0) -> Customers:
    """Deals that the role's people start this month and will win: their quota for each one up to speed."""
    return ramped_heads * quota * demand_index
