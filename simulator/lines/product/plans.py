"""Pricing plans, per plan: prices, and the customers who buy at them.

One set of lines covers every kind of plan: a free plan has no prices, a team plan a fee per seat, an annual plan is
prepaid, an API plan charges for tokens, an enterprise contract is won by sellers. A price that a plan lacks is zero.
"""

import numpy as np

from simulator.engine.choice import where
from simulator.engine.counts import poisson
from simulator.engine.quantities import (
    EVERY_USER,
    CalendarMonth,
    ConvertedShare,
    Customers,
    Factor,
    MoneyPerCustomer,
    PricePerCustomer,
    PricePerSeat,
    Share,
    Switch,
    Users,
)

PER = "plan"


def market_price_level(price_index, token_price_index, follows_tokens: Share = 0.0) -> Factor:
    """Prices on the plan's market this month, relative to the scenario's own (1): events, and falling token prices.

    follows_tokens: Part of a fall or rise of the market's token prices that the plan's prices follow: 1 for all.
    """
    return price_index * token_price_index**follows_tokens


def price_level(market_price_level, price_power, discount: Share = 0.0) -> Factor:
    """Share of the plan's list prices that a new customer pays this month.

    Discount, the market and the quality lead change the level.

    discount: Share of the list price that new customers of the plan do not pay.
    """
    return (1 - discount) * market_price_level * price_power


def fee(price: PricePerCustomer, price_level) -> MoneyPerCustomer:
    """Monthly fee of a new customer of the plan, independent of use, without seats and commitment.

    price: Fee that each customer of the plan pays a month, whatever the use.
    """
    return price * price_level


def seat_fee(price_level, seat_price: PricePerSeat = 0.0) -> PricePerSeat:
    """Monthly fee per seat for a new customer of the plan, on top of the fee per customer.

    seat_price: Fee for each seat of a customer a month, on top of the fee per customer.
    """
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
    plan_task_price,
) -> Share:
    """1 for a plan that charges its customers nothing at all, otherwise 0."""
    by_customer = fee + commitment + credits_per_customer + setup_fee + service_fee + tuning_fee
    by_request = overage_price + plan_task_price
    by_token = plan_output_price + plan_input_price + plan_cached_price
    # One positive price of any kind makes a plan paid.
    asks = np.logical_or(np.logical_or(by_customer > 0, seat_fee > 0), np.logical_or(by_token > 0, by_request > 0))
    return np.where(asks, 0, 1)


def paying_customers(customers, free) -> Customers:
    """Customers of the plan at the end of the month if the plan charges anything; 0 for a free plan."""
    return customers * (1 - free)


def paying_at_start(free, opening_customers=0.0) -> Customers:
    """Customers of the plan when the scenario begins if the plan charges anything; 0 for a free plan."""
    return opening_customers * (1 - free)


def conversion_at_price(price_effect, conversion_index, conversion: ConvertedShare = 0.0) -> ConvertedShare:
    """Share of sign-ups for the plan who buy this month, given its price, the quality lead and events.

    conversion: Share of the sign-ups considering the plan who buy it, or begin its free trial where it has one.
    """
    # Nobody can buy twice.
    return np.minimum(conversion * price_effect * conversion_index, EVERY_USER)


def launched(month, launch_month: CalendarMonth = 0.0) -> Switch:
    """1 from the plan's launch on; 0 before, when nobody can buy it.

    launch_month: Month from which the plan is sold; until then its share of sign-ups buys nothing.
    """
    return np.where(month >= np.ceil(launch_month), 1, 0)


def plan_signups(signups, launched, share_of_signups: Share = 0.0) -> Users:
    """Sign-ups this month that consider the plan; before its launch they are lost, and no other plan gets them.

    share_of_signups: Share of all sign-ups who consider the plan.
    """
    return signups * share_of_signups * launched


def deals_for_plan(deals_won, price_effect, launched, luck, share_of_deals: Share = 0.0) -> Customers:
    """Customers that sellers win for the plan this month.

    A high price costs some of them; a low price wins no more.

    share_of_deals: Share of all deals that sellers win for the plan.
    """
    # Sellers start a given number of deals, and a low price adds none.
    return poisson(deals_won * share_of_deals * np.minimum(price_effect, 1) * launched, luck)


def customers_from_signups(plan_signups, conversion_at_price, trials_converted, trial_months, luck) -> Customers:
    """Sign-ups who become customers of the plan this month: at once, or at the end of a free trial."""
    at_once = poisson(plan_signups * conversion_at_price, luck)
    return where(trial_months > 0, lambda converted: converted, at_once, trials_converted)


def upgrade_share(share_of_upgrades: Share = 0.0) -> Share:
    """Share of all upgrading customers who choose the plan at the reference prices.

    A line, so that all plans' shares can be summed.

    share_of_upgrades: Share of all customers who upgrade from any plan that choose this one.
    """
    return share_of_upgrades


def upgrade_appeal(share_of_upgrades, price_effect, launched) -> Factor:
    """Share of all upgrading customers who choose the plan, times the effect of its price; 0 before its launch."""
    return share_of_upgrades * price_effect * launched


def upgraded_to(upgrades_of_all, upgrade_appeal, upgrade_pull) -> Customers:
    """Customers of other plans who upgrade to the plan this month."""
    return np.where(upgrade_pull > 0, upgrades_of_all * upgrade_appeal / upgrade_pull, 0)


def new_customers(customers_from_signups, deals_for_plan, upgraded_to) -> Customers:
    """Customers who join the plan this month: sign-ups who buy, deals won and upgrades from other plans."""
    return customers_from_signups + deals_for_plan + upgraded_to
