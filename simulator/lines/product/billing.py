"""Billing, per plan: what is invoiced, what of it is revenue this month, and what customers still owe.

Subscriptions are invoiced ahead for `prepaid_months` and become revenue in equal parts (ASC 606); usage is invoiced
when it happened; prepaid credits become revenue as they are used, and what will never be used in proportion to that
(ASC 606-10-55-48). Receivables are collected at a steady pace: with days to pay d, d / (d + 30.4) of what is owed
stays owed for another month, so that at level sales d days of them are outstanding.
"""

import numpy as np

from simulator.engine.ages import over_ages
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
    Seats,
    SellingCost,
    Share,
    Term,
)

PER = "plan"


def invoice_age(month, contract_survival, prepaid_months: Term = 1.0) -> Share:
    """The share of a cohort that gets an invoice at that age: those still there when a paid period ends."""
    return np.where(month == np.ceil(prepaid_months) * np.floor(month / np.ceil(prepaid_months)), contract_survival, 0)


def seat_invoice_age(month, seat_survival, prepaid_months) -> Factor:
    """The same, for each seat that the cohort began with."""
    return np.where(month == np.ceil(prepaid_months) * np.floor(month / np.ceil(prepaid_months)), seat_survival, 0)


def customers_invoiced(
    past_cohort, past_invoice_age, contract_survival, prepaid_months, stay_index, opening_customers=0.0
) -> Customers:
    """Customers whose next paid period begins this month; those there at the start renew evenly over the months."""
    due = over_ages(past_cohort, past_invoice_age)
    return stay_index * (due + opening_customers * contract_survival / np.ceil(prepaid_months))


def seats_invoiced(
    past_cohort,
    past_seat_invoice_age,
    seat_survival,
    prepaid_months,
    stay_index,
    seats_per_customer,
    opening_customers=0.0,
) -> Seats:
    """Their seats."""
    due = over_ages(past_cohort, past_seat_invoice_age)
    return stay_index * (due + opening_customers * seat_survival / np.ceil(prepaid_months)) * seats_per_customer


def subscription_billings(
    customers_invoiced,
    seats_invoiced,
    fee,
    seat_fee,
    signed_fee,
    signed_seat_fee,
    contract_months,
    prepaid_months,
    refund_share: Share = 0.0,
) -> Money:
    """Recurring fees invoiced this month for the months ahead, less refunds.

    Who pays for the whole contract signs with each invoice; who pays for less owes what a mean customer has signed.
    """
    signing = np.ceil(prepaid_months) >= np.ceil(contract_months)
    by_customer = customers_invoiced * np.where(signing, fee, signed_fee)
    by_seat = seats_invoiced * np.where(signing, seat_fee, signed_seat_fee)
    return (by_customer + by_seat) * np.ceil(prepaid_months) * (1 - refund_share)


def recognition(month, prepaid_months) -> Share:
    """The part of an invoice that becomes revenue at that age."""
    return np.where(month < np.ceil(prepaid_months), 1 / np.ceil(prepaid_months), 0)


def opening_earned(month, prepaid_months) -> Share:
    """The part of what was deferred at the start that is earned this month: less and less of it, as customers renew."""
    rest = np.ceil(prepaid_months) - 1
    falling = 2 * np.maximum(rest - month, 0) / np.maximum(rest * (rest + 1), 1)
    return np.where(rest > 0, falling, np.where(month == 0, 1, 0))


def subscription_revenue(
    past_subscription_billings, past_recognition, opening_earned, opening_deferred_revenue=0.0
) -> Income:
    """Recurring fees earned this month, whenever they were invoiced; what was deferred at the start included."""
    earned = over_ages(past_subscription_billings, past_recognition)
    return earned + opening_deferred_revenue * opening_earned


def deferred_revenue(last_deferred_revenue, subscription_billings, subscription_revenue) -> Liability:
    """What was invoiced ahead and is still owed to customers as service."""
    return last_deferred_revenue + subscription_billings - subscription_revenue


def overage_revenue(customers, overage_per_customer, signed_level, overage_price: MoneyPerRequest = 0.0) -> Income:
    """What customers pay for requests above their allowance."""
    return customers * overage_per_customer * overage_price * signed_level


def metered_revenue(customers, metered_fee) -> Income:
    """What customers pay for tokens: commitments, and use beyond them."""
    return customers * metered_fee


def credit_sales(customers, price_level, credits_per_customer: MoneyPerCustomer = 0.0) -> Money:
    """Prepaid credits sold this month."""
    return customers * credits_per_customer * price_level


def credit_revenue(last_credit_balance, credit_sales, credit_use: Share = 0.5) -> Income:
    """Credits used this month, with the breakage that belongs to them."""
    return (last_credit_balance + credit_sales) * credit_use


def credit_breakage(credit_revenue, breakage: Share = 0.0) -> Money:
    """What of that revenue are credits that nobody will ever use."""
    return credit_revenue * breakage


def credit_balance(credit_sales, credit_revenue, last_credit_balance=0.0) -> Liability:
    """Credits sold and not yet used."""
    return last_credit_balance + credit_sales - credit_revenue


def service_revenue(
    customers,
    new_customers,
    setup_fee: MoneyPerCustomer = 0.0,
    service_fee: MoneyPerCustomer = 0.0,
    tuning_fee: MoneyPerCustomer = 0.0,
) -> Income:
    """Setting customers up, services, and models fine-tuned for them, each as a mean over customers."""
    return new_customers * setup_fee + customers * (service_fee + tuning_fee)


def service_cost(service_revenue, service_cost_share: Share = 0.6) -> DirectCost:
    """What it costs to deliver those services."""
    return service_revenue * service_cost_share


def billings(subscription_billings, overage_revenue, metered_revenue, credit_sales, service_revenue) -> Money:
    """Everything invoiced to the plan's customers this month."""
    return subscription_billings + overage_revenue + metered_revenue + credit_sales + service_revenue


def plan_revenue(subscription_revenue, overage_revenue, metered_revenue, credit_revenue, service_revenue) -> Money:
    """Everything that the plan's customers bring this month."""
    return subscription_revenue + overage_revenue + metered_revenue + credit_revenue + service_revenue


def payment_fees(billings, payment_fee: Share = 0.0) -> DirectCost:
    """What card and payment providers keep."""
    return billings * payment_fee


def royalty(plan_revenue, royalty_share: Share = 0.0) -> DirectCost:
    """What the owner of a base model or of data takes of revenue."""
    return plan_revenue * royalty_share


def commission(deals_for_plan, recurring_fee, commission_share: Share = 0.0) -> SellingCost:
    """What sellers get of a deal's first year."""
    return deals_for_plan * recurring_fee * 12 * commission_share


def bad_debt(billings, bad_debt_share: Share = 0.0) -> GeneralCost:
    """Invoices that will never be paid."""
    return billings * bad_debt_share


def receivables_at_start(opening_receivables=0.0) -> Money:
    """What customers owed when the plan began."""
    return opening_receivables


def service_owed_at_start(opening_deferred_revenue, opening_credit_balance) -> Money:
    """What customers had paid for and not yet had when the plan began."""
    return opening_deferred_revenue + opening_credit_balance


def receivables(billings, bad_debt, days_to_pay: Days = 0.0, last_receivables=0.0) -> Asset:
    """What customers owe at the end of the month."""
    return (last_receivables + billings - bad_debt) * days_to_pay / (days_to_pay + DAYS_PER_MONTH)


def collections(last_receivables, billings, bad_debt, receivables) -> Money:
    """What customers pay this month."""
    return last_receivables + billings - bad_debt - receivables


def receivables_change(last_receivables, receivables) -> Adjustment:
    """Cash that customers owe instead of paying it."""
    return last_receivables - receivables


def deferred_change(last_deferred_revenue, deferred_revenue, last_credit_balance, credit_balance) -> Adjustment:
    """Cash that customers paid for what they have not had yet."""
    return deferred_revenue - last_deferred_revenue + credit_balance - last_credit_balance
