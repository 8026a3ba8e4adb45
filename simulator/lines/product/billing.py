"""Billing, per plan: amounts invoiced, the part of them that is revenue this month, and amounts customers still owe.

Subscriptions are invoiced ahead for `prepaid_months` and become revenue in equal parts (ASC 606). Usage is invoiced in
the month it happens. Prepaid credits become revenue as they are used, and credits that will never be used in proportion
to those that are (ASC 606-10-55-48). Receivables are collected at a steady pace: with days to pay d, d / (d + 30.4) of
what is owed stays owed for another month, so that at level sales d days of sales are outstanding.
"""

from typing import Annotated, Any

import numpy as np

from simulator.engine.ages import over_ages
from simulator.engine.choice import where
from simulator.engine.model import Array
from simulator.engine.quantities import (
    DAYS_PER_MONTH,
    Adjustment,
    Asset,
    Days,
    DirectCost,
    GeneralCost,
    Income,
    Liability,
    Money,
    MoneyPerCustomer,
    MoneyPerRequest,
    PricePerCustomer,
    SellingCost,
    Share,
)
from simulator.engine.units import Constant, quantity

PER = "plan"

Charges = Annotated[Array | float, quantity("charge", 0)]
MoneyPerCharge = Annotated[Array | float, quantity("money/charge", 0)]
ONE_CHARGE = Constant(1, "charge/customer", "1 charge/customer")


def subscription_billings(
    customers_invoiced,
    seats_invoiced,
    fee,
    seat_fee,
    invoiced_fee,
    invoiced_seat_fee,
    contract_months,
    prepaid_months,
    net_level,
    refund_share: Share = 0.0,
) -> Money:
    """Recurring fees of the plan invoiced this month for the months ahead, after refunds; commitments are excluded.

    A customer who prepays the whole contract signs with each invoice, at the current price; one who prepays less owes
    what is signed.

    refund_share: Share of each invoice of recurring fees that is given back at once, whoever leaves.
    """
    # An invoice for the whole term renews the contract, so today's prices apply.
    signing = np.ceil(prepaid_months) >= np.ceil(contract_months)
    by_customer = customers_invoiced * np.where(signing, fee, invoiced_fee)
    by_seat = seats_invoiced * np.where(signing, seat_fee, invoiced_seat_fee)
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


def deferred_at_start(
    first_fee,
    first_seat_fee,
    first_seats_per_customer,
    first_refund_share,
    first_net_level,
    prepaid_months,
    opening_customers,
    opening_deferred_revenue=-1.0,
) -> Money:
    """Recurring fees of the plan invoiced and not yet earned when the scenario begins.

    Where the scenario does not state them, they are those of opening customers who renew evenly at the first month's
    prices: of n prepaid months, n - 1 are left to one n-th of the customers, n - 2 to the next, and so on.

    opening_deferred_revenue: Fees of the plan invoiced and not yet earned at the start; below 0 derives them from
      opening customers and prepaid months.
    """
    paid = opening_customers * (first_fee + first_seat_fee * first_seats_per_customer) * (1 - first_refund_share)
    left = paid * first_net_level * (np.ceil(prepaid_months) - 1) / 2
    return np.where(opening_deferred_revenue < 0, left, opening_deferred_revenue)


def fees_due(past_subscription_billings, past_recognition, opening_earned, deferred_at_start) -> Money:
    """Recurring fees of the plan earned this month if nobody gets any back, whenever invoiced."""
    # Fees deferred before the scenario fall due on a schedule of their own.
    earned = over_ages(past_subscription_billings, past_recognition)
    return earned + deferred_at_start * opening_earned


def subscription_revenue(
    fees_due, fees_kept_ahead, months_staying, share_used, subscription_billings, prepaid_months, refund_on_leaving
) -> Income:
    """Recurring fees of the plan earned this month, whenever invoiced, including before the scenario.

    Fees that customers get back on leaving are never earned.
    """
    ahead = fees_kept_ahead, months_staying, share_used
    length = np.ceil(prepaid_months)
    return where(
        refund_on_leaving > 0, _earned, fees_due, fees_due, subscription_billings, length, *ahead, refund_on_leaving
    )


def _earned(due: Any, billed: Any, length: Any, ahead: Any, staying: Any, used: Any, refunded: Any) -> Any:
    return (1 - refunded) * due + refunded * (billed / length + ahead * staying * used)


def deferred_before(month, deferred_at_start, last_deferred_revenue) -> Money:
    """Recurring fees of the plan invoiced ahead and not yet earned when the month begins."""
    return np.where(month > 0, last_deferred_revenue, deferred_at_start)


def deferred_revenue(deferred_before, subscription_billings, subscription_revenue, refunds) -> Liability:
    """Recurring fees of the plan invoiced ahead and not yet earned at the end of the month, owed as service."""
    return deferred_before + subscription_billings - subscription_revenue - refunds


def overage_revenue(
    customers, overage_per_customer, signed_level, net_level, overage_price: MoneyPerRequest = 0.0
) -> Income:
    """Revenue from the plan's requests above the customers' monthly allowance.

    overage_price: Price of each request beyond the included ones.
    """
    return customers * overage_per_customer * overage_price * signed_level * net_level


def metered_revenue(customers, metered_fee, net_level) -> Income:
    """Revenue from metered tokens of the plan this month: customers' commitments, and use beyond them."""
    return customers * metered_fee * net_level


def credit_sales(customers, price_level, net_level, credits_per_customer: PricePerCustomer = 0.0) -> Money:
    """Prepaid usage credits sold to the plan's customers this month, at the plan's price level.

    credits_per_customer: Prepaid usage credits that each customer of the plan buys a month.
    """
    return customers * credits_per_customer * price_level * net_level


def credit_revenue(last_credit_balance, credit_sales, credit_use: Share = 0.5) -> Income:
    """Revenue from prepaid usage credits of the plan this month: those used, and a share of those never used.

    credit_use: Share of the usage credits held by customers that becomes revenue in a month.
    """
    # The balance falls by use and its breakage together, at one rate.
    return (last_credit_balance + credit_sales) * credit_use


def credit_breakage(credit_revenue, breakage: Share = 0.0) -> Money:
    """Part of this month's credit revenue that stands for credits nobody will ever use.

    breakage: Share of credit revenue that stands for credits nobody will ever use.
    """
    return credit_revenue * breakage


def credit_balance(credit_sales, credit_revenue, last_credit_balance=0.0) -> Liability:
    """Prepaid usage credits of the plan's customers that are sold and not yet used at the end of the month.

    opening_credit_balance: Prepaid usage credits of the plan that are sold and not yet used at the start.
    """
    return last_credit_balance + credit_sales - credit_revenue


def service_revenue(
    customers,
    new_customers,
    net_level,
    setup_fee: MoneyPerCustomer = 0.0,
    service_fee: PricePerCustomer = 0.0,
    tuning_fee: PricePerCustomer = 0.0,
) -> Income:
    """Revenue from setup, services and models fine-tuned for customers of the plan this month.

    setup_fee: Fee that each new customer of the plan pays once, on joining.
    service_fee: Fee for services that each customer of the plan pays a month.
    tuning_fee: Fee a month for a model fine-tuned for the customer.
    """
    return (new_customers * setup_fee + customers * (service_fee + tuning_fee)) * net_level


def service_cost(service_revenue, service_cost_share: Share = 0.6) -> DirectCost:
    """Cost of delivering setup, services and custom models to the plan's customers this month.

    service_cost_share: Share of service revenue that delivering setup, services and custom models costs.
    """
    return service_revenue * service_cost_share


def billings(subscription_billings, overage_revenue, metered_revenue, credit_sales, service_revenue) -> Money:
    """Total invoiced to the plan's customers this month: subscriptions, overage, metered use, credits and services.

    VAT comes on top.
    """
    return subscription_billings + overage_revenue + metered_revenue + credit_sales + service_revenue


def plan_revenue(subscription_revenue, overage_revenue, metered_revenue, credit_revenue, service_revenue) -> Money:
    """Total revenue from the plan's customers this month: subscriptions, overage, metered use, credits and services."""
    return subscription_revenue + overage_revenue + metered_revenue + credit_revenue + service_revenue


def charges(
    customers,
    customers_invoiced,
    new_customers,
    subscription_billings,
    service_revenue,
    overage_revenue,
    metered_revenue,
    credit_sales,
    service_fee,
    tuning_fee,
    payment_fee_fixed: MoneyPerCharge = 0.0,
) -> Charges:
    """Charges to the plan's customers this month on which a fixed payment fee falls; 0 without such a fee.

    Where anything is billed by the month, as use is, each customer is charged once a month; otherwise each is charged
    when a prepaid period begins, or on joining for setup alone.

    payment_fee_fixed: Fee of the payment provider for each charge to a customer, whatever the amount, such as 0.30.
    """
    by_month = overage_revenue + metered_revenue + credit_sales + customers * (service_fee + tuning_fee)
    by_period = subscription_billings, customers_invoiced
    return where(payment_fee_fixed > 0, _charged, 0, by_month, customers, *by_period, service_revenue, new_customers)


def _charged(by_month: Any, customers: Any, by_period: Any, invoiced: Any, services: Any, joined: Any) -> Any:
    once = np.where(by_period > 0, invoiced, np.where(services > 0, joined, 0))
    return np.where(by_month > 0, customers, once) * ONE_CHARGE


def payment_fees(billings, charges, payment_fee_fixed, vat_rate, payment_fee: Share = 0.0) -> DirectCost:
    """Fees of card and payment providers this month: a share of invoices with VAT, and an amount for each charge.

    payment_fee: Share of each invoice that card and payment providers keep.
    """
    return billings * (1 + vat_rate) * payment_fee + charges * payment_fee_fixed


def royalty(plan_revenue, royalty_share: Share = 0.0) -> DirectCost:
    """Royalty on the plan's revenue this month, paid to the owner of a base model or of data.

    royalty_share: Share of the plan's revenue that goes to the owner of a base model or of data.
    """
    return plan_revenue * royalty_share


def commission(deals_for_plan, recurring_fee, commission_share: Share = 0.0) -> SellingCost:
    """Commission to sellers for deals of the plan won this month: a share of the first year's recurring fees.

    commission_share: Share of a deal's first year of recurring fees that the seller gets.
    """
    # Twelve months of recurring fees are the first year.
    return deals_for_plan * recurring_fee * 12 * commission_share


def bad_debt(billings, bad_debt_share: Share = 0.0) -> GeneralCost:
    """Invoices of the plan this month that will never be paid.

    bad_debt_share: Share of the invoiced amounts that customers never pay.
    """
    return billings * bad_debt_share


def receivables_at_start(opening_receivables=0.0) -> Money:
    """Money that the plan's customers owed when the scenario begins.

    opening_receivables: Money that customers of the plan owe when the scenario begins.
    """
    return opening_receivables


def service_owed_at_start(deferred_at_start, opening_credit_balance) -> Money:
    """Service that the plan's customers had paid for and not received when the scenario begins.

    Deferred fees and unused credits make it up.
    """
    return deferred_at_start + opening_credit_balance


def receivables(billings, bad_debt, vat_charged, days_to_pay: Days = 0.0, last_receivables=0.0) -> Asset:
    """Money that the plan's customers owe at the end of the month, VAT included; bad debt is excluded.

    days_to_pay: Days after the invoice until customers pay, on average; 0 for cards.
    """
    # The steady pace of the module's head: at level sales, `days_to_pay` days of them are outstanding.
    return (last_receivables + billings + vat_charged - bad_debt) * days_to_pay / (days_to_pay + DAYS_PER_MONTH)


def collections(last_receivables, billings, vat_charged, bad_debt, receivables) -> Money:
    """Money that the plan's customers pay this month, for this month's and earlier invoices, VAT included."""
    return last_receivables + billings + vat_charged - bad_debt - receivables


def receivables_change(last_receivables, receivables) -> Adjustment:
    """Effect on cash this month of what the plan's customers owe: negative while receivables grow."""
    return last_receivables - receivables


def deferred_change(deferred_before, deferred_revenue, last_credit_balance, credit_balance) -> Adjustment:
    """Effect on cash this month of service paid ahead by the plan's customers: positive while it grows.

    Deferred fees and unused credits count.
    """
    return deferred_revenue - deferred_before + credit_balance - last_credit_balance
