"""Contracts, per plan: the prices that customers have signed, which hold until their term ends.

A customer signs when joining, and again each time that `contract_months` have passed; those there at the start signed
in the first month, as `retention` counts them. Prices of a month hold for what is signed in it, so that a new list
price, a price war or a better product reach a customer when the contract is renewed; where a contract lasts a month,
that is at once. Fees, seat fees and commitments are signed as amounts. Use is charged at the list price of its month,
at the level that was signed: a discount is agreed on, a price list is not.

Contracts are counted as cohorts are, before the stay index, which takes the same share of all of them. Means are over
customers, of whatever size.
"""

from typing import Annotated

import numpy as np

from simulator.engine.ages import over_ages
from simulator.engine.model import Array
from simulator.engine.quantities import Customers, Factor, Money, MoneyPerCustomer, PricePerSeat, Share, Term
from simulator.engine.units import quantity

PER = "plan"

# What a seat costs, summed over customers.
SeatFees = Annotated[Array | float, quantity("money*customer/seat")]


def contracts(past_cohort, past_contract_survival, contract_survival, opening_customers=0.0) -> Customers:
    """Contracts there are: what is left of every cohort; those there at the start count as one of the first month."""
    return over_ages(past_cohort, past_contract_survival) + opening_customers * contract_survival


def signed_before(month, last_contracts_signed=0.0) -> Customers:
    """Contracts signed in the month before."""
    return np.where(month > 0, last_contracts_signed, 0)


def goes_on(month, contract_months: Term = 1.0) -> Share:
    """1 at the ages, counted from the month after it was signed, at which a contract's term has not ended."""
    return np.where(month < np.ceil(contract_months) - 1, 1, 0)


def contracts_running(past_signed_before, past_goes_on) -> Customers:
    """Contracts signed before this month whose term goes on."""
    return over_ages(past_signed_before, past_goes_on)


def contracts_signed(contracts, contracts_running) -> Customers:
    """Contracts signed this month: by customers who join, and by those who stay when their term has ended."""
    return np.maximum(contracts - contracts_running, 0)


def in_term(month, contract_months) -> Share:
    """1 at the ages at which what was signed still holds."""
    return np.where(month < np.ceil(contract_months), 1, 0)


def fees_signed(contracts_signed, fee) -> Money:
    """Monthly fees of the contracts signed this month."""
    return contracts_signed * fee


def signed_fee(past_fees_signed, past_in_term, contracts, fee) -> MoneyPerCustomer:
    """What a mean customer has signed to pay each month whatever the use."""
    return np.where(contracts > 0, over_ages(past_fees_signed, past_in_term) / contracts, fee)


def seat_fees_signed(contracts_signed, seat_fee) -> SeatFees:
    """Monthly fees for a seat in the contracts signed this month."""
    return contracts_signed * seat_fee


def signed_seat_fee(past_seat_fees_signed, past_in_term, contracts, seat_fee) -> PricePerSeat:
    """What a mean customer has signed to pay each month for a seat."""
    return np.where(contracts > 0, over_ages(past_seat_fees_signed, past_in_term) / contracts, seat_fee)


def commitments_signed(contracts_signed, commitment: MoneyPerCustomer = 0.0) -> Money:
    """Monthly minimums of the contracts signed this month."""
    return contracts_signed * commitment


def signed_commitment(past_commitments_signed, past_in_term, contracts, commitment) -> MoneyPerCustomer:
    """What a mean customer has signed to pay for use each month at least."""
    return np.where(contracts > 0, over_ages(past_commitments_signed, past_in_term) / contracts, commitment)


def levels_signed(contracts_signed, price_level) -> Customers:
    """Contracts signed this month, each counted at its price level."""
    return contracts_signed * price_level


def signed_level(past_levels_signed, past_in_term, contracts, price_level) -> Factor:
    """What a mean customer's contract leaves of the list prices of use."""
    return np.where(contracts > 0, over_ages(past_levels_signed, past_in_term) / contracts, price_level)
