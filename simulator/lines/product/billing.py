"""Billing, per plan: amounts invoiced, the part of them that is revenue this month, and amounts customers still owe.

Subscriptions are invoiced ahead for `prepaid_months` and become revenue in equal parts (ASC 606). Usage is invoiced in
the month it happens. Prepaid credits become revenue as they are used, and credits that will never be used in proportion
to those that are (ASC 606-10-55-48). Receivables are collected at a steady pace: with days to pay d, d / (d + 30.4) of
what is owed stays owed for another month, so that at level sales d days of sales are outstanding.
"""

import numpy as np

from simulator.engine.ages import over_ages, over_cohorts
from simulator.engine.choice import where
from simulator.engine.quantities import (
    DAYS_PER_MONTH,
    Adjustment,
    Asset,
    Customers,
    Days,
    DirectCost,
    Factor,
    GeneralCost,
    Income,
    Liability,
    Money,
    MoneyPerCustomer,
    MoneyPerRequest,
    PricePerCustomer,
    Seats,
    SellingCost,
    Share,
    Term,
)

PER = "plan"


def invoice_age(month, contract_survival, prepaid_months: Term = 1.0) -> Share:
    """Share of a cohort invoiced at an age in months: customers still there when a prepaid period ends, otherwise 0."""
    # An age is a multiple of the paid period if rounding its quotient down changes nothing.
    return np.where(month == np.ceil(prepaid_months) * np.floor(month / np.ceil(prepaid_months)), contract_survival, 0)


def seat_invoice_age(month, seat_survival, prepaid_months) -> Factor:
    """Seats invoiced at an age of a cohort in months, per seat it began with; 0 unless a prepaid period ends then."""
    return np.where(month == np.ceil(prepaid_months) * np.floor(month / np.ceil(prepaid_months)), seat_survival, 0)


def customers_invoiced(
    past_cohort, past_invoice_age, contract_survival, prepaid_months, stay_index, customers, opening_customers=0.0
) -> Customers:
    """Customers of the plan whose next prepaid period begins this month: all of them, where they pay by the month.

    Customers from before the scenario renew evenly over the months of a period.
    """
    opened = opening_customers * contract_survival / np.ceil(prepaid_months)
    return where(prepaid_months > 1, over_cohorts, customers, past_cohort, past_invoice_age, stay_index, opened)


def seats_invoiced(
    past_cohort,
    past_seat_invoice_age,
    seat_survival,
    prepaid_months,
    stay_index,
    seats_per_customer,
    customers_invoiced,
    seat_growth,
    opening_customers=0.0,
) -> Seats:
    """Seats of those customers of the plan whose next prepaid period begins this month."""
    opened = opening_customers * seat_survival / np.ceil(prepaid_months)
    due = where(
        seat_growth != 0, over_cohorts, customers_invoiced, past_cohort, past_seat_invoice_age, stay_index, opened
    )
    return due * seats_per_customer


def subscription_billings(
    customers_invoiced,
    seats_invoiced,
    fee,
    seat_fee,
    signed_fee,
    signed_seat_fee,
    contract_months,
    prepaid_months,
    net_level,
    refund_share: Share = 0.0,
) -> Money:
    """Recurring fees of the plan invoiced this month for the months ahead, after refunds; commitments are excluded.

    A customer who prepays the whole contract signs with each invoice, at the current price; one who prepays less owes
    what the average customer has signed.
    """
    # An invoice for the whole term renews the contract, so today's prices apply.
    signing = np.ceil(prepaid_months) >= np.ceil(contract_months)
    by_customer = customers_invoiced * np.where(signing, fee, signed_fee)
    by_seat = seats_invoiced * np.where(signing, seat_fee, signed_seat_fee)
    return (by_customer + by_seat) * net_level * np.ceil(prepaid_months) * (1 - refund_share)


def recognition(month, prepaid_months) -> Share:
    """Share of an invoice that becomes revenue at each age in months: equal parts over the prepaid months."""
    return np.where(month < np.ceil(prepaid_months), 1 / np.ceil(prepaid_months), 0)


def opening_earned(month, prepaid_months) -> Share:
    """Share of the revenue deferred before the scenario that is earned this month.

    The share falls month by month as customers renew.
    """
    # With renewals spread evenly over n months, n - 1 parts are earned in the first month, n - 2 in the second, and
    # so on, of n (n - 1) / 2 parts in all.
    rest = np.ceil(prepaid_months) - 1
    falling = 2 * np.maximum(rest - month, 0) / np.maximum(rest * (rest + 1), 1)
    return np.where(rest > 0, falling, np.where(month == 0, 1, 0))


def subscription_revenue(
    past_subscription_billings, past_recognition, opening_earned, opening_deferred_revenue=0.0
) -> Income:
    """Recurring fees of the plan earned this month, whenever invoiced, including before the scenario."""
    # Fees deferred before the scenario fall due on a schedule of their own.
    earned = over_ages(past_subscription_billings, past_recognition)
    return earned + opening_deferred_revenue * opening_earned


def deferred_revenue(last_deferred_revenue, subscription_billings, subscription_revenue) -> Liability:
    """Recurring fees of the plan invoiced ahead and not yet earned at the end of the month, owed as service."""
    return last_deferred_revenue + subscription_billings - subscription_revenue


def overage_revenue(
    customers, overage_per_customer, signed_level, net_level, overage_price: MoneyPerRequest = 0.0
) -> Income:
    """Revenue from the plan's requests above the customers' monthly allowance."""
    return customers * overage_per_customer * overage_price * signed_level * net_level


def metered_revenue(customers, metered_fee, net_level) -> Income:
    """Revenue from metered tokens of the plan this month: customers' commitments, and use beyond them."""
    return customers * metered_fee * net_level


def credit_sales(customers, price_level, net_level, credits_per_customer: PricePerCustomer = 0.0) -> Money:
    """Prepaid usage credits sold to the plan's customers this month, at the plan's price level."""
    return customers * credits_per_customer * price_level * net_level


def credit_revenue(last_credit_balance, credit_sales, credit_use: Share = 0.5) -> Income:
    """Revenue from prepaid usage credits of the plan this month: those used, and a share of those never used."""
    # The balance falls by use and its breakage together, at one rate.
    return (last_credit_balance + credit_sales) * credit_use


def credit_breakage(credit_revenue, breakage: Share = 0.0) -> Money:
    """Part of this month's credit revenue that stands for credits nobody will ever use."""
    return credit_revenue * breakage


def credit_balance(credit_sales, credit_revenue, last_credit_balance=0.0) -> Liability:
    """Prepaid usage credits of the plan's customers that are sold and not yet used at the end of the month."""
    return last_credit_balance + credit_sales - credit_revenue


def service_revenue(
    customers,
    new_customers,
    net_level,
    setup_fee: MoneyPerCustomer = 0.0,
    service_fee: PricePerCustomer = 0.0,
    tuning_fee: PricePerCustomer = 0.0,
) -> Income:
    """Revenue from setup, services and models fine-tuned for customers of the plan this month."""
    return (new_customers * setup_fee + customers * (service_fee + tuning_fee)) * net_level


def service_cost(service_revenue, service_cost_share: Share = 0.6) -> DirectCost:
    """Cost of delivering setup, services and custom models to the plan's customers this month."""
    return service_revenue * service_cost_share


def billings(subscription_billings, overage_revenue, metered_revenue, credit_sales, service_revenue) -> Money:
    """Total invoiced to the plan's customers this month: subscriptions, overage, metered use, credits and services.

    VAT comes on top.
    """
    return subscription_billings + overage_revenue + metered_revenue + credit_sales + service_revenue


def plan_revenue(subscription_revenue, overage_revenue, metered_revenue, credit_revenue, service_revenue) -> Money:
    """Total revenue from the plan's customers this month: subscriptions, overage, metered use, credits and services."""
    return subscription_revenue + overage_revenue + metered_revenue + credit_revenue + service_revenue


def payment_fees(billings, vat_rate, payment_fee: Share = 0.0) -> DirectCost:
    """Fees of card and payment providers for this month's invoices of the plan, VAT included."""
    return billings * (1 + vat_rate) * payment_fee


def royalty(plan_revenue, royalty_share: Share = 0.0) -> DirectCost:
    """Royalty on the plan's revenue this month, paid to the owner of a base model or of data."""
    return plan_revenue * royalty_share


def commission(deals_for_plan, recurring_fee, commission_share: Share = 0.0) -> SellingCost:
    """Commission to sellers for deals of the plan won this month: a share of the first year's recurring fees."""
    # Twelve months of recurring fees are the first year.
    return deals_for_plan * recurring_fee * 12 * commission_share


def bad_debt(billings, bad_debt_share: Share = 0.0) -> GeneralCost:
    """Invoices of the plan this month that will never be paid."""
    return billings * bad_debt_share


def receivables_at_start(opening_receivables=0.0) -> Money:
    """Money that the plan's customers owed when the scenario begins."""
    return opening_receivables


def service_owed_at_start(opening_deferred_revenue, opening_credit_balance) -> Money:
    """Service that the plan's customers had paid for and not received when the scenario begins.

    Deferred fees and unused credits make it up.
    """
    return opening_deferred_revenue + opening_credit_balance


def receivables(billings, bad_debt, vat_charged, days_to_pay: Days = 0.0, last_receivables=0.0) -> Asset:
    """Money that the plan's customers owe at the end of the month, VAT included; bad debt is excluded."""
    # The steady pace of the module's head: at level sales, `days_to_pay` days of them are outstanding.
    return (last_receivables + billings + vat_charged - bad_debt) * days_to_pay / (days_to_pay + DAYS_PER_MONTH)


def collections(last_receivables, billings, vat_charged, bad_debt, receivables) -> Money:
    """Money that the plan's customers pay this month, for this month's and earlier invoices, VAT included."""
    return last_receivables + billings + vat_charged - bad_debt - receivables


def receivables_change(last_receivables, receivables) -> Adjustment:
    """Effect on cash this month of what the plan's customers owe: negative while receivables grow."""
    return last_receivables - receivables


def deferred_change(last_deferred_revenue, deferred_revenue, last_credit_balance, credit_balance) -> Adjustment:
    """Effect on cash this month of service paid ahead by the plan's customers: positive while it grows.

    Deferred fees and unused credits count.
    """
    return deferred_revenue - last_deferred_revenue + credit_balance - last_credit_balance
