"""Cost of serving, per plan: a cost of revenue for paying customers, a cost of sales and marketing for free plans."""

from typing import Annotated

import numpy as np

from simulator.engine.quantities import DirectCost, Money, MoneyPerRequest, Numbers, SellingCost
from simulator.engine.units import quantity

PER = "plan"

NetPerRequest = Annotated[Numbers, quantity("money/request")]


def inference_cost(total_token_cost) -> Money:
    """Cost this month of serving the plan's requests: its share of what pools cost, idle devices included."""
    return total_token_cost


def paid_inference(inference_cost, free) -> DirectCost:
    """Cost this month of serving the plan's requests, if its customers pay; 0 for a free plan."""
    return inference_cost * (1 - free)


def free_inference(inference_cost, free) -> SellingCost:
    """Cost this month of serving the plan's requests, if it is free; 0 for a plan that charges.

    Serving free customers counts as a cost of winning paying ones.
    """
    # Free plans serve as advertising, so their cost belongs to sales and marketing.
    return inference_cost * free


def request_care(total_care_cost) -> Money:
    """Cost this month of moderation, review, storage, traffic and tools for the plan's requests."""
    return total_care_cost


def paid_care(request_care, free) -> DirectCost:
    """Moderation, review, storage and tools for the plan's requests this month, if its customers pay; otherwise 0."""
    return request_care * (1 - free)


def free_care(request_care, free) -> SellingCost:
    """Moderation, review, storage and tools for the plan's requests this month, if it is free; otherwise 0."""
    return request_care * free


def plan_margin(plan_revenue, inference_cost, request_care, payment_fees, service_cost, royalty) -> Money:
    """Plan revenue less the plan's own costs this month: tokens, care, payment fees, services, royalties."""
    return plan_revenue - inference_cost - request_care - payment_fees - service_cost - royalty


def price_per_finished_task(plan_revenue, total_finished_tasks) -> MoneyPerRequest:
    """Revenue of the plan this month, fees included, per task of its customers that finishes."""
    return np.where(total_finished_tasks > 0, plan_revenue / total_finished_tasks, 0)


def margin_per_finished_task(plan_margin, total_finished_tasks) -> NetPerRequest:
    """Plan margin this month per task of the plan's customers that finishes; tasks that fail cost, too."""
    return np.where(total_finished_tasks > 0, plan_margin / total_finished_tasks, 0)
