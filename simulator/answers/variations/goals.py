"""KPIs under many changes of a scenario at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from simulator.answers.blocks.progress import Progress, quietly
from simulator.answers.kpis.tried import Goal, goals_of
from simulator.answers.variations.inputs import batches, simulated
from simulator.engine.model import Array
from simulator.scenario.scenario import Scenario


def goals_under(
    scenario: Scenario, changes: Sequence[Mapping[str, Array]], goals: Sequence[Goal], progress: Progress = quietly
) -> Array:
    """Return KPIs of the base case and under many changes, of shape (goals, 1 + changes).

    Raise PlanError where a KPI has no value under a change, unless it is a month that never comes.
    """
    found: list[Array] = []
    for batch in batches(scenario, changes):
        # Where no change gives anything another value, one column stands for all.
        values = np.array(goals_of(scenario, simulated(scenario, batch), goals))
        values = np.broadcast_to(values, (len(goals), 1 + len(batch)))
        found.append(values[:, 1:] if found else values)
        progress((sum(one.shape[1] for one in found) - 1) / max(len(changes), 1))
    return np.concatenate(found, axis=1)
