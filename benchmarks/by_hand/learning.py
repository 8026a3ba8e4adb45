"""Feedback, data, and how good the product is against the market's best."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np

from benchmarks.by_hand.parts import total


def month_of(now: SimpleNamespace, last: SimpleNamespace) -> None:
    """A month of feedback, and the lead that it gives next month."""
    usable = now.feedback_share * now.consent * now.usable_share * now.use_feedback
    feedback_examples = total(now.requests) * usable
    now.data_kept = last.data_kept * (1 - now.data_decay) + feedback_examples
    own_data = now.data_kept * (1 - now.rivals_share)
    refreshed = np.minimum(total(now.refreshing_runs), 1)
    now.learned_data = last.learned_data + refreshed * (own_data - last.learned_data)
    now.staleness = (last.staleness + 1) * (1 - refreshed)
    learned = (1 + now.learned_data / now.data_scale) ** -now.learning_exponent
    gap = (now.quality_ceiling - now.quality_at_start) * learned
    quality = now.quality_ceiling - gap - now.ageing * now.staleness - now.optimisation_loss - now.quality_lost
    frontier = now.frontier_quality + now.frontier_jump
    now.lead = quality - frontier
    trained = total(now.examples_trained)
    now.labels_saved = np.where(trained > 0, np.minimum(feedback_examples / trained, 1) * now.label_saving, 0)
