"""Deals: those that sellers start become customers after the sales cycle."""

import numpy as np

from simulator.engine.ages import over_ages
from simulator.engine.quantities import Customers, Share, SteadyMonths


def deals_started(total_deals_by_role) -> Customers:
    """Deals that all sellers start this month and will win once the sales cycle has passed."""
    return total_deals_by_role


def closing_age(month, sales_cycle: SteadyMonths = 0.0) -> Share:
    """1 at the age, in months since its start, at which a sales deal closes; 0 at every other age.

    sales_cycle: Months from the start of a sales deal to the customer's signature.
    """
    return np.where(month == np.ceil(sales_cycle), 1, 0)


def deals_won(past_deals_started, past_closing_age) -> Customers:
    """Sales deals of the company expected to close this month, one sales cycle after they were started."""
    return over_ages(past_deals_started, past_closing_age)
