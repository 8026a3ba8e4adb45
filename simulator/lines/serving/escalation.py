"""Escalation, per route: how much of what reaches its pool another feature answers, again or instead."""

from simulator.engine.quantities import Share

PER = "route"


def escalation(escalated_share: Share) -> Share:
    """Share of the requests that its pool answers first which the route sends on."""
    return escalated_share


def moving(moved_share: Share) -> Share:
    """Share of the requests to its pool that the route moves to its feature."""
    return moved_share
