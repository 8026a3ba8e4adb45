"""A sale of the company: how much of the option pool it pays."""

from simulator.engine.quantities import Share


def pool_paid(options_granted_at_exit: Share = 0.0) -> Share:
    """Share of the options left in the pool that count as granted when the company is sold; the rest is cancelled.

    options_granted_at_exit: Share of the pool that staff hold by a sale, at no strike, besides the listed grants.
    """
    return options_granted_at_exit
