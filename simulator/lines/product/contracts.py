"""Contracts, per plan: the prices that customers have signed, which hold until the term of the contract ends.

A customer signs on joining, and again each time `contract_months` have passed. Customers from before the scenario sign
in the first month, as `retention` counts them. A contract has the prices of the month in which it is signed, so a new
list price, a price war or a better product reaches a customer on renewal; with a term of one month, that is at once.
Fees, seat fees and commitments are signed as amounts. Use is charged at the list price of its month, times the price
level in the contract: a contract fixes a discount, not a price list.

Contracts are counted like cohorts, before the stay index, which takes the same share of all of them. Means are over
customers, large or small.
"""

from typing import Annotated

import numpy as np

from simulator.engine.ages import over_ages
from simulator.engine.model import Array
from simulator.engine.quantities import (
    Customers,
    Factor,
    Money,
    MoneyPerCustomer,
    PricePerCustomer,
    PricePerSeat,
    Share,
    Term,
)
from simulator.engine.units import quantity

PER = "plan"

# A price per seat, times the contracts that have it; dividing by contracts gives the mean price.
SeatFees = Annotated[Array | float, quantity("money*customer/seat")]


def cohort_before(month, last_cohort=0.0) -> Customers:
    """New customers of the plan last month, divided by the stay index; 0 in the first month."""
    return np.where(month > 0, last_cohort, 0)


def contracts_kept(
    past_cohort_before, past_contract_survival_ahead, contract_survival, opening_customers=0.0
) -> Customers:
    """Contracts of earlier months still there this month: what age has left of every cohort, before the stay index.

    Customers from before the scenario count as a cohort of the first month.
    """
    # The newest cohort here is a month old.
    return over_ages(past_cohort_before, past_contract_survival_ahead) + opening_customers * contract_survival


def contracts(contracts_kept, cohort) -> Customers:
    """Contracts of the plan at the end of the month, new ones included, before the stay index."""
    return contracts_kept + cohort


def signed_before(month, last_contracts_signed=0.0) -> Customers:
    """Contracts of the plan signed last month, before the stay index; 0 in the first month."""
    return np.where(month > 0, last_contracts_signed, 0)


def goes_on(month, contract_months: Term = 1.0) -> Share:
    """1 at the ages, counted from the month after signing, at which a contract's term has not ended; otherwise 0."""
    # The newest contract here is a month old, so age 0 stands for one month since signing.
    return np.where(month < np.ceil(contract_months) - 1, 1, 0)


def contracts_running(past_signed_before, past_goes_on) -> Customers:
    """Contracts of the plan signed in earlier months whose term is still running this month, before the stay index."""
    return over_ages(past_signed_before, past_goes_on)


def contracts_signed(contracts, contracts_running) -> Customers:
    """Contracts of the plan signed this month, new and renewed, before the stay index."""
    # Rounding may leave a residue below zero.
    return np.maximum(contracts - contracts_running, 0)


def in_term(month, contract_months) -> Share:
    """1 at the ages in months at which the prices in a contract still hold; 0 once its term has ended."""
    return np.where(month < np.ceil(contract_months), 1, 0)


def fees_signed(contracts_signed, fee) -> Money:
    """Monthly customer fees in the contracts of the plan signed this month, before the stay index."""
    return contracts_signed * fee


def signed_fee(past_fees_signed, past_in_term, contracts, fee) -> MoneyPerCustomer:
    """Monthly fee that the plan's average customer has signed, independent of use, without seats and commitment."""
    # Without contracts there is no mean, and the fee of a new customer stands in.
    return np.where(contracts > 0, over_ages(past_fees_signed, past_in_term) / contracts, fee)


def seat_fees_signed(contracts_signed, seat_fee) -> SeatFees:
    """Monthly fee per seat in contracts of the plan signed this month, summed, before the stay index."""
    return contracts_signed * seat_fee


def signed_seat_fee(past_seat_fees_signed, past_in_term, contracts, seat_fee) -> PricePerSeat:
    """Monthly fee per seat that the plan's average customer has signed."""
    return np.where(contracts > 0, over_ages(past_seat_fees_signed, past_in_term) / contracts, seat_fee)


def commitments_signed(contracts_signed, commitment: PricePerCustomer = 0.0) -> Money:
    """Monthly minimum payments for use in the contracts of the plan signed this month, before the stay index."""
    return contracts_signed * commitment


def signed_commitment(past_commitments_signed, past_in_term, contracts, commitment) -> MoneyPerCustomer:
    """Monthly minimum for use that the plan's average customer has signed."""
    return np.where(contracts > 0, over_ages(past_commitments_signed, past_in_term) / contracts, commitment)


def levels_signed(contracts_signed, price_level) -> Customers:
    """Contracts of the plan signed this month, each weighted by its price level, before the stay index."""
    return contracts_signed * price_level


def signed_level(past_levels_signed, past_in_term, contracts, price_level) -> Factor:
    """Price level in the contract of the plan's average customer: the share of list prices charged for use."""
    return np.where(contracts > 0, over_ages(past_levels_signed, past_in_term) / contracts, price_level)
