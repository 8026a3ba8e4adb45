"""Upgrades over all plans: customers who leave one plan for a better one, and the recurring revenue they take along."""

import numpy as np

from simulator.engine.quantities import Customers, Factor, Money, Share


def upgrade_pull(total_upgrade_appeal, total_upgrade_share) -> Factor:
    """Customers who upgrade to any plan at this month's prices, per customer who would at the reference prices."""
    return np.where(total_upgrade_share > 0, total_upgrade_appeal / total_upgrade_share, 1)


def upgrades_of_all(total_upgrades) -> Customers:
    """Customers who leave one plan for a better one this month, over all plans."""
    return total_upgrades


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
