"""Retention, per plan: how cohorts shrink with age, and with months that hit all cohorts alike.

Retention by age is the shifted-beta-geometric model of Fader and Hardie (2007), written with the mean churn of the
first month and the spread between customers: with a = churn / spread and b = (1 - churn) / spread, customers of age t
stay another month with probability (b + t - 1) / (a + b + t - 1). A spread of 0 is geometric churn. Customers with a
contract of several months leave at its end. Customers from before the scenario are of `opening_age`, or older where
the contract in which the scenario finds them has run for longer.

Each month customers leave before others join. Some upgrade; of the others who are free to leave, some do so, at the
mean rate of their ages times what price and market make of it; of the rest, events and a lagging product take some. In
trials each of these is a count. The month's losses beyond those by age take the same share of every cohort: the
customers left of a cohort are those who joined, times survival at its age, times the stay index now over the stay index
then. Luck is thus shared by all cohorts: means are exact, and so is the spread where customers of all ages are alike.
"""

from typing import Annotated

import numpy as np

from simulator.engine.ages import is_multiple, over_cohorts, staying
from simulator.engine.choice import where
from simulator.engine.counts import binomial
from simulator.engine.quantities import (
    Customers,
    Factor,
    Months,
    Numbers,
    PositiveFactor,
    Seats,
    Share,
    ShockShare,
    SteadyFactor,
    SteadyGrowth,
    SteadyMonths,
    SteadyShare,
)
from simulator.engine.units import quantity

PER = "plan"

CustomerChange = Annotated[Numbers, quantity("customer")]
# What is left of customers who have all gone: too few to show in any figure, and more than nothing.
LEAST_LEFT = 1e-9
# The index must stay above the smallest number that floating point can hold, which is 1e-308: below its root, it falls
# more slowly, and it stops in time.
SMALL_INDEX, LEAST_INDEX = 1e-150, 1e-290


def survival(month, churn: SteadyShare, churn_spread: SteadyFactor = 0.0, last_survival=1.0) -> Share:
    """Share of a cohort that would stay to an age in months if customers could leave in any month.

    The month's number stands for the age, as in every line by age.

    churn: Share of the plan's new customers who leave in their first month; a contract delays the losses of all its
      months to its end.
    churn_spread: Difference between customers: at age t, churn is divided by 1 + spread × t; 0 if all leave alike.
    opening_survival: State of the model that no scenario needs to give.
    """
    # (b + t - 1) / (a + b + t - 1) with numerator and denominator times the spread, which may be 0.
    stays = (1 - churn + churn_spread * (month - 1)) / (1 + churn_spread * (month - 1))
    return np.where(month == 0, 1, last_survival * stays)


def contract_survival(month, survival, contract_months, last_contract_survival=1.0) -> Share:
    """Share of a cohort still there at an age in months, where customers can leave only when their contract ends.

    opening_contract_survival: State of the model that no scenario needs to give.
    """
    return np.where(is_multiple(month, np.ceil(contract_months)), survival, last_contract_survival)


def survival_ahead(month, survival, churn, churn_spread) -> Share:
    """Share of a cohort that would stay for one month more than its age if customers could leave in any month."""
    return survival * (1 - churn + churn_spread * month) / (1 + churn_spread * month)


def contract_survival_ahead(month, contract_survival, survival_ahead, contract_months) -> Share:
    """Share of a cohort still there one month past its age, where customers can leave only when their contract ends."""
    return np.where(is_multiple(month + 1, np.ceil(contract_months)), survival_ahead, contract_survival)


def seat_survival(month, contract_survival, seat_growth: SteadyGrowth = 0.0) -> Factor:
    """Seats of a cohort at an age in months, per seat it began with.

    Customers leave, and those who stay add seats or give some up at the rate `seat_growth`.

    seat_growth: Change a month in the seats of each customer who stays; billed with the customer's next invoice.
    """
    return contract_survival * (1 + seat_growth) ** month


def opening_first_end(month, contract_months) -> Months:
    """Month in which the opening contracts whose term ends this month come to their first end."""
    return month - np.ceil(contract_months) * np.floor(month / np.ceil(contract_months))


def opening_staying(
    month,
    opening_first_end,
    contract_survival,
    churn,
    churn_spread,
    contract_months,
    opening_customers=0.0,
    opening_age: SteadyMonths = 0.0,
) -> Share:
    """Share still there of the opening customers of the plan whose contract ends this month, after they leave or renew.

    opening_age: Time for which opening customers have been with the plan when the scenario begins.
    """
    own = np.logical_and(opening_customers > 0, np.logical_or(contract_months > 1, opening_age > 0))
    # A monthly contract runs through the first month, and no term is under way.
    term = np.where(contract_months > 1, np.ceil(contract_months), 0)
    begun, passed = np.maximum(opening_age + opening_first_end - term, 0), month - opening_first_end + term
    return where(own, staying, contract_survival, churn, churn_spread, begun, passed)


def free_to_leave(last_stay_index, contracts_before, contracts_running) -> Customers:
    """Customers of the plan whose contract has ended, so that they may leave this month."""
    return last_stay_index * np.maximum(contracts_before - contracts_running, 0)


def churn_by_age(contracts_before, contracts_running, contracts_kept) -> Share:
    """Share of the plan's customers free to leave this month who do so because of their age, a mean over cohorts."""
    free = contracts_before - contracts_running
    # Rounding may leave a residue below zero.
    return np.where(free > 0, np.maximum(1 - (contracts_kept - contracts_running) / free, 0), 0)


def leaving_share(churn_by_age, price_churn, churn_level: PositiveFactor = 1.0) -> Share:
    """Share of the plan's customers free to leave who do so this month, given their age, the bill and the market.

    `churn_level` is the market's pull relative to the scenario's own churn (1).

    churn_level: Factor on the plan's churn by month, such as 1.5 in the months after a price rise or a holiday.
    """
    return np.minimum(churn_by_age * price_churn * churn_level, 1)


def upgrades(last_customers, upgrade_pull, luck, upgrade_rate: ShockShare = 0.0) -> Customers:
    """Customers who leave the plan for a better one this month.

    upgrade_rate: Share of the plan's customers who move to a better plan in a month at the reference prices.
    """
    # A share of nine tenths at most, as the range of the rate has it.
    share = np.minimum(upgrade_rate * upgrade_pull, 0.9)
    return where(share > 0, binomial, 0, last_customers, share, luck)


def leaving(free_to_leave, upgrades, last_customers, leaving_share, luck) -> Customers:
    """Customers of the plan who leave this month when their contract ends, of those who do not upgrade."""
    remaining = np.where(last_customers > 0, 1 - upgrades / last_customers, 0)
    return binomial(free_to_leave * remaining, leaving_share, luck)


def customers_taken(
    last_customers, upgrades, leaving, market_staying, quality_staying, charge_staying, luck
) -> Customers:
    """Customers of the plan lost this month to events, to a better rival, or because the plan starts to charge."""
    there = np.maximum(last_customers - upgrades - leaving, 0)
    return binomial(there, 1 - market_staying * quality_staying * charge_staying, luck)


def customers_staying(last_customers, upgrades, leaving, customers_taken) -> Customers:
    """Customers of the plan who were there last month and still are."""
    return np.maximum(last_customers - upgrades - leaving - customers_taken, 0)


def losses_beyond_age(leaving, free_to_leave, churn_by_age, customers_taken, upgrades) -> CustomerChange:
    """Customers whom the plan lost this month beyond those expected by their age; negative if fewer left."""
    return leaving - free_to_leave * churn_by_age + customers_taken + upgrades


def stay_index(losses_beyond_age, contracts_kept, last_stay_index=1.0) -> Factor:
    """Customers of any cohort of the plan left by this month, per customer left by age alone.

    Price, market, upgrades and luck move the index. It never reaches zero, since cohorts are divided by it: where all
    customers leave, a billionth of them stays; once all have left many times over, 6 %.

    opening_stay_index: State of the model that no scenario needs to give.
    """
    expected = last_stay_index * contracts_kept
    least = np.where(last_stay_index > SMALL_INDEX, LEAST_LEFT, 0.06)
    left = last_stay_index * np.maximum(1 - losses_beyond_age / expected, least)
    return np.where(expected > 0, np.maximum(left, LEAST_INDEX), last_stay_index)


def cohort(new_customers, stay_index) -> Customers:
    """New customers of the plan this month, divided by the stay index.

    The index can then be applied to all cohorts at once.
    """
    return new_customers / stay_index


def customers(customers_staying, new_customers) -> Customers:
    """Customers of the plan at the end of the month."""
    # The stay index times contracts is the same but for rounding, and whole numbers should stay whole.
    return customers_staying + new_customers


def opening_seats_kept(month, opening_kept, seat_growth) -> Customers:
    """Opening customers of the plan still there, each counted as the seats that one seat of the start has become."""
    return opening_kept * (1 + seat_growth) ** month


def seats(
    past_cohort, past_seat_survival, opening_seats_kept, stay_index, seats_per_customer, customers, seat_growth
) -> Seats:
    """Seats of all customers of the plan at the end of the month."""
    kept = where(
        seat_growth != 0, over_cohorts, customers, past_cohort, past_seat_survival, stay_index, opening_seats_kept
    )
    return kept * seats_per_customer


def churned_customers(last_customers, new_customers, customers) -> Customers:
    """Customers the plan lost this month, including those who upgraded to another plan."""
    return last_customers + new_customers - customers
