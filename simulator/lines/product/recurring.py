"""Monthly recurring revenue, per plan, and the bridge from month to month that investors ask for.

Usage is left out unless a commitment guarantees it.
"""

import numpy as np

from simulator.engine.quantities import Money, MoneyPerCustomer

PER = "plan"


def recurring_fee(fee, seat_fee, seats_per_customer, commitment) -> MoneyPerCustomer:
    """What a new customer adds to recurring revenue."""
    return fee + seat_fee * seats_per_customer + commitment


def mrr(customers, signed_fee, seats, signed_seat_fee, signed_commitment) -> Money:
    """Monthly recurring revenue: what all customers and seats there are have signed, a year's contract at a twelfth."""
    return customers * (signed_fee + signed_commitment) + seats * signed_seat_fee


def mrr_before(month, last_mrr, recurring_fee, opening_mrr=0.0, opening_customers=0.0) -> Money:
    """What the month began with; the plan's first month begins with the customers who were there."""
    return np.where(month == 0, opening_mrr + opening_customers * recurring_fee, last_mrr)


def new_mrr(new_customers, recurring_fee) -> Money:
    """What customers who joined added."""
    return new_customers * recurring_fee


def churned_mrr(mrr_before, churned_customers, customers, new_customers) -> Money:
    """What customers who left took away, each as much as the mean of those who were there."""
    there = customers + churned_customers - new_customers
    return np.where(there > 0, mrr_before * churned_customers / there, 0)


def changed_mrr(mrr, mrr_before, new_mrr, churned_mrr) -> Money:
    """What customers who stayed added or took away, by seats and prices."""
    return mrr - mrr_before - new_mrr + churned_mrr


def expansion_mrr(changed_mrr) -> Money:
    """What staying customers added, where they did."""
    return np.maximum(changed_mrr, 0)


def contraction_mrr(changed_mrr) -> Money:
    """What staying customers took away, where they did."""
    return np.maximum(-changed_mrr, 0)
