"""The base case in full: every line by month and member, and every assumption by month."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from simulator.engine.model import Array
from simulator.lines import business
from simulator.scenario.numbers import base_values, converted, simulation_of
from simulator.scenario.scenario import Scenario


@dataclass(frozen=True)
class Ledger:
    """The base case: `lines[name]` has shape (months, members), and `values[path]` has shape (months or 1, 1).

    Values are as stated, some of them perhaps in the second currency; `assumed` converts these.
    """

    scenario: Scenario
    lines: Mapping[str, Array]
    values: Mapping[str, Array]

    @classmethod
    def of(cls, scenario: Scenario) -> Ledger:
        """Run the base case and keep all of it."""
        values = base_values(scenario)
        kept = simulation_of(scenario, values).keep()
        return cls(scenario, {name: line[:, :, 0] for name, line in kept.items()}, values)

    def names(self, kind: str) -> tuple[str, ...]:
        """Return the members of a kind."""
        return self.scenario.entities.get(kind, ())

    def total(self, name: str) -> Array:
        """Return a line summed over its members, of shape (months,)."""
        return np.asarray(self.lines[name].sum(axis=1))

    def of_member(self, name: str, member: str) -> Array:
        """Return a line of one member, such as `team`, or of one pair, such as `team, drafting`; of shape (months,)."""
        labels = self.scenario.members.labels(business().lines[name].per)
        return np.asarray(self.lines[name][:, labels.index(member)])

    def table(self, name: str, member: str) -> Array:
        """Return a line of two kinds for one member of the first, of shape (months, members of the second)."""
        first, second = business().lines[name].per
        count = len(self.names(second))
        start = self.names(first).index(member) * count
        return np.asarray(self.lines[name][:, start : start + count])

    def assumed(self, name: str, member: str | None = None) -> Array:
        """Return an assumption of one member by month, of shape (months,)."""
        needed = business().inputs[name]
        # A change may give a member its own value of what the scenario states for all.
        own = needed.path(member)
        path = own if own in self.values else self.scenario.path_of(needed, member)
        values = self._converted[path][:, 0]
        return np.repeat(values, self.scenario.months) if len(values) == 1 else values

    @cached_property
    def _converted(self) -> Mapping[str, Array]:
        """The values with all amounts in the scenario's own currency."""
        return converted(self.scenario, self.values)
