"""A model with members and numbers: how values are gathered from member to member, and the run by month.

Months run one after another. Within a month each value is an array of shape (members, trials), in which an
axis of length one stands for "the same for all".
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.errors import PlanError
from simulator.model import MONTH, Array, Kinds, Model, Read, When, readable


@dataclass(frozen=True)
class Members:
    """Who there is: the members of each kind, and which member of another kind each points at.

    `pointers[kind, other]` holds, for each member of `kind`, the position of its `other`.
    """

    names: Mapping[str, tuple[str, ...]]
    pointers: Mapping[tuple[str, str], tuple[int, ...]] = field(default_factory=dict)

    def shape(self, per: Kinds) -> tuple[int, ...]:
        """How many members each of these kinds has."""
        return tuple(len(self.names.get(kind, ())) for kind in per)

    def count(self, per: Kinds) -> int:
        """How many values a line per these kinds has: their product; one for the company."""
        return int(np.prod(self.shape(per), dtype=int))

    def labels(self, per: Kinds) -> list[str]:
        """The members' names, `team` or `team, drafting`, in the order of the arrays' first axis."""
        return [", ".join(names) for names in product(*(self.names.get(kind, ()) for kind in per))]

    def position(self, per: Kinds, kind: str) -> NDArray[np.intp]:
        """For each member of `per`, the position of its `kind`; KeyError where it has none."""
        grids = np.indices(self.shape(per)).reshape(len(per), self.count(per))
        if kind in per:
            return np.asarray(grids[per.index(kind)])
        own = next((own for own in reversed(per) if (own, kind) in self.pointers), None)
        if own is None:
            raise KeyError(f"{readable(per)} points at no {kind}")
        return np.asarray(np.array(self.pointers[own, kind], dtype=np.intp)[grids[per.index(own)]])

    def place(self, per: Kinds, home: Kinds) -> NDArray[np.intp]:
        """For each member of `per`, the flat position of the member of `home` that it belongs to."""
        if not home:
            return np.zeros(self.count(per), dtype=np.intp)
        positions = tuple(self.position(per, kind) for kind in home)
        return np.asarray(np.ravel_multi_index(positions, self.shape(home)))


@dataclass
class _Run:
    """Where a run stands: the month, its values so far, last month's, and the pasts that lines read."""

    month: int = 0
    now: dict[str, Array] = field(default_factory=dict)
    last: dict[str, Array] = field(default_factory=dict)
    past: dict[str, Array] = field(default_factory=dict)


# Four gigabytes of numbers that lines look back on.
MOST_CELLS = 500_000_000

Gather = Callable[[Array], Array]
Reader = Callable[[_Run], Array]


class Plan:
    """A model with members and numbers, ready to run.

    `inputs` holds one array an assumption, of shape (months or 1, members of its home or 1, trials or 1).
    """

    def __init__(self, model: Model, members: Members, inputs: Mapping[str, Array], months: int) -> None:
        self.model, self.members, self.months, self.inputs = model, members, months, inputs
        self.trials = max((array.shape[2] for array in inputs.values()), default=1)
        self.steps = [
            (
                name,
                model.lines[name].function,
                [self._reader(name, read) for read in model.reads[name]],
                members.count(model.lines[name].per),
            )
            for name in model.order
        ]
        self.remembered = {read.source for reads in model.reads.values() for read in reads if read.when == "past"}

    def gather(self, line: str, read: Read) -> Gather | None:
        """How the members of what is read become the members of the line that reads; None where they are the same."""
        model, members = self.model, self.members
        per, home = model.lines[line].per, model.per(read.source)
        if read.over != "total" and home == per:
            return None
        if not members.count(per):
            return lambda values: values[:0]
        if read.over != "total":
            place = members.place(per, home)
            return lambda values: values[place]
        if not per:
            return lambda values: np.add.reduce(values, axis=0, keepdims=True)
        groups = self.summed(line, read.source)
        return lambda values: np.stack([np.add.reduce(values[group], axis=0) for group in groups])

    def summed(self, line: str, source: str) -> list[NDArray[np.intp]]:
        """For each member of `line`, the positions of the members of `source` that its total sums."""
        per, home = self.model.lines[line].per, self.model.per(source)
        try:
            target = self.members.place(home, per)
        except KeyError as error:
            raise PlanError(f"{line} sums {source}, but {error.args[0]}: name it in the scenario") from None
        return [np.flatnonzero(target == member) for member in range(self.members.count(per))]

    def _reader(self, line: str, read: Read) -> Reader:
        """What gives a parameter of `line` its value in a run."""
        if read.source in self.model.groups:
            names = self.model.groups[read.source]
            parts = [self._reader(line, Read(read.parameter, name, "now", "total")) for name in names]
            return lambda run: sum((part(run) for part in parts[1:]), start=parts[0](run))
        value, gather = self._value(read.source, read.when), self.gather(line, read)
        return value if gather is None else lambda run: gather(value(run))

    def _value(self, source: str, when: When) -> Reader:
        """What gives the value of a line or an assumption, for all of its own members."""
        if source == MONTH:
            return lambda run: np.array([[float(run.month)]])
        if source not in self.model.lines:
            values = self.inputs[source]
            return lambda run: values[run.month if len(values) > 1 else 0]
        if when == "last":
            opening = self.inputs[f"opening_{source}"][0]
            return lambda run: run.last[source] if run.month else opening
        if when == "past":
            return lambda run: run.past[source][..., : run.month + 1]
        return lambda run: run.now[source]

    def run(self) -> Iterator[Mapping[str, Array]]:
        """Month after month, every line as an array of shape (members, trials or 1).

        What a month gave is not kept unless a line reads it later, so that memory does not grow with months.
        """
        run = _Run()
        cells = sum(self.members.count(self.model.lines[name].per) for name in self.remembered)
        if cells * self.trials * self.months > MOST_CELLS:
            raise PlanError(f"{self.trials:,} trials of this plan need too much memory: run fewer of them")
        for name in self.remembered:
            count = self.members.count(self.model.lines[name].per)
            # The month is the last axis, so that a cohort's sum runs over neighbours in memory.
            run.past[name] = np.zeros((count, self.trials, self.months))
        for month in range(self.months):
            run.month, run.last, run.now = month, run.now, {}
            with np.errstate(all="ignore"):  # np.where computes the branch not taken, too
                for name, function, readers, count in self.steps:
                    self._step(run, name, function(*(reader(run) for reader in readers)), count)
            yield run.now

    def _step(self, run: _Run, name: str, result: Any, count: int) -> None:
        value = np.asarray(result, dtype=np.float64)
        if value.ndim < 2:
            value = value.reshape(1, 1)
        if value.shape[0] != count:
            value = np.broadcast_to(value, (count, value.shape[1]))
        run.now[name] = value
        if name in self.remembered:
            run.past[name][..., run.month] = value

    def keep(self, names: Sequence[str] | None = None) -> dict[str, Array]:
        """The named lines (all of them if None) as arrays of shape (months, members, trials)."""
        wanted = tuple(self.model.lines) if names is None else tuple(names)
        kept = {
            name: np.empty((self.months, self.members.count(self.model.lines[name].per), self.trials))
            for name in wanted
        }
        for month, values in enumerate(self.run()):
            for name in wanted:
                kept[name][month] = values[name]
        return kept
