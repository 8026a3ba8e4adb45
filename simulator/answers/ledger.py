"""The base case in full: every line by month and member, and every assumption by month; and many of them at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
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
        values = self._stated(name, member)[:, 0]
        return np.repeat(values, self.scenario.months) if len(values) == 1 else values

    @property
    def beside(self) -> Ledgers:
        """The base case as the only one of several."""
        return Ledgers(self.scenario, Viewed(self.lines, lambda line: line[:, :, None]), self.values)

    def _stated(self, name: str, member: str | None) -> Array:
        """Return an assumption of one member in the scenario's own currency, as `values` has it."""
        needed = business().inputs[name]
        # A change may give a member its own value of what the scenario states for all.
        own = needed.path(member)
        return self._converted[own if own in self.values else self.scenario.path_of(needed, member)]

    @cached_property
    def _converted(self) -> Mapping[str, Array]:
        """The values with all amounts in the scenario's own currency."""
        return converted(self.scenario, self.values)


@dataclass(frozen=True)
class Ledgers(Ledger):
    """Many base cases, one a column: a line has shape (months, members, columns), a value (months or 1, columns).

    One column may stand for all. What is read of one member has shape (months, columns or 1).
    """

    columns: int = 1

    def assumed(self, name: str, member: str | None = None) -> Array:
        """Return an assumption of one member by month, of shape (months, columns or 1)."""
        values = self._stated(name, member)
        return np.broadcast_to(values, (self.scenario.months, values.shape[1]))

    def of_columns(self, places: Sequence[int]) -> Ledgers:
        """Return some of the base cases."""

        def some(found: Array) -> Array:
            return found[..., places] if found.shape[-1] > 1 else found

        lines, values = Viewed(self.lines, some), Viewed(self.values, some)
        return replace(self, lines=lines, values=values, columns=len(places))

    def one(self, place: int) -> Ledger:
        """Return one base case."""
        column = self.of_columns([place])
        return Ledger(self.scenario, Viewed(column.lines, lambda line: line[:, :, 0]), column.values)


@dataclass(frozen=True)
class Viewed(Mapping[str, Array]):
    """Arrays by name, of which a reader sees a view."""

    whole: Mapping[str, Array]
    view: Callable[[Array], Array]

    def __getitem__(self, name: str) -> Array:
        """Return the view of one array."""
        return self.view(self.whole[name])

    def __iter__(self) -> Iterator[str]:
        """Iterate over the names."""
        return iter(self.whole)

    def __len__(self) -> int:
        """Return the number of arrays."""
        return len(self.whole)
