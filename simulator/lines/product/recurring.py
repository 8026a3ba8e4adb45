"""Monthly recurring revenue (MRR), per plan, and the bridge from month to month that investors ask for.

Usage counts only as far as a commitment guarantees it.
"""

import numpy as np

from simulator.engine.quantities import Money, MoneyPerCustomer

PER = "plan"


def recurring_fee(fee, seat_fee, seats_per_customer, commitment, net_level) -> MoneyPerCustomer:
    """Monthly recurring revenue that a new customer of the plan adds: fee, seats and commitment."""
    return (fee + seat_fee * seats_per_customer + commitment) * net_level


def mrr(customers, signed_fee, seats, signed_seat_fee, signed_commitment, net_level) -> Money:
    """Monthly recurring revenue (MRR) of the plan at the end of the month: signed fees, seats and commitments.

    A contract for a year counts with a twelfth; metered use beyond the commitment does not count.
    """
    return (customers * (signed_fee + signed_commitment) + seats * signed_seat_fee) * net_level


def mrr_before(month, last_mrr, recurring_fee, opening_mrr=0.0, opening_customers=0.0) -> Money:
    """Monthly recurring revenue of the plan when the month begins.

    In the first month, that of the customers from before the scenario.
    """
    return np.where(month == 0, opening_mrr + opening_customers * recurring_fee, last_mrr)


def new_mrr(new_customers, recurring_fee) -> Money:
    """Monthly recurring revenue added by customers who joined the plan this month."""
    return new_customers * recurring_fee


def churned_mrr(mrr_before, churned_customers, customers, new_customers) -> Money:
    """Monthly recurring revenue lost with customers who left the plan this month, at the mean per customer."""
    # Customers at the start of the month; who left is assumed to have paid their mean.
    there = customers + churned_customers - new_customers
    return np.where(there > 0, mrr_before * churned_customers / there, 0)


def changed_mrr(mrr, mrr_before, new_mrr, churned_mrr) -> Money:
    """Monthly recurring revenue added this month by customers who stayed in the plan; negative if they cut.

    Seats and prices change the amount.
    """
    return mrr - mrr_before - new_mrr + churned_mrr


def expansion_mrr(changed_mrr) -> Money:
    """Monthly recurring revenue added this month by customers who stayed in the plan; 0 if they cut in total."""
    return np.maximum(changed_mrr, 0)


def contraction_mrr(changed_mrr) -> Money:
    """Monthly recurring revenue cut this month by customers who stayed in the plan; 0 if they added in total."""
    return np.maximum(-changed_mrr, 0)
