"""Pricing plans, deals, and customers who come and go."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np

from benchmarks.by_hand.parts import Array, aged, total


def known(given: SimpleNamespace) -> dict[str, Array]:
    """Whether a plan asks its customers for something beside its fee and seats."""
    by_customer = given.commitment + given.credits_per_customer + given.setup_fee + given.service_fee + given.tuning_fee
    by_token = given.output_price + given.input_price + given.cached_price
    return {"asks_besides": (by_customer > 0) | (by_token > 0) | (given.overage_price > 0)}


def month_of(
    now: SimpleNamespace, last: SimpleNamespace, past: SimpleNamespace, age: SimpleNamespace, month: int
) -> None:
    """A month of new customers, and those who stay."""
    _new_customers(now, last, past, age, month)
    _staying(now, last, past, age, month)


def prices(now: SimpleNamespace, last: SimpleNamespace) -> None:
    """A month of prices, and which plans ask for nothing."""
    price_power = np.exp(now.price_sensitivity * last.lead)
    discounted = (1 - now.discount) * now.price_index
    now.price_level = discounted * now.token_price_index**now.follows_tokens * price_power
    now.fee = now.price * now.price_level
    now.seat_fee = now.seat_price * now.price_level
    now.free = np.where((now.fee > 0) | (now.seat_fee > 0) | now.asks_besides, 0.0, 1.0)
    asked = now.fee + now.seat_fee * now.seats_per_customer
    at_price = (asked / now.reference_price) ** -now.price_elasticity
    now.price_effect = np.where((now.reference_price > 0) & (asked > 0), at_price, 1)


def _new_customers(
    now: SimpleNamespace, last: SimpleNamespace, past: SimpleNamespace, age: SimpleNamespace, month: int
) -> None:
    past.deals_started[..., month] = now.deals_started
    deals_won = aged(past.deals_started, age.closing_age, month)
    now.deals_for_plan = deals_won * now.share_of_deals * np.minimum(now.price_effect, 1)
    conversion_index = np.exp(now.conversion_sensitivity * last.lead + now.conversion_push)
    conversion_at_price = np.minimum(now.conversion * now.price_effect * conversion_index, 1)
    plan_signups = now.signups * now.share_of_signups
    upgrades = last.customers * now.upgrade_rate
    upgrades_of_all = total(upgrades)
    upgraded_to = upgrades_of_all * now.share_of_upgrades
    now.new_customers = plan_signups * conversion_at_price + now.deals_for_plan + upgraded_to


def _staying(
    now: SimpleNamespace, last: SimpleNamespace, past: SimpleNamespace, age: SimpleNamespace, month: int
) -> None:
    quality_staying = np.exp(now.churn_sensitivity * np.minimum(last.lead, 0))
    stays = np.maximum(now.market_staying * quality_staying * (1 - now.upgrade_rate), 0.06)
    now.stay_index = last.stay_index * stays
    past.cohort[..., month] = now.new_customers / now.stay_index
    left = aged(past.cohort, age.contract_survival, month)
    now.contracts = left + now.opening_customers * age.contract_survival[..., month]
    now.customers = now.stay_index * now.contracts
    seats_left = aged(past.cohort, age.seat_survival, month)
    seats = now.stay_index * (seats_left + now.opening_customers * age.seat_survival[..., month])
    now.seats = seats * now.seats_per_customer
    now.churned_customers = last.customers + now.new_customers - now.customers
    paying_customers = now.customers * (1 - now.free)
    now.customers_served = total(paying_customers)
