"""Free trials, per plan: people who use the plan before they pay, and what they do in the end.

Sign-ups who choose a plan with a free trial begin one instead of buying. At its end each either buys, and is a new
customer of that month, or leaves: one count decides both. Their requests are those of customers of the plan, and the
cost of serving them is a cost of winning customers.
"""

from typing import Annotated, Any

import numpy as np

from simulator.engine.ages import over_ages
from simulator.engine.choice import where
from simulator.engine.counts import binomial, poisson
from simulator.engine.quantities import FEWEST_REQUESTS, Customers, Factor, Numbers, Requests, Share
from simulator.engine.units import quantity

PER = "plan"

TrialLength = Annotated[Numbers, quantity("month", 0, 24, steady=True)]


def trials_started(plan_signups, conversion_at_price, luck, trial_months: TrialLength = 0.0) -> Customers:
    """Free trials of the plan that begin this month: sign-ups who choose it, where it has a free trial.

    trial_months: Length of the plan's free trial in months, rounded up; 0 for none.
    """
    return where(trial_months > 0, _started, 0.0, plan_signups, conversion_at_price, luck)


def _started(signups: Any, share: Any, luck: Any) -> Any:
    return poisson(signups * share, luck)


def trial_end_age(month, trial_months) -> Share:
    """1 at the age, in months since its start, at which a free trial of the plan ends; 0 at every other age."""
    return np.where(month == np.ceil(trial_months), 1, 0)


def trials_ended(
    month, past_trials_started, past_trial_end_age, trial_months, opening_trial_users: Customers = 0.0
) -> Customers:
    """Free trials of the plan that end this month, with a purchase or without.

    Those from before the scenario end evenly over the length of a free trial.

    opening_trial_users: People on a free trial of the plan when the scenario begins.
    """
    length = np.ceil(trial_months)
    return where(
        trial_months > 0, _ended, 0.0, past_trials_started, past_trial_end_age, month, opening_trial_users, length
    )


def _ended(past_started: Any, past_end_age: Any, month: Any, opened: Any, length: Any) -> Any:
    return over_ages(past_started, past_end_age) + np.where(month < length, opened / length, 0)


def trials_converted(trials_ended, trial_months, luck, trial_conversion: Share = 1.0) -> Customers:
    """Free trials of the plan that end this month with a purchase; the others leave.

    trial_conversion: Share of free trials that end with a purchase.
    """
    return where(trial_months > 0, binomial, 0.0, trials_ended, trial_conversion, luck)


def trial_users(last_trial_users, trials_started, trials_ended, trial_months) -> Customers:
    """People on a free trial of the plan at the end of the month; they are no customers yet."""
    return where(trial_months > 0, _on_trial, 0.0, last_trial_users, trials_started, trials_ended)


def _on_trial(before: Any, started: Any, ended: Any) -> Any:
    # Rounding may leave a residue below zero.
    return np.maximum(before + started - ended, 0)


def trial_requests(trial_users, capped_requests, trial_months, trial_use: Factor = 1.0) -> Requests:
    """Requests this month of people on a free trial of the plan.

    trial_use: Requests of a person on a free trial per those of a customer: 0.5 for half.
    """
    return where(trial_months > 0, _asked, 0.0, trial_users, capped_requests, trial_use)


def _asked(people: Any, each: Any, use: Any) -> Any:
    # The least use stands for none, as in `requests`.
    return np.where(each > FEWEST_REQUESTS, people * each * use, 0)


def trial_share(trial_requests, requests) -> Share:
    """Share of the plan's requests this month that come from free trials."""
    return where(trial_requests > 0, lambda part, whole: part / whole, 0.0, trial_requests, requests)
