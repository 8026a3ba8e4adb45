"""Funding, per round: cash that investors put in, and what raising it costs."""

import numpy as np

from simulator.quantities import Amount, Financing, Months, Share

PER = "round"


def equity_raised(month, close_month: Months, amount: Amount, closing_cost: Share = 0.0) -> Financing:
    """Cash from the round, after lawyers and fees, in the month by which it has closed."""
    return np.where(month == np.ceil(close_month), amount * (1 - closing_cost), 0)
