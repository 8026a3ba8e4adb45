"""Shares before the scenario, per holder; the cap table adds those of rounds, SAFEs and notes."""

from simulator.engine.quantities import Stock, Switch

PER = "holder"


def shares_at_start(shares: Stock) -> Stock:
    """Common shares of the holder before any round of the scenario, or options granted or set aside.

    shares: Number of shares that the holder has when the scenario begins, or of options set aside.
    """
    return shares


def options_set_aside(set_aside: Switch = 0.0) -> Switch:
    """1 if the holder is the pool of options for staff that nobody has been granted yet, otherwise 0.

    set_aside: Choice of 1 if the holder is the pool of options not yet granted to staff, otherwise 0.
    """
    return set_aside
