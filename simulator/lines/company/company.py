"""The company: its overheads and its income statement."""

import numpy as np

from simulator.engine.quantities import Amount, Factor, GeneralCost, Growth, Money, MoneyPerHead, OtherIncome


def office_and_tools(total_headcount, tools_per_head: MoneyPerHead = 0.0, fixed_overhead: Amount = 0.0) -> GeneralCost:
    """Software, rent and insurance: a part for each person and a part that is always there."""
    return total_headcount * tools_per_head + fixed_overhead


def revenue(total_income) -> Money:
    """All income from customers."""
    return total_income


def cost_of_revenue(total_direct_cost) -> Money:
    """What serving the customers costs: devices, payment fees, support."""
    return total_direct_cost


def gross_profit(revenue, cost_of_revenue) -> Money:
    """Revenue less the cost of serving it."""
    return revenue - cost_of_revenue


def sales_and_marketing(total_selling_cost) -> Money:
    """What winning customers costs."""
    return total_selling_cost


def research_and_development(total_research_cost) -> Money:
    """What making the product and its models costs."""
    return total_research_cost


def general_and_administrative(total_general_cost) -> Money:
    """What running the company costs."""
    return total_general_cost


def operating_expenses(sales_and_marketing, research_and_development, general_and_administrative) -> Money:
    """All costs but those of serving customers."""
    return sales_and_marketing + research_and_development + general_and_administrative


def costs(cost_of_revenue, operating_expenses) -> Money:
    """Every cost before interest and tax."""
    return cost_of_revenue + operating_expenses


def grant_income(grants: Amount = 0.0) -> OtherIncome:
    """Public money for research, which is no revenue: nobody bought anything."""
    return grants


def other_operating_income(total_other_income) -> Money:
    """Income that customers did not bring: grants, and devices sold for more or less than their book value."""
    return total_other_income


def operating_income(gross_profit, operating_expenses, other_operating_income) -> Money:
    """Profit or loss before interest and tax."""
    return gross_profit - operating_expenses + other_operating_income


def interest_income(last_cash, interest_on_cash: Growth = 0.0) -> Money:
    """What last month's cash earned, a twelfth of the yearly rate."""
    return np.maximum(last_cash, 0) * interest_on_cash / 12


def interest_expense(total_interest_cost) -> Money:
    """Interest on everything that is owed."""
    return total_interest_cost


def pretax_income(operating_income, interest_income, interest_expense) -> Money:
    """Profit or loss before tax."""
    return operating_income + interest_income - interest_expense


def net_income(pretax_income, tax) -> Money:
    """Profit or loss after tax."""
    return pretax_income - tax


def ebitda(operating_income, total_noncash_cost) -> Money:
    """Operating income before depreciation, amortisation and pay in shares."""
    return operating_income + total_noncash_cost


def company_value(revenue, revenue_multiple: Factor = 5.0) -> Money:
    """What a buyer would pay: a year at this month's revenue, times what the market gives for it."""
    return revenue * 12 * revenue_multiple
