"""People, per role: headcount, pay, and the part of the income statement that the work belongs to."""

from typing import Any

import numpy as np

from simulator.engine.ages import is_multiple
from simulator.engine.choice import where
from simulator.engine.quantities import (
    FEWEST_PER_HEAD,
    MONTHS_PER_YEAR,
    ONE_YEAR,
    AnnualRate,
    Capital,
    Customers,
    CustomersPerHead,
    DirectCost,
    Factor,
    GeneralCost,
    Heads,
    Money,
    Months,
    NonCashCost,
    Quota,
    ResearchCost,
    Salary,
    SellingCost,
    Share,
    Surcharge,
)
from simulator.engine.units import Constant

PER = "role"

ROUNDING = Constant(1e-9, "head", "1e-9 heads")


def headcount(heads: Heads, customers_before, customers_per_head: CustomersPerHead = 0.0) -> Heads:
    """People in the role this month: those planned, and those that last month's paying customers need.

    heads: People planned in the role, whatever the number of customers.
    customers_per_head: Paying customers for each further person in the role; 0 if customers need nobody there.
    """
    # Last month's customers, since this month's deals depend on this month's sellers.
    # 0 customers per head means that customers need nobody in the role.
    return heads + where(customers_per_head > 0, _needed, 0, customers_before, customers_per_head)


def _needed(customers: Any, each: Any) -> Any:
    # A rounding error above a whole number must not hire anybody.
    return np.ceil(customers / np.maximum(each, FEWEST_PER_HEAD) - ROUNDING)


def pay_level(month, annual_raise: AnnualRate = 0.0, last_pay_level=1.0) -> Factor:
    """Base pay after all raises so far, relative to the planned salary: raised in months 12, 24 and so on.

    annual_raise: Raise of all base pay in the role, once a year.
    opening_pay_level: Pay in the first month relative to the planned salary; 1 if the salary is today's.
    """
    is_due = np.logical_and(month > 0, is_multiple(month, 12))
    return np.where(is_due, last_pay_level * (1 + annual_raise), last_pay_level)


def annual_pay(salary: Salary, pay_level) -> Salary:
    """Annual base pay of one person in the role, raised once a year by the rate of the month of the raise.

    salary: Base pay of one person in the role.
    """
    return salary * pay_level


def payroll(headcount, annual_pay, employer_load: Surcharge = 0.0, bonus: Surcharge = 0.0) -> Money:
    """Cash pay of the role this month: base pay, bonus, and the employer's taxes and benefits.

    employer_load: Employer's taxes and benefits, relative to base pay and bonus.
    bonus: Bonus in the role, relative to base pay.
    """
    return headcount * annual_pay / MONTHS_PER_YEAR * (1 + bonus) * (1 + employer_load)


def recruiting(headcount, annual_pay, last_headcount=1e6, recruiting_fee: Share = 0.0) -> GeneralCost:
    """Recruiting fees for people who join the role this month, as a share of a year's pay; leaving refunds nothing.

    opening_headcount: People in the role when the scenario begins, for whom no recruiting fee is due.
    recruiting_fee: Recruiting fee for a person who joins, as a share of a year's pay.
    """
    # The default opening of a million exceeds any headcount, so that nobody joins in the first month.
    hired = np.maximum(headcount - last_headcount, 0)
    return hired * annual_pay * ONE_YEAR * recruiting_fee


def stock_compensation(headcount, stock_award: Salary = 0.0) -> NonCashCost:
    """Value of shares and options that the role's people earn this month, as of their grant; no cash is paid.

    stock_award: Value at grant of the shares and options that one person in the role earns.
    """
    return headcount * stock_award / MONTHS_PER_YEAR


def stock_granted(stock_compensation) -> Capital:
    """Capital that the role's people contribute this month by earning shares and options."""
    return stock_compensation


def staff_cost(payroll, stock_compensation) -> Money:
    """Total cost of the role's people this month, in cash and in shares."""
    return payroll + stock_compensation


def support_payroll(staff_cost, support_share: Share = 0.0) -> DirectCost:
    """Cost this month of the role's time spent on customer support, part of the cost of revenue.

    support_share: Share of the role's time spent on customer support.
    """
    return staff_cost * support_share


def selling_payroll(staff_cost, selling_share: Share = 0.0) -> SellingCost:
    """Cost this month of the role's time spent on sales and marketing.

    selling_share: Share of the role's time spent on sales and marketing.
    """
    return staff_cost * selling_share


def research_payroll(staff_cost, research_share: Share = 0.0) -> ResearchCost:
    """Cost this month of the role's time spent on research and development.

    research_share: Share of the role's time spent on research and development.
    """
    return staff_cost * research_share


def general_payroll(staff_cost, support_share, selling_share, research_share) -> GeneralCost:
    """Cost this month of the role's remaining time: management, finance, legal and office work."""
    # PARTS_OF_EACH keeps the sum of the three shares at 1 or below.
    return staff_cost * (1 - support_share - selling_share - research_share)


def ramped_heads(headcount, last_headcount, last_ramped_heads=1e6, ramp_months: Months = 0.0) -> Heads:
    """People in the role this month, weighted by productivity: a new one closes part of the gap each month.

    People from before the scenario are fully productive, unless `opening_ramped_heads` says otherwise.

    opening_ramped_heads: People in the role who are fully productive when the scenario begins; by default, all.
    ramp_months: Months in which a new person becomes productive.
    """
    # The default opening of a million exceeds any headcount, so that people from before the scenario count in full.
    up_to_speed = np.minimum(last_ramped_heads, last_headcount)
    return np.minimum(headcount, up_to_speed + (headcount - up_to_speed) / np.maximum(ramp_months, 1))


def deals_by_role(ramped_heads, demand_index, quota: Quota = 0.0) -> Customers:
    """Deals that the role's sellers start this month and will win: a quota for each fully productive seller.

    quota: Deals that a fully productive seller starts in a month and will win.
    """
    return ramped_heads * quota * demand_index
