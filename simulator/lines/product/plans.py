"""Pricing plans, per plan: prices, and the customers who buy at them.

One set of lines covers every kind of plan: a free plan has no prices, a team plan a fee per seat, an annual plan is
prepaid, an API plan charges for tokens, an enterprise contract is won by sellers. A price that a plan lacks is zero.
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
    """Share of the plan's list prices that a new customer pays this month.

    Discount, events, falling token prices and the quality lead change the level.
    """
    return (1 - discount) * price_index * token_price_index**follows_tokens * price_power


def fee(price: PricePerCustomer, price_level) -> MoneyPerCustomer:
    """Monthly fee of a new customer of the plan, independent of use, without seats and commitment."""
    return price * price_level


def seat_fee(price_level, seat_price: PricePerSeat = 0.0) -> PricePerSeat:
    """Monthly fee per seat for a new customer of the plan, on top of the fee per customer."""
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
    """1 for a plan that charges its customers nothing at all, otherwise 0."""
    by_customer = fee + commitment + credits_per_customer + setup_fee + service_fee + tuning_fee
    by_token = plan_output_price + plan_input_price + plan_cached_price
    # One positive price of any kind makes a plan paid.
    asks = np.logical_or(np.logical_or(by_customer > 0, seat_fee > 0), np.logical_or(by_token > 0, overage_price > 0))
    return np.where(asks, 0, 1)


def paying_customers(customers, free) -> Customers:
    """Customers of the plan at the end of the month if the plan charges anything; 0 for a free plan."""
    return customers * (1 - free)


def paying_at_start(free, opening_customers=0.0) -> Customers:
    """Customers of the plan when the scenario begins if the plan charges anything; 0 for a free plan."""
    return opening_customers * (1 - free)


def price_effect(
    fee,
    seat_fee,
    reference_price: PricePerCustomer = 0.0,
    price_elasticity: Factor = 0.0,
    seats_per_customer: SeatsPerCustomer = 1.0,
) -> Factor:
    """Buyers of the plan at this month's price, per buyer at its reference price; 1 if either price is 0."""
    # Constant elasticity, in total price per customer.
    asked = fee + seat_fee * seats_per_customer
    return np.where(np.logical_and(reference_price > 0, asked > 0), (asked / reference_price) ** -price_elasticity, 1)


def conversion_at_price(conversion: ConvertedShare, price_effect, conversion_index) -> ConvertedShare:
    """Share of sign-ups for the plan who buy this month, given its price, the quality lead and events."""
    # Nobody can buy twice.
    return np.minimum(conversion * price_effect * conversion_index, EVERY_USER)


def plan_signups(signups, share_of_signups: Share = 0.0) -> Users:
    """Sign-ups this month that consider the plan."""
    return signups * share_of_signups


def deals_for_plan(deals_won, price_effect, share_of_deals: Share = 0.0) -> Customers:
    """Customers that sellers win for the plan this month.

    A high price costs some of them; a low price wins no more.
    """
    # Sellers start a given number of deals, and a low price adds none.
    return deals_won * share_of_deals * np.minimum(price_effect, 1)


def upgrades(last_customers, upgrade_rate: ShockShare = 0.0) -> Customers:
    """Customers who leave the plan for a better one this month."""
    return last_customers * upgrade_rate


def upgraded_to(upgrades_of_all, share_of_upgrades: Share = 0.0) -> Customers:
    """Customers of other plans who upgrade to the plan this month."""
    return upgrades_of_all * share_of_upgrades


def new_customers(plan_signups, conversion_at_price, deals_for_plan, upgraded_to) -> Customers:
    """Customers who join the plan this month: sign-ups who buy, deals won and upgrades from other plans."""
    return plan_signups * conversion_at_price + deals_for_plan + upgraded_to
