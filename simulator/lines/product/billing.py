"""Billing, per plan: use, credits and services invoiced, what of it is revenue this month, and the fees of payment.

`subscriptions` has the recurring fees. Usage is invoiced in the month it happens. Prepaid credits become revenue as
they are used, and credits that will never be used in proportion to those that are (ASC 606-10-55-48).
"""

from typing import Annotated, Any

import numpy as np

from simulator.engine.choice import where
from simulator.engine.quantities import (
    DirectCost,
    Income,
    Money,
    MoneyPerCustomer,
    MoneyPerRequest,
    Numbers,
    Owed,
    PricePerCustomer,
    SellingCost,
    Share,
)
from simulator.engine.units import Constant, quantity

PER = "plan"

Charges = Annotated[Numbers, quantity("charge", 0)]
MoneyPerCharge = Annotated[Numbers, quantity("money/charge", 0)]
ONE_CHARGE = Constant(1, "charge/customer", "1 charge/customer")


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


def credit_balance(credit_sales, credit_revenue, last_credit_balance=0.0) -> Owed:
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
