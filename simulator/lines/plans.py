"""Pricing plans, per plan: who buys, who stays, how much they use and what they pay.

Retention is the shifted-beta-geometric of Fader and Hardie (2007), written with the mean churn of the first
month and the spread between customers: with a = churn / spread and b = (1 - churn) / spread, customers of
age t stay another month with probability (b + t - 1) / (a + b + t - 1). A spread of 0 is plain geometric churn.

Usage is lognormal over customers, so that what exceeds an allowance has the closed form of Black's formula.
"""

import numpy as np
from scipy.special import ndtr

from simulator.quantities import (
    EVERY_USER,
    ConvertedShare,
    Customers,
    DirectCost,
    Factor,
    Income,
    MoneyPerRequest,
    PositiveRequestsPerCustomer,
    PricePerCustomer,
    Requests,
    RequestsPerCustomer,
    Share,
    Spread,
    SteadyFactor,
    SteadyShare,
)

PER = "plan"


def conversion_at_price(
    conversion: ConvertedShare,
    price: PricePerCustomer,
    reference_price: PricePerCustomer,
    price_elasticity: Factor = 0.0,
) -> ConvertedShare:
    """The share of sign-ups that buy at this price; `conversion` holds at the reference price."""
    return np.minimum(conversion * (price / reference_price) ** -price_elasticity, EVERY_USER)


def new_customers(signups, share_of_signups: Share, conversion_at_price) -> Customers:
    """Sign-ups that become paying customers of this plan this month."""
    return signups * share_of_signups * conversion_at_price


def survival(month, churn: SteadyShare, churn_spread: SteadyFactor = 0.0, last_survival=1.0) -> Share:
    """The share of a cohort still there when it is as many months old as this month's number."""
    stays = (1 - churn + churn_spread * (month - 1)) / (1 + churn_spread * (month - 1))
    return np.where(month == 0, 1, last_survival * stays)


def customers(past_new_customers, past_survival, survival, opening_customers=0.0) -> Customers:
    """Paying customers: what is left of every cohort, and of the customers there were at the start."""
    return np.vecdot(past_new_customers, past_survival[..., ::-1]) + opening_customers * survival


def churned_customers(last_customers, new_customers, customers) -> Customers:
    """Customers lost since last month."""
    return last_customers + new_customers - customers


def subscription_revenue(customers, price) -> Income:
    """Recurring fees: customers times the plan's price; this is the plan's MRR."""
    return customers * price


def requests(customers, requests_per_customer: PositiveRequestsPerCustomer) -> Requests:
    """What the plan's customers ask of the product this month."""
    return customers * requests_per_customer


def overage_per_customer(
    requests_per_customer, included_requests: PositiveRequestsPerCustomer, usage_spread: Spread
) -> RequestsPerCustomer:
    """Mean requests above the allowance: E[max(X - a, 0)] for X lognormal with the given mean and log-spread.

    It is above zero even where the mean customer stays below the allowance: the heavy users pay it.
    """
    distance = np.log(requests_per_customer / included_requests) / usage_spread
    return requests_per_customer * ndtr(distance + usage_spread / 2) - included_requests * ndtr(
        distance - usage_spread / 2
    )


def overage_revenue(customers, overage_per_customer, overage_price: MoneyPerRequest = 0.0) -> Income:
    """What customers pay for requests above their allowance."""
    return customers * overage_per_customer * overage_price


def payment_fees(subscription_revenue, overage_revenue, payment_fee: Share = 0.0) -> DirectCost:
    """What card and payment providers keep."""
    return (subscription_revenue + overage_revenue) * payment_fee
