"""The company: fixed overheads and the income statement."""

from typing import Any

import numpy as np

from simulator.engine.choice import where
from simulator.engine.quantities import AnnualRate, Factor, GeneralCost, Money, MoneyPerHead, MonthlyAmount, OtherIncome


def office_and_tools(
    total_headcount, tools_per_head: MoneyPerHead = 0.0, fixed_overhead: MonthlyAmount = 0.0
) -> GeneralCost:
    """Software, rent and insurance this month: an amount per person and a fixed amount.

    tools_per_head: Software and tools for each person.
    fixed_overhead: Rent, insurance and other costs that do not depend on the number of people.
    """
    return total_headcount * tools_per_head + fixed_overhead


def revenue(total_income) -> Money:
    """Total revenue from customers this month, over all plans."""
    return total_income


def cost_of_revenue(total_direct_cost) -> Money:
    """Cost of serving customers this month: devices and tokens, payment fees, support, services."""
    return total_direct_cost


def gross_profit(revenue, cost_of_revenue) -> Money:
    """Revenue less the cost of revenue this month."""
    return revenue - cost_of_revenue


def sales_and_marketing(total_selling_cost) -> Money:
    """Cost of winning customers this month, including the cost of serving free plans and free trials."""
    return total_selling_cost


def research_and_development(total_research_cost) -> Money:
    """Cost of making the product and its models this month; capitalised costs are excluded."""
    return total_research_cost


def general_and_administrative(total_general_cost) -> Money:
    """Cost of running the company this month: management, office, overheads and bad debt."""
    return total_general_cost


def operating_expenses(sales_and_marketing, research_and_development, general_and_administrative) -> Money:
    """Operating costs this month other than the cost of revenue."""
    return sales_and_marketing + research_and_development + general_and_administrative


def costs(cost_of_revenue, operating_expenses) -> Money:
    """Total costs this month before interest and tax."""
    return cost_of_revenue + operating_expenses


def grant_income(grants: MonthlyAmount = 0.0) -> OtherIncome:
    """Public grants received this month; they are not revenue, since no customer bought anything.

    grants: Public grants that the company receives.
    """
    return grants


def other_operating_income(total_other_income) -> Money:
    """Income this month from other sources than customers: grants, and gains or losses on devices sold."""
    return total_other_income


def operating_income(gross_profit, operating_expenses, other_operating_income) -> Money:
    """Profit or loss of the company this month before interest and tax."""
    return gross_profit - operating_expenses + other_operating_income


def interest_income(last_cash, interest_on_cash: AnnualRate = 0.0) -> Money:
    """Interest this month on the cash held at the end of last month; negative cash earns none.

    interest_on_cash: Interest rate on cash in the bank.
    """
    return where(interest_on_cash != 0, _interest, 0, last_cash, interest_on_cash)


def _interest(cash: Any, rate: Any) -> Any:
    return np.maximum(cash, 0) * rate / 12


def interest_expense(total_interest_cost) -> Money:
    """Interest this month on all loans and convertible notes."""
    return total_interest_cost


def pretax_income(operating_income, interest_income, interest_expense) -> Money:
    """Profit or loss of the company this month before tax."""
    return operating_income + interest_income - interest_expense


def net_income(pretax_income, tax) -> Money:
    """Profit or loss of the company this month after tax."""
    return pretax_income - tax


def ebitda(operating_income, total_noncash_cost) -> Money:
    """Operating income this month before depreciation, amortisation and stock compensation."""
    return operating_income + total_noncash_cost


def company_value(revenue, revenue_multiple: Factor = 5.0) -> Money:
    """Value of the company to a buyer this month: twelve times the month's revenue, times a revenue multiple.

    revenue_multiple: Multiple of annual revenue that a buyer of the company pays.
    """
    # Buyers quote multiples of annual revenue, here the month's run rate.
    return revenue * 12 * revenue_multiple
