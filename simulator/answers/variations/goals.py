"""KPIs under many changes of a scenario at once, with progress for whoever waits."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from simulator.answers.kpis.tried import Goal, goals_of
from simulator.answers.variations.inputs import batches, simulated
from simulator.engine.model import Array
from simulator.scenario.scenario import Scenario

# Told the share of the work that is done, from 0 to 1; whatever it raises ends the work.
Progress = Callable[[float], None]


def quietly(done: float) -> None:
    """Tell nobody."""


def within(progress: Progress, low: float, high: float) -> Progress:
    """Return what tells the share of a part of some work, which goes from one share of the whole to another."""
    return lambda done: progress(low + (high - low) * done)


@dataclass
class Meter:
    """Progress of work of which only an estimate of the size is known; it never goes back, and ends below the whole."""

    tell: Progress = quietly
    expected: float = 1.0
    done: float = 0.0
    told: float = 0.0

    def part(self, work: float) -> Progress:
        """Return what is told the share of one part that is done; `work` is its size."""
        before = self.done

        def tell(share: float) -> None:
            self.done = before + work * share
            self.told = max(self.told, min(self.done / self.expected, 0.99))
            self.tell(self.told)

        return tell


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
