"""Response to price, per plan: how many buy, leave and use at this month's prices, against those of a reference.

The reference is the whole monthly bill that a new customer expected when the scenario's own conversion and churn were
true. Each response has a constant elasticity: at an elasticity of 2, one percent more on the bill costs two percent of
the buyers. Bills are compared for the use and the seats of that customer, so that more use is not taken for a higher
price, and without what the whole market's prices do, since rivals' customers pay that, too. The tokens of a request are
those of the month.
"""

from typing import Annotated

import numpy as np

from simulator.engine.choice import where
from simulator.engine.quantities import (
    Factor,
    MoneyPerCustomer,
    MoneyPerRequest,
    Numbers,
    PricePerCustomer,
    SeatsPerCustomer,
    Share,
    Switch,
)
from simulator.engine.units import quantity

PER = "plan"

Elasticity = Annotated[Numbers, quantity("1", 0, 10)]


def starting_seats(seats_per_customer) -> SeatsPerCustomer:
    """Seats with which a new customer of the plan begins this month."""
    return seats_per_customer


def reference_team(starting_seats, reference_seats: SeatsPerCustomer = 0.0) -> SeatsPerCustomer:
    """Seats for which customers compare bills, so that larger customers are not taken for a higher price.

    reference_seats: Seats for which customers compare bills; those of month 0 unless stated.
    """
    return np.where(reference_seats > 0, reference_seats, starting_seats)


def expected_services(service_fee, tuning_fee, setup_fee, contract_months) -> MoneyPerCustomer:
    """Monthly charge that a new customer of the plan expects for services.

    The setup fee is spread over the contract, or over a year where the contract is shorter.
    """
    return service_fee + tuning_fee + setup_fee / np.maximum(contract_months, 12)


def expected_fees(fee, seat_fee, reference_team) -> MoneyPerCustomer:
    """Part of the monthly bill of a new customer of the plan that is its fee and that of its seats."""
    return fee + seat_fee * reference_team


def expected_bill(
    expected_fees,
    reference_overage,
    overage_price,
    expected_metered_fee,
    credits_per_customer,
    price_level,
    expected_services,
) -> MoneyPerCustomer:
    """Whole monthly bill that a new customer of the plan expects this month.

    Fee, seats, use at the reference prices, commitment, credits and services count.
    """
    at_level = credits_per_customer + reference_overage * overage_price
    return expected_fees + at_level * price_level + expected_metered_fee + expected_services


def comparable_bill(expected_bill, market_price_level) -> MoneyPerCustomer:
    """Whole monthly bill that a new customer of the plan expects, without the market's own rise or fall of prices."""
    return expected_bill / market_price_level


def comparable_request_price(
    total_metered_per_request, overage_price, price_level, market_price_level
) -> MoneyPerRequest:
    """Price of one more request to a new customer of the plan, without the market's own rise or fall of prices."""
    return (total_metered_per_request + overage_price) * price_level / market_price_level


def price_effect(
    comparable_bill,
    reference_bill: PricePerCustomer = 0.0,
    price_elasticity: Elasticity = 0.0,
    stay_when_charged: Share = 1.0,
) -> Factor:
    """Buyers of the plan at this month's bill, per buyer at the reference bill.

    Of a plan that was free, `stay_when_charged` still buy. A plan that becomes free keeps the buyers of its reference,
    since no elasticity says how many a price of nothing brings.

    reference_bill: Monthly bill at which conversion and churn hold as stated; that of month 0 unless stated.
    price_elasticity: Percentage of buyers lost for each percent that the bill rises; 0 for no response.
    stay_when_charged: Share of a free plan's customers and buyers who stay when it starts to charge.
    """
    asks = comparable_bill > 0
    changed = (comparable_bill / reference_bill) ** -price_elasticity
    return np.where(asks, np.where(reference_bill > 0, changed, stay_when_charged), 1)


def price_churn(comparable_bill, reference_bill, churn_elasticity: Elasticity = 0.0) -> Factor:
    """Churn of the plan's customers at this month's bill, per churn at the reference bill.

    churn_elasticity: Percentage by which churn rises for each percent that the bill rises; 0 for no response.
    """
    both = np.logical_and(reference_bill > 0, comparable_bill > 0)
    return np.where(both, (comparable_bill / reference_bill) ** churn_elasticity, 1)


def price_use(
    total_metered_per_request,
    overage_price,
    signed_level,
    market_price_level,
    reference_request_price: MoneyPerRequest = 0.0,
    usage_elasticity: Elasticity = 0.0,
) -> Factor:
    """Requests of a customer of the plan at the price in its contract, per request at the reference price.

    reference_request_price: Price of one more request at which use holds as stated; that of month 0 unless stated.
    usage_elasticity: Percentage of use lost for each percent that the price of a request rises; 0 for no response.
    """
    asked = (total_metered_per_request + overage_price) * signed_level / market_price_level
    both = np.logical_and(reference_request_price > 0, asked > 0)
    answers = np.logical_and(both, usage_elasticity > 0)
    return where(
        answers, lambda now, then, power: (now / then) ** -power, 1, asked, reference_request_price, usage_elasticity
    )


def starts_to_charge(month, comparable_bill, reference_bill, last_comparable_bill=0.0) -> Switch:
    """1 in the month in which a plan that was free begins to ask for money; otherwise 0.

    opening_comparable_bill: State of the model that no scenario needs to give.
    """
    before = np.where(month > 0, last_comparable_bill, reference_bill)
    return np.where(np.logical_and(comparable_bill > 0, before <= 0), 1, 0)


def charge_staying(starts_to_charge, stay_when_charged) -> Share:
    """Share of the plan's customers who stay this month although a plan that was free starts to charge; 1 otherwise."""
    return 1 - starts_to_charge * (1 - stay_when_charged)
