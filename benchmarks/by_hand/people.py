"""People and what they cost, deals that they start, and overheads."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np

from benchmarks.by_hand.parts import Array, total


def known(given: SimpleNamespace) -> dict[str, Array]:
    """What a role's pay comes to beside the salary, and the share of nobody's department."""
    return {
        "pay_factor": (1 + given.bonus) * (1 + given.employer_load) / 12,
        "general_share": 1 - given.support_share - given.selling_share - given.research_share,
    }


def heads(now: SimpleNamespace, last: SimpleNamespace, month: int) -> None:
    """How many people there are, and the deals that they start."""
    paying_at_start = now.opening_customers * (1 - now.free)
    customers_before = last.customers_served if month else total(paying_at_start)
    needed = np.ceil(customers_before / np.maximum(now.customers_per_head, 1e-6))
    now.headcount = now.heads + np.where(now.customers_per_head > 0, needed, 0)
    up_to_speed = np.minimum(last.ramped_heads, last.headcount)
    catching_up = (now.headcount - up_to_speed) / np.maximum(now.ramp_months, 1)
    now.ramped_heads = np.minimum(now.headcount, up_to_speed + catching_up)
    deals_by_role = now.ramped_heads * now.quota * now.demand_index
    now.deals_started = total(deals_by_role)


def pay(now: SimpleNamespace, last: SimpleNamespace, month: int) -> None:
    """What they cost, by the part of the income statement that it belongs to, and overheads."""
    annual_pay = now.salary * (1 + now.annual_raise) ** (month // 12)
    payroll = now.headcount * annual_pay * now.pay_factor
    recruiting = np.maximum(now.headcount - last.headcount, 0) * annual_pay * now.recruiting_fee
    stock_compensation = now.headcount * now.stock_award / 12
    staff_cost = payroll + stock_compensation
    general_payroll = staff_cost * now.general_share
    now.payroll, now.stock_compensation = total(payroll), total(stock_compensation)
    now.stock_granted = now.stock_compensation
    now.support_payroll = total(staff_cost * now.support_share)
    now.selling_payroll = total(staff_cost * now.selling_share)
    now.research_payroll = total(staff_cost * now.research_share)
    now.people_in_general = total(recruiting + general_payroll)
    now.office_and_tools = total(now.headcount) * now.tools_per_head + now.fixed_overhead
    begins = np.ceil(now.begins)
    under_way = (month >= begins) & (month < np.ceil(now.ends))
    overhead_cost = np.where(month == begins, now.once, 0) + np.where(under_way, now.monthly, 0)
    now.overheads = total(overhead_cost)
