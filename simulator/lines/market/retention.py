"""Retention, per plan: how cohorts shrink with age, and with months that hit all cohorts alike.

Retention by age is the shifted-beta-geometric model of Fader and Hardie (2007), written with the mean churn of the
first month and the spread between customers: with a = churn / spread and b = (1 - churn) / spread, customers of age t
stay another month with probability (b + t - 1) / (a + b + t - 1). A spread of 0 is geometric churn. Customers with a
contract of several months leave at its end.

By the calendar, upgrades, events and a lagging product take the same share of every cohort. The customers left of a
cohort are those who joined, times survival at the cohort's age, times the stay index now over the stay index then.
"""

import numpy as np

from simulator.engine.ages import over_ages
from simulator.engine.quantities import (
    Customers,
    Factor,
    Seats,
    Share,
    ShockShare,
    SteadyFactor,
    SteadyGrowth,
    SteadyShare,
)

PER = "plan"


def survival(month, churn: SteadyShare, churn_spread: SteadyFactor = 0.0, last_survival=1.0) -> Share:
    """Share of a cohort that would stay to an age in months if customers could leave in any month.

    The number of this month stands for the age; so in every line by age.
    """
    # (b + t - 1) / (a + b + t - 1) with numerator and denominator times the spread, which may be 0.
    stays = (1 - churn + churn_spread * (month - 1)) / (1 + churn_spread * (month - 1))
    return np.where(month == 0, 1, last_survival * stays)


def contract_survival(month, survival, contract_months, last_contract_survival=1.0) -> Share:
    """Share of a cohort still there at an age in months, where customers can leave only when their contract ends."""
    # A remainder has no operation in formulas: an age is a multiple of the term if rounding down changes nothing.
    ends = month == np.ceil(contract_months) * np.floor(month / np.ceil(contract_months))
    return np.where(ends, survival, last_contract_survival)


def seat_survival(month, contract_survival, seat_growth: SteadyGrowth = 0.0) -> Factor:
    """Seats of a cohort at an age in months, per seat it began with.

    Customers leave, and those who stay add seats or give some up at the rate `seat_growth`.
    """
    return contract_survival * (1 + seat_growth) ** month


def stay_index(market_staying, quality_staying, last_stay_index=1.0, upgrade_rate: ShockShare = 0.0) -> Share:
    """Share of any cohort of the plan left after upgrades, events and a lagging product, from the start to this month.

    Leaving by age is excluded: `contract_survival` has it. No month takes more than 94 % of a cohort, so that after
    twenty years there is still a number to divide by.
    """
    return last_stay_index * np.maximum(market_staying * quality_staying * (1 - upgrade_rate), 0.06)


def cohort(new_customers, stay_index) -> Customers:
    """New customers of the plan this month, divided by the stay index.

    The index can then be applied to all cohorts at once.
    """
    return new_customers / stay_index


def customers(contracts, stay_index) -> Customers:
    """Customers of the plan at the end of the month."""
    return stay_index * contracts


def seats(
    past_cohort, past_seat_survival, seat_survival, stay_index, seats_per_customer, opening_customers=0.0
) -> Seats:
    """Seats of all customers of the plan at the end of the month."""
    left = over_ages(past_cohort, past_seat_survival)
    return stay_index * (left + opening_customers * seat_survival) * seats_per_customer


def churned_customers(last_customers, new_customers, customers) -> Customers:
    """Customers the plan lost this month, including those who upgraded to another plan."""
    return last_customers + new_customers - customers
