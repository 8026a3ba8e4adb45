"""Deals: what sellers start becomes customers after the sales cycle."""

import numpy as np

from simulator.engine.ages import over_ages
from simulator.engine.quantities import Customers, Share, SteadyMonths


def deals_started(total_deals_by_role) -> Customers:
    """Deals that all sellers start this month and will win."""
    return total_deals_by_role


def closing_age(month, sales_cycle: SteadyMonths = 0.0) -> Share:
    """1 at the age at which a deal closes."""
    return np.where(month == np.ceil(sales_cycle), 1, 0)


def deals_won(past_deals_started, past_closing_age) -> Customers:
    """Deals that close this month, a sales cycle after they were started."""
    return over_ages(past_deals_started, past_closing_age)


def customers_before(month, total_paying_at_start, last_customers_served=0.0) -> Customers:
    """Customers who had to be looked after when the month began."""
    return np.where(month == 0, total_paying_at_start, last_customers_served)


def customers_served(total_paying_customers) -> Customers:
    """Customers of all plans that ask for something."""
    return total_paying_customers
