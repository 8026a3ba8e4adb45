"""Invoices, per plan: the customers and seats that are invoiced in a month, and the fees that their contracts have.

Recurring fees are invoiced for `prepaid_months` ahead. Where several such periods fit into a contract, an invoice has
the fees of its own contract. Where they do not, and where customers pay by the month, it has those of the average
customer, who by the month are all invoiced.
"""

from typing import Any

import numpy as np

from simulator.engine.ages import is_multiple, over_ages, over_cohorts
from simulator.engine.choice import where
from simulator.engine.quantities import (
    Customers,
    Factor,
    MoneyPerCustomer,
    PricePerSeat,
    Seats,
    Share,
    Switch,
    Term,
)

PER = "plan"


def invoice_age(month, contract_survival, prepaid_months: Term = 1.0) -> Share:
    """Share of a cohort invoiced at an age in months: customers still there when a prepaid period ends, otherwise 0.

    prepaid_months: Months that each invoice of recurring fees pays ahead; 1 for a monthly bill.
    """
    return np.where(is_multiple(month, np.ceil(prepaid_months)), contract_survival, 0)


def seat_invoice_age(month, seat_survival, prepaid_months) -> Factor:
    """Seats invoiced at an age of a cohort in months, per seat it began with; 0 unless a prepaid period ends then."""
    return np.where(is_multiple(month, np.ceil(prepaid_months)), seat_survival, 0)


def invoice_in_term(month, contract_months, prepaid_months) -> Share:
    """1 at the ages of a contract in months at which an invoice falls due before its term ends; otherwise 0."""
    due = is_multiple(month, np.ceil(prepaid_months))
    return np.where(np.logical_and(due, month < np.ceil(contract_months)), 1, 0)


def opening_first_invoices(month, opening_terms, contract_months, prepaid_months) -> Customers:
    """Opening customers of the plan whose contract goes on beyond this month, and who are invoiced in it."""
    periods = np.ceil(contract_months) / np.ceil(prepaid_months) - 1 - np.floor(month / np.ceil(prepaid_months))
    return opening_terms * np.maximum(periods, 0) / np.ceil(contract_months)


def opening_invoiced(
    past_opening_renewals,
    past_invoice_in_term,
    opening_first_invoices,
    opening_kept,
    contract_months,
    prepaid_months,
    opening_customers,
) -> Customers:
    """Opening customers of the plan whose next prepaid period begins this month, before the stay index.

    Where periods fit into the contract they end with it; otherwise they are spread evenly over all customers.
    """
    periods = np.ceil(contract_months) / np.ceil(prepaid_months)
    fits = np.logical_and(opening_customers > 0, periods == np.floor(periods))
    spread = opening_kept / np.ceil(prepaid_months)
    return where(fits, over_cohorts, spread, past_opening_renewals, past_invoice_in_term, 1, opening_first_invoices)


def customers_invoiced(
    past_cohort, past_invoice_age, opening_invoiced, prepaid_months, stay_index, customers
) -> Customers:
    """Customers of the plan whose next prepaid period begins this month: all of them, where they pay by the month."""
    return where(
        prepaid_months > 1, over_cohorts, customers, past_cohort, past_invoice_age, stay_index, opening_invoiced
    )


def seats_invoiced(
    month,
    past_cohort,
    past_seat_invoice_age,
    opening_invoiced,
    stay_index,
    seats_per_customer,
    customers_invoiced,
    seat_growth,
) -> Seats:
    """Seats of those customers of the plan whose next prepaid period begins this month."""
    opened = opening_invoiced * (1 + seat_growth) ** month
    due = where(
        seat_growth != 0, over_cohorts, customers_invoiced, past_cohort, past_seat_invoice_age, stay_index, opened
    )
    return due * seats_per_customer


def invoiced_by_contract(contract_months, prepaid_months) -> Switch:
    """1 where several prepaid periods of more than a month fit into the plan's contract; otherwise 0."""
    periods = np.ceil(contract_months) / np.ceil(prepaid_months)
    several = np.logical_and(np.ceil(prepaid_months) > 1, periods > 1)
    return np.where(np.logical_and(several, periods == np.floor(periods)), 1, 0)


def contracts_invoiced(
    past_contracts_signed, past_invoice_in_term, opening_first_invoices, invoiced_by_contract
) -> Customers:
    """Contracts of the plan invoiced this month, before the stay index, if the fees of its contracts matter."""
    found = past_contracts_signed, past_invoice_in_term, 1, opening_first_invoices
    return where(invoiced_by_contract > 0, over_cohorts, 0.0, *found)


def invoiced_fee(
    past_fees_signed,
    past_invoice_in_term,
    opening_first_invoices,
    first_fee,
    contracts_invoiced,
    invoiced_by_contract,
    signed_fee,
) -> MoneyPerCustomer:
    """Mean monthly fee, without seats, in the contracts of the plan's customers who are invoiced this month."""
    found = past_fees_signed, past_invoice_in_term, opening_first_invoices, first_fee, contracts_invoiced, signed_fee
    return where(invoiced_by_contract > 0, _mean, signed_fee, *found)


def invoiced_seat_fee(
    past_seat_fees_signed,
    past_invoice_in_term,
    opening_first_invoices,
    first_seat_fee,
    contracts_invoiced,
    invoiced_by_contract,
    signed_seat_fee,
) -> PricePerSeat:
    """Mean monthly fee per seat in the contracts of the plan's customers who are invoiced this month."""
    opened = opening_first_invoices, first_seat_fee
    found = past_seat_fees_signed, past_invoice_in_term, *opened, contracts_invoiced, signed_seat_fee
    return where(invoiced_by_contract > 0, _mean, signed_seat_fee, *found)


def _mean(past_signed: Any, past_due: Any, opened: Any, first: Any, contracts: Any, otherwise: Any) -> Any:
    """Return the mean of what is signed over the contracts that are invoiced; of all contracts if none is."""
    return np.where(contracts > 0, (over_ages(past_signed, past_due) + opened * first) / contracts, otherwise)
