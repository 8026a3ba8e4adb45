"""The advantage from users: feedback becomes data, data becomes quality, and quality moves conversion, churn and price.

Quality is a share of what customers want. Own data raises it along a saturating power law (Hestness et al. 2017;
Kaplan et al. 2020), from the next training on; until then the model ages. Only the lead over the best product on the
market counts, and that product improves, too. `use_feedback` 0 switches feedback off.
"""

import numpy as np

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
    """Training examples from customers' feedback this month: requests with feedback, consent and usable content."""
    return total_requests * feedback_share * consent * usable_share * use_feedback * ONE_EXAMPLE


def data_kept(feedback_examples, last_data_kept=0.0, data_decay: Share = 0.0) -> Examples:
    """Training examples from feedback held at the end of the month, after older ones have lost part of their value."""
    return last_data_kept * (1 - data_decay) + feedback_examples


def own_data(data_kept, rivals_share: Share = 0.0) -> Examples:
    """Training examples from feedback that competitors do not also have."""
    return data_kept * (1 - rivals_share)


def refreshed(total_refreshing_runs) -> Share:
    """Share of the product's model that was retrained this month, from 0 to 1."""
    return np.minimum(total_refreshing_runs / ONE_RUN, 1)


def learned_data(own_data, refreshed, last_learned_data=0.0) -> Examples:
    """Own training examples that the model in use has been trained on, at the end of the month."""
    # A partial refresh closes that part of the gap to today's data.
    return last_learned_data + refreshed * (own_data - last_learned_data)


def staleness(refreshed, last_staleness=0.0) -> Months:
    """Months since the model in use was last trained."""
    # A full refresh resets the age to zero, a partial one reduces it by its share.
    return (last_staleness + 1) * (1 - refreshed)


def quality(
    learned_data,
    staleness,
    total_optimisation_loss,
    total_quality_lost,
    quality_at_start: Share = 0.8,
    quality_ceiling: Share = 0.8,
    data_scale: PositiveExamples = 100_000.0,
    learning_exponent: SteadyFactor = 0.3,
    ageing: Share = 0.0,
) -> Number:
    """Quality of the product this month, as a share of what customers want.

    Own data closes the gap to the quality ceiling; age, optimisation and events reduce quality.
    """
    # The gap to the ceiling shrinks as a power of own data, measured in `data_scale`.
    gap = (quality_ceiling - quality_at_start) * (1 + learned_data / data_scale) ** -learning_exponent
    return quality_ceiling - gap - ageing * staleness - total_optimisation_loss - total_quality_lost


def frontier(total_frontier_jump, frontier_quality: Share = 0.8) -> Number:
    """Quality this month of the best product on the market, as a share of what customers want."""
    return frontier_quality + total_frontier_jump


def lead(quality, frontier) -> Number:
    """Lead in quality of the product over the best on the market this month; negative if it is behind."""
    return quality - frontier


def conversion_index(total_conversion_push, last_lead=0.0, conversion_sensitivity: Factor = 0.0) -> Factor:
    """Factor on the share of sign-ups who buy this month, from last month's quality lead and from events."""
    # The lead acts with a month's delay, which keeps quality and customers from waiting for each other.
    return np.exp(conversion_sensitivity * last_lead + total_conversion_push)


def price_power(last_lead, price_sensitivity: Factor = 0.0) -> Factor:
    """Factor on the prices customers pay this month, from last month's quality lead."""
    return np.exp(price_sensitivity * last_lead)


def quality_staying(last_lead, churn_sensitivity: Factor = 0.0) -> Share:
    """Share of customers whom last month's quality lead leaves with the company; 1 unless the product is behind.

    A product that is ahead keeps nobody who would leave anyway.
    """
    return np.exp(churn_sensitivity * np.minimum(last_lead, 0))


def labels_saved(feedback_examples, total_examples_trained, label_saving: Share = 0.0) -> Share:
    """Share of this month's training labels that feedback makes unnecessary."""
    # One example from feedback saves the labels of one training example at most.
    saved = np.minimum(feedback_examples / total_examples_trained, 1) * label_saving
    return np.where(total_examples_trained > 0, saved, 0)
