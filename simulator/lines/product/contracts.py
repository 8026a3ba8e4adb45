"""Contracts, per plan: the prices that customers have signed, which hold until the term of the contract ends.

A customer signs on joining, and again each time `contract_months` have passed. A contract has the prices of the month
in which it is signed, so a new list price, a price war or a better product reaches a customer on renewal; with a term
of one month, that is at once. Fees, seat fees and commitments are signed as amounts. Use is charged at the list price
of its month, times the price level in the contract: a contract fixes a discount, not a price list.

Customers from before the scenario, opening customers for short, renew evenly: of contracts of n months, one n-th ends
in each of the months 0 to n - 1, and their prices until then are those of the first month. Monthly contracts run
through the first month, so nobody leaves before the next.

Contracts are counted like cohorts, before the stay index, which takes the same share of all of them. Means are over
customers, large or small.
"""

from typing import Annotated, Any

import numpy as np

from simulator.engine.ages import over_ages, over_cohorts
from simulator.engine.choice import where
from simulator.engine.quantities import (
    Customers,
    Factor,
    Money,
    MoneyPerCustomer,
    Numbers,
    PricePerCustomer,
    PricePerSeat,
    Share,
    Term,
)
from simulator.engine.units import quantity

PER = "plan"

# A price per seat, times the contracts that have it; dividing by contracts gives the mean price.
SeatFees = Annotated[Numbers, quantity("money*customer/seat")]


def cohort_before(month, last_cohort=0.0) -> Customers:
    """New customers of the plan last month, divided by the stay index; 0 in the first month.

    opening_cohort: State of the model that no scenario needs to give.
    """
    return np.where(month > 0, last_cohort, 0)


def opening_terms(contract_months, opening_customers=0.0) -> Customers:
    """Opening customers of the plan whose contracts run for several months; 0 where contracts are monthly.

    opening_customers: Customers whom the plan has when the scenario begins.
    """
    return np.where(np.ceil(contract_months) > 1, opening_customers, 0)


def opening_running(month, opening_terms, contract_months) -> Customers:
    """Opening contracts of the plan in force before the scenario whose term goes on beyond this month."""
    term = np.ceil(contract_months)
    return opening_terms * np.maximum(term - 1 - month, 0) / term


def opening_renewals(opening_staying, contract_months, opening_customers) -> Customers:
    """Opening customers of the plan whose contract ends this month and who renew it, before the stay index."""
    return where(opening_customers > 0, _of_one_month, 0.0, opening_customers, opening_staying, contract_months)


def _of_one_month(customers: Any, staying: Any, contract_months: Any) -> Any:
    """Return those who stay of the part of all customers whose contracts end in one month."""
    return customers / np.ceil(contract_months) * staying


def opening_kept(past_opening_renewals, past_in_term, opening_running, opening_customers) -> Customers:
    """Opening customers of the plan still there this month: what age has left of them, before the stay index."""
    return where(opening_customers > 0, over_cohorts, 0.0, past_opening_renewals, past_in_term, 1, opening_running)


def contracts_kept(past_cohort_before, past_contract_survival_ahead, opening_kept) -> Customers:
    """Contracts of earlier months still there this month: what age has left of every cohort, before the stay index."""
    # The newest cohort here is a month old.
    return over_ages(past_cohort_before, past_contract_survival_ahead) + opening_kept


def contracts(contracts_kept, cohort) -> Customers:
    """Contracts of the plan at the end of the month, new ones included, before the stay index."""
    return contracts_kept + cohort


def contracts_before(month, opening_terms, last_contracts=0.0) -> Customers:
    """Contracts of the plan when the month begins, before the stay index; in the first, those of several months.

    opening_contracts: State of the model that no scenario needs to give.
    """
    return np.where(month > 0, last_contracts, opening_terms)


def signed_before(month, last_contracts_signed=0.0) -> Customers:
    """Contracts of the plan signed last month, before the stay index; 0 in the first month.

    opening_contracts_signed: State of the model that no scenario needs to give.
    """
    return np.where(month > 0, last_contracts_signed, 0)


def goes_on(month, contract_months: Term = 1.0) -> Share:
    """1 at the ages, counted from the month after signing, at which a contract's term has not ended; otherwise 0.

    contract_months: Term of a contract, at whose end a customer of the plan renews it or leaves.
    """
    # The newest contract here is a month old, so age 0 stands for one month since signing.
    return np.where(month < np.ceil(contract_months) - 1, 1, 0)


def contracts_running(past_signed_before, past_goes_on, opening_running) -> Customers:
    """Contracts of the plan signed in earlier months whose term is still running this month, before the stay index."""
    return over_ages(past_signed_before, past_goes_on) + opening_running


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


def signed_fee(past_fees_signed, past_in_term, opening_running, first_fee, contracts, fee) -> MoneyPerCustomer:
    """Monthly fee that the plan's average customer has signed, independent of use, without seats and commitment."""
    # Without contracts there is no mean, and the fee of a new customer stands in.
    signed = over_ages(past_fees_signed, past_in_term) + opening_running * first_fee
    return np.where(contracts > 0, signed / contracts, fee)


def seat_fees_signed(contracts_signed, seat_fee) -> SeatFees:
    """Monthly fee per seat in contracts of the plan signed this month, summed, before the stay index."""
    return contracts_signed * seat_fee


def signed_seat_fee(
    past_seat_fees_signed, past_in_term, opening_running, first_seat_fee, contracts, seat_fee
) -> PricePerSeat:
    """Monthly fee per seat that the plan's average customer has signed."""
    signed = over_ages(past_seat_fees_signed, past_in_term) + opening_running * first_seat_fee
    return np.where(contracts > 0, signed / contracts, seat_fee)


def commitments_signed(contracts_signed, commitment: PricePerCustomer = 0.0) -> Money:
    """Monthly minimum payments for use in the contracts of the plan signed this month, before the stay index.

    commitment: Least that each customer of the plan pays a month for use, whether used or not.
    """
    return contracts_signed * commitment


def signed_commitment(
    past_commitments_signed, past_in_term, opening_running, first_commitment, contracts, commitment
) -> MoneyPerCustomer:
    """Monthly minimum for use that the plan's average customer has signed."""
    signed = over_ages(past_commitments_signed, past_in_term) + opening_running * first_commitment
    return np.where(contracts > 0, signed / contracts, commitment)


def levels_signed(contracts_signed, price_level) -> Customers:
    """Contracts of the plan signed this month, each weighted by its price level, before the stay index."""
    return contracts_signed * price_level


def signed_level(
    past_levels_signed, past_in_term, opening_running, first_price_level, contracts, price_level
) -> Factor:
    """Price level in the contract of the plan's average customer: the share of list prices charged for use."""
    signed = over_ages(past_levels_signed, past_in_term) + opening_running * first_price_level
    return np.where(contracts > 0, signed / contracts, price_level)
