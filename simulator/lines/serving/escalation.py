"""Escalation, per route: how much of what its pool answers first goes on to another feature."""

from simulator.engine.quantities import Share

PER = "route"


def escalation(escalated_share: Share) -> Share:
    """Share of the requests that its pool answers first which the route sends on."""
    return escalated_share
