"""Shares before the scenario, per holder; the cap table adds those of rounds and SAFEs."""

from simulator.engine.quantities import Stock, Switch

PER = "holder"


def shares_at_start(shares: Stock) -> Stock:
    """Common shares of the holder before any round of the scenario, or options granted or set aside."""
    return shares


def options_set_aside(set_aside: Switch = 0.0) -> Switch:
    """1 if the holder is the pool of options for staff that nobody has been granted yet, otherwise 0."""
    return set_aside
