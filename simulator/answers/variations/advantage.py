"""The value of users' data and feedback: the base case with them against the base case without."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from simulator.answers.variations.inputs import vary
from simulator.engine.model import Array
from simulator.scenario.scenario import Scenario

SWITCH = "use_feedback"
COMPARED = ("quality", "frontier", "customers", "revenue", "cash", "company_value")


@dataclass(frozen=True)
class Advantage:
    """Lines of the base case with and without feedback, each of shape (months,), summed over members."""

    with_feedback: Mapping[str, Array]
    without: Mapping[str, Array]

    def worth(self, name: str) -> float:
        """Return how much higher a line is in the last month with feedback."""
        return float(self.with_feedback[name][-1] - self.without[name][-1])


def advantage(scenario: Scenario) -> Advantage | None:
    """Return the comparison, None if the scenario collects no feedback."""
    if not scenario.assumption_of(SWITCH).central:
        return None
    found = vary(scenario, [{SWITCH: np.array([0.0])}], [*COMPARED, "feedback_examples"])
    if not found["feedback_examples"][:, 0, 0].any():
        return None
    with_feedback, without = ({name: found[name][:, :, column].sum(axis=1) for name in COMPARED} for column in range(2))
    return Advantage(with_feedback, without)
