"""Routes, per plan and route: requests to features on one pool that another feature answers, again or instead.

Escalated: a small model answers first, and a share of its requests goes on to a feature on a larger model. Both answers
cost their tokens; the customer pays for the tokens of the first alone, and for a finished task where it finishes.

Moved: another feature answers in place of the pool's, such as a fine-tuned model in place of a prompted one. Only that
answer costs tokens, and it is the one that the customer pays for.
"""

from simulator.engine.quantities import Factor, Number, Requests, Share

PER = ("plan", "route")


def moved_use(pool_asked_of_pool, route_moved_share: Share = 0.0) -> Factor:
    """Requests that the route moves from its pool to its feature, per request of the plan.

    moved_share: Share of the requests to the pool that the route's feature answers in their place; 100% moves all.
    """
    return pool_asked_of_pool * route_moved_share


def escalated_requests(pool_first_requests, route_escalated_share: Share = 0.0) -> Requests:
    """Requests of the plan's customers this month that the route sends on from its pool to its feature.

    escalated_share: Share of the pool's requests that the feature answers again.
    """
    return pool_first_requests * route_escalated_share


def escalated_use(pool_first_use, route_escalated_share) -> Factor:
    """Requests that the route sends on from its pool to its feature, per request of the plan."""
    return pool_first_use * route_escalated_share


def leads(route_escalated_share) -> Number:
    """1 for each route, so that a feature can count the routes that lead to it."""
    return 1 + 0 * route_escalated_share
