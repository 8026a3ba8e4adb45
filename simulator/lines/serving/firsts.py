"""Requests that customers of a plan send to a pool themselves, per plan and pool; routes send further ones."""

from simulator.engine.quantities import Factor, Requests

PER = ("plan", "pool")


def asked_of_pool(total_asked_use) -> Factor:
    """Requests that are meant for features on the pool, per request of the plan, before routes move any."""
    return total_asked_use


def first_requests(total_direct_requests) -> Requests:
    """Requests of the plan's customers this month that reach features on the pool before any are escalated."""
    return total_direct_requests


def first_use(total_feature_use) -> Factor:
    """Requests that reach features on the pool before any are escalated, per request of the plan."""
    return total_feature_use
