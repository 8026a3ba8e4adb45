"""The company: its overheads, its income statement, tax with losses carried forward, and cash."""

import numpy as np

from simulator.quantities import Amount, GeneralCost, Money, MoneyPerHead, Share


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
    """Every cost before tax."""
    return cost_of_revenue + operating_expenses


def operating_income(gross_profit, operating_expenses) -> Money:
    """Profit or loss before tax."""
    return gross_profit - operating_expenses


def losses_used(operating_income, last_tax_losses=0.0, loss_limit: Share = 1.0) -> Money:
    """Earlier losses set against this month's profit, up to the share of it that the law allows."""
    return np.minimum(last_tax_losses, np.maximum(operating_income, 0) * loss_limit)


def tax_losses(last_tax_losses, losses_used, operating_income) -> Money:
    """Losses carried forward at the end of the month."""
    return last_tax_losses - losses_used + np.maximum(-operating_income, 0)


def tax(operating_income, losses_used, tax_rate: Share) -> Money:
    """Tax on what profit is left after earlier losses."""
    return (np.maximum(operating_income, 0) - losses_used) * tax_rate


def net_income(operating_income, tax) -> Money:
    """Profit or loss after tax."""
    return operating_income - tax


def cash_flow(net_income, total_financing) -> Money:
    """What the month adds to cash: everything here is paid in the month it is earned or owed."""
    return net_income + total_financing


def cash(last_cash, cash_flow) -> Money:
    """Cash at the end of the month; below zero it is what would be missing."""
    return last_cash + cash_flow
