"""Who holds shares when the plan begins, per holder; rounds and SAFEs add to them in the cap table."""

from simulator.engine.quantities import Stock, Switch

PER = "holder"


def shares_at_start(shares: Stock) -> Stock:
    """Common shares, or options granted or set aside, before any round of the plan."""
    return shares


def options_set_aside(set_aside: Switch = 0.0) -> Switch:
    """1 where these are options for staff that nobody has been granted yet: the pool."""
    return set_aside
