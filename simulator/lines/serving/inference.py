"""Cost of serving, per plan: a cost of revenue for paying customers, of sales and marketing for those who pay nothing.

Customers of free plans pay nothing, and neither do people on a free trial.
"""

from typing import Annotated

import numpy as np

from simulator.engine.quantities import DirectCost, Money, MoneyPerRequest, Numbers, Requests, SellingCost, Share
from simulator.engine.units import quantity

PER = "plan"

NetPerRequest = Annotated[Numbers, quantity("money/request")]


def inference_cost(total_token_cost) -> Money:
    """Cost this month of serving the plan's requests: its share of what pools cost, idle devices included."""
    return total_token_cost


def unpaid_share(free, trial_share) -> Share:
    """Share of the plan's requests this month for which nobody pays: all of a free plan, and those of free trials."""
    return free + (1 - free) * trial_share


def paid_inference(inference_cost, unpaid_share) -> DirectCost:
    """Cost this month of serving the plan's paying customers; 0 for a free plan."""
    return inference_cost * (1 - unpaid_share)


def free_inference(inference_cost, unpaid_share) -> SellingCost:
    """Cost this month of serving customers of a free plan, and free trials of any plan.

    Serving for nothing counts as a cost of winning paying customers.
    """
    # Free plans and trials serve as advertising, so their cost belongs to sales and marketing.
    return inference_cost * unpaid_share


def request_care(total_care_cost) -> Money:
    """Cost this month of moderation, review, storage, traffic and tools for the plan's requests."""
    return total_care_cost


def paid_care(request_care, unpaid_share) -> DirectCost:
    """Moderation, review, storage and tools this month for paying customers of the plan; 0 for a free plan."""
    return request_care * (1 - unpaid_share)


def free_care(request_care, unpaid_share) -> SellingCost:
    """Moderation, review, storage and tools this month for customers of a free plan, and for free trials."""
    return request_care * unpaid_share


def customer_inference(inference_cost, trial_share) -> Money:
    """Cost this month of serving the plan's customers, who may pay nothing; free trials are excluded."""
    return inference_cost * (1 - trial_share)


def customer_care(request_care, trial_share) -> Money:
    """Moderation, review, storage and tools this month for the plan's customers; free trials are excluded."""
    return request_care * (1 - trial_share)


def plan_margin(plan_revenue, customer_inference, customer_care, payment_fees, service_cost, royalty) -> Money:
    """Plan revenue less the cost of the plan's customers this month: tokens, care, payment fees, services, royalties.

    Free trials are a cost of winning customers, and no part of it.
    """
    return plan_revenue - customer_inference - customer_care - payment_fees - service_cost - royalty


def customer_tasks(total_finished_tasks, trial_share) -> Requests:
    """Tasks of the plan's customers that finish this month; free trials are excluded."""
    return total_finished_tasks * (1 - trial_share)


def price_per_finished_task(plan_revenue, customer_tasks) -> MoneyPerRequest:
    """Revenue of the plan this month, fees included, per task of its customers that finishes."""
    return np.where(customer_tasks > 0, plan_revenue / customer_tasks, 0)


def margin_per_finished_task(plan_margin, customer_tasks) -> NetPerRequest:
    """Plan margin this month per task of the plan's customers that finishes; tasks that fail cost, too."""
    return np.where(customer_tasks > 0, plan_margin / customer_tasks, 0)
