"""The advantage from users: feedback becomes data, data becomes quality, and quality moves conversion, churn and price.

Quality is a share of what customers want. Own data raises it along a saturating power law (Hestness et al. 2017;
Kaplan et al. 2020), from the next training on; until then the model ages. Only the lead over the best product on the
market counts, and that product improves, too. `use_feedback` 0 switches feedback off.
"""

from typing import Any

import numpy as np

from simulator.engine.choice import where
from simulator.engine.quantities import (
    ONE_EXAMPLE,
    ONE_RUN,
    Examples,
    Factor,
    Months,
    Number,
    PositiveExamples,
    Share,
    SteadyFactor,
    Switch,
)


def feedback_examples(
    total_requests,
    feedback_share: Share = 0.0,
    consent: Share = 0.0,
    usable_share: Share = 1.0,
    use_feedback: Switch = 1.0,
) -> Examples:
    """Training examples from customers' feedback this month: requests with feedback, consent and usable content.

    feedback_share: Share of requests for which customers give feedback.
    consent: Share of feedback that customers allow the company to train on.
    usable_share: Share of permitted feedback that is good enough to train on.
    use_feedback: Switch for learning from feedback: 1 on, 0 off.
    """
    return total_requests * feedback_share * consent * usable_share * use_feedback * ONE_EXAMPLE


def data_kept(feedback_examples, last_data_kept=0.0, data_decay: Share = 0.0) -> Examples:
    """Training examples from feedback held at the end of the month, after older ones have lost part of their value.

    opening_data_kept: Training examples from feedback that the company holds when the scenario begins.
    data_decay: Share of the value of held examples that is lost in a month.
    """
    return last_data_kept * (1 - data_decay) + feedback_examples


def own_data(data_kept, rivals_share: Share = 0.0) -> Examples:
    """Training examples from feedback that competitors do not also have.

    rivals_share: Share of the company's feedback data that rivals have as well.
    """
    return data_kept * (1 - rivals_share)


def refreshed(total_refreshing_runs) -> Share:
    """Share of the product's model that was retrained this month, from 0 to 1."""
    return np.minimum(total_refreshing_runs / ONE_RUN, 1)


def learned_data(own_data, refreshed, last_learned_data=0.0) -> Examples:
    """Own training examples that the model in use has been trained on, at the end of the month.

    opening_learned_data: Own examples that the first month's model has already been trained on.
    """
    # A partial refresh closes that part of the gap to today's data.
    return last_learned_data + refreshed * (own_data - last_learned_data)


def staleness(refreshed, last_staleness=0.0) -> Months:
    """Months since the model in use was last trained.

    opening_staleness: Months since the model was last trained when the scenario begins.
    """
    # A full refresh resets the age to zero, a partial one reduces it by its share.
    return (last_staleness + 1) * (1 - refreshed)


def errors_felt(total_errors_left, total_requests, error_weight: Factor = 0.0) -> Number:
    """Quality that wrong answers take from the product this month, as a share of what customers want.

    error_weight: Quality lost through answers that are wrong and stay so, per share of all requests: at 0.5, one wrong
        answer in ten requests costs 0.05.
    """
    return where(error_weight > 0, _errors_felt, 0, total_errors_left, total_requests, error_weight)


def _errors_felt(errors: Any, requests: Any, weight: Any) -> Any:
    return np.where(requests > 0, errors / requests, 0) * weight


def quality(
    learned_data,
    staleness,
    total_optimisation_loss,
    total_quality_lost,
    errors_felt,
    quality_at_start: Share = 0.8,
    quality_ceiling: Share = 0.8,
    data_scale: PositiveExamples = 100_000.0,
    learning_exponent: SteadyFactor = 0.3,
    ageing: Share = 0.0,
) -> Number:
    """Quality of the product this month, as a share of what customers want.

    Own data closes the gap to the quality ceiling; age, optimisation, events and wrong answers reduce quality.

    quality_at_start: Quality of the product without data of its own, as a share of what customers want.
    quality_ceiling: Quality that the product would reach with unlimited data of its own.
    data_scale: Own examples at which learning sets in: below about this number, the quality gap hardly shrinks.
    learning_exponent: Power at which own data shrink the gap to the ceiling; 0.3 is typical of language models.
    ageing: Quality that the model loses with each month since its last training.
    """
    # The gap to the ceiling shrinks as a power of own data, measured in `data_scale`.
    gap = (quality_ceiling - quality_at_start) * (1 + learned_data / data_scale) ** -learning_exponent
    return quality_ceiling - gap - ageing * staleness - total_optimisation_loss - total_quality_lost - errors_felt


def frontier(total_frontier_jump, frontier_quality: Share = 0.8) -> Number:
    """Quality this month of the best product on the market, as a share of what customers want.

    frontier_quality: Quality of the best product on the market, as a share of what customers want.
    """
    return frontier_quality + total_frontier_jump


def lead(quality, frontier) -> Number:
    """Lead in quality of the product over the best on the market this month; negative if it is behind."""
    return quality - frontier


def conversion_index(total_conversion_push, last_lead=0.0, conversion_sensitivity: Factor = 0.0) -> Factor:
    """Factor on the share of sign-ups who buy this month, from last month's quality lead and from events.

    opening_lead: Lead in quality over the best product in the month before the scenario.
    conversion_sensitivity: Response of conversion to the quality lead: at 5, a lead of 0.1 lets e^0.5 times as many
        buy.
    """
    # The lead acts with a month's delay, which keeps quality and customers from waiting for each other.
    return np.exp(_response(conversion_sensitivity, last_lead) + total_conversion_push)


def _response(sensitivity: Any, lead: Any) -> Any:
    # Where nothing responds, no line has to wait for last month's lead.
    return where(sensitivity > 0, lambda power, ahead: power * ahead, 0, sensitivity, lead)


def price_power(last_lead, price_sensitivity: Factor = 0.0) -> Factor:
    """Factor on the prices customers pay this month, from last month's quality lead.

    price_sensitivity: Response of prices to the quality lead: at 1, a lead of 0.1 lets prices rise by e^0.1, about 11%.
    """
    return np.exp(_response(price_sensitivity, last_lead))


def quality_staying(last_lead, churn_sensitivity: Factor = 0.0) -> Share:
    """Share of customers whom last month's quality lead leaves with the company; 1 unless the product is behind.

    A product that is ahead keeps nobody who would leave anyway.

    churn_sensitivity: Response of churn to a quality lag: at 1, a lag of 0.1 costs about 10% of customers a month.
    """
    return np.exp(np.minimum(_response(churn_sensitivity, last_lead), 0))


def labels_saved(feedback_examples, total_examples_trained, label_saving: Share = 0.0) -> Share:
    """Share of this month's training labels that feedback makes unnecessary.

    label_saving: Share of a training example's labels that feedback makes unnecessary.
    """
    # One example from feedback saves the labels of one training example at most.
    saved = np.minimum(feedback_examples / total_examples_trained, 1) * label_saving
    return np.where(total_examples_trained > 0, saved, 0)
