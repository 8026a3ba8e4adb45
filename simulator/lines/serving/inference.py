"""What serving costs, per plan: that of paying customers is a cost of revenue, that of free plans wins customers."""

from simulator.engine.quantities import DirectCost, Money, SellingCost

PER = "plan"


def inference_cost(total_token_cost) -> Money:
    """The plan's part of what all pools cost."""
    return total_token_cost


def paid_inference(inference_cost, free) -> DirectCost:
    """Serving customers who pay."""
    return inference_cost * (1 - free)


def free_inference(inference_cost, free) -> SellingCost:
    """Serving customers of a free plan, which is what winning the others costs."""
    return inference_cost * free


def request_care(total_care_cost) -> Money:
    """Moderation, review, storage and traffic for the plan's requests."""
    return total_care_cost


def paid_care(request_care, free) -> DirectCost:
    """The same for customers who pay."""
    return request_care * (1 - free)


def free_care(request_care, free) -> SellingCost:
    """The same for customers of a free plan."""
    return request_care * free


def plan_margin(plan_revenue, inference_cost, request_care, payment_fees, service_cost, royalty) -> Money:
    """What the plan's customers leave after what only they cost: tokens, care, fees, services, royalties."""
    return plan_revenue - inference_cost - request_care - payment_fees - service_cost - royalty
