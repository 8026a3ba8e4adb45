"""Pricing plans, per plan: what they ask, and who buys.

One set of lines serves every kind of plan: a free plan asks nothing, seats cost a fee each, an annual plan is paid
ahead, an interface for programs asks for tokens, a contract is won by sellers. What a plan does not have is zero.
"""

import numpy as np

from simulator.engine.quantities import (
    EVERY_USER,
    ConvertedShare,
    Customers,
    Factor,
    MoneyPerCustomer,
    PricePerCustomer,
    PricePerSeat,
    SeatsPerCustomer,
    Share,
    ShockShare,
    Users,
)

PER = "plan"


def price_level(
    price_index, token_price_index, price_power, discount: Share = 0.0, follows_tokens: Share = 0.0
) -> Factor:
    """What is left of the plan's list price after discounts, the market's mood, falling token prices and the lead."""
    return (1 - discount) * price_index * token_price_index**follows_tokens * price_power


def fee(price: PricePerCustomer, price_level) -> MoneyPerCustomer:
    """What a customer pays each month whatever the use; a plan of 0 is free."""
    return price * price_level


def seat_fee(price_level, seat_price: PricePerSeat = 0.0) -> PricePerSeat:
    """What each seat costs a month, beside the customer's own fee."""
    return seat_price * price_level


def free(
    fee,
    seat_fee,
    commitment,
    credits_per_customer,
    setup_fee,
    service_fee,
    tuning_fee,
    overage_price,
    plan_output_price,
    plan_input_price,
    plan_cached_price,
) -> Share:
    """1 for a plan that asks its customers for nothing, 0 for one that does."""
    by_customer = fee + commitment + credits_per_customer + setup_fee + service_fee + tuning_fee
    by_token = plan_output_price + plan_input_price + plan_cached_price
    asks = np.logical_or(np.logical_or(by_customer > 0, seat_fee > 0), np.logical_or(by_token > 0, overage_price > 0))
    return np.where(asks, 0, 1)


def paying_customers(customers, free) -> Customers:
    """Customers of plans that ask for something."""
    return customers * (1 - free)


def paying_at_start(free, opening_customers=0.0) -> Customers:
    """Customers of plans that ask for something when the plan began."""
    return opening_customers * (1 - free)


def price_effect(
    fee,
    seat_fee,
    reference_price: PricePerCustomer = 0.0,
    price_elasticity: Factor = 0.0,
    seats_per_customer: SeatsPerCustomer = 1.0,
) -> Factor:
    """How many buy at this price for each that would at the reference price; 1 where either is nothing."""
    asked = fee + seat_fee * seats_per_customer
    return np.where(np.logical_and(reference_price > 0, asked > 0), (asked / reference_price) ** -price_elasticity, 1)


def conversion_at_price(conversion: ConvertedShare, price_effect, conversion_index) -> ConvertedShare:
    """The share of sign-ups that buy at this price, with this lead over the market."""
    return np.minimum(conversion * price_effect * conversion_index, EVERY_USER)


def plan_signups(signups, share_of_signups: Share = 0.0) -> Users:
    """Sign-ups that look at this plan."""
    return signups * share_of_signups


def deals_for_plan(deals_won, price_effect, share_of_deals: Share = 0.0) -> Customers:
    """Customers that sellers win for this plan; a high price costs some of them, a low one wins no more."""
    return deals_won * share_of_deals * np.minimum(price_effect, 1)


def upgrades(last_customers, upgrade_rate: ShockShare = 0.0) -> Customers:
    """Customers who go from this plan to a better one this month."""
    return last_customers * upgrade_rate


def upgraded_to(upgrades_of_all, share_of_upgrades: Share = 0.0) -> Customers:
    """Customers of other plans who come up to this one."""
    return upgrades_of_all * share_of_upgrades


def new_customers(plan_signups, conversion_at_price, deals_for_plan, upgraded_to) -> Customers:
    """Customers who join this plan this month: sign-ups, deals and upgrades."""
    return plan_signups * conversion_at_price + deals_for_plan + upgraded_to
