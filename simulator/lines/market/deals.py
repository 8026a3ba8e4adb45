"""Deals: those that sellers start become customers after the sales cycle."""

import numpy as np

from simulator.engine.ages import over_ages
from simulator.engine.quantities import Customers, Factor, Money, Share, SteadyMonths


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


def upgrade_pull(total_upgrade_appeal, total_upgrade_share) -> Factor:
    """Customers who upgrade to any plan at this month's prices, per customer who would at the reference prices."""
    return np.where(total_upgrade_share > 0, total_upgrade_appeal / total_upgrade_share, 1)


def upgraded_of_all(total_upgraded_to) -> Customers:
    """Customers who arrive in a better plan this month, over all plans."""
    return total_upgraded_to


def upgrades_placed(upgraded_of_all, upgrades_of_all) -> Share:
    """Share of this month's upgrading customers who arrive in another plan; the others leave the company."""
    return np.where(upgrades_of_all > 0, upgraded_of_all / upgrades_of_all, 0)


def recurring_upgraders(total_upgrades_with_mrr, upgrades_of_all) -> Share:
    """Share of this month's upgrading customers who have paid recurring revenue in their old plan."""
    return np.where(upgrades_of_all > 0, total_upgrades_with_mrr / upgrades_of_all, 0)


def upgraded_mrr(total_upgraded_out_mrr) -> Money:
    """Monthly recurring revenue that all customers who change plans this month take along."""
    return total_upgraded_out_mrr


def customers_before(month, total_paying_at_start, last_customers_served=0.0) -> Customers:
    """Paying customers of all plans when the month begins.

    opening_customers_served: State of the model that no scenario needs to give.
    """
    return np.where(month == 0, total_paying_at_start, last_customers_served)


def customers_served(total_paying_customers) -> Customers:
    """Paying customers of all plans this month; customers of free plans are excluded."""
    return total_paying_customers
