"""A model wired for certain members: how each line gets its parameters from other lines and assumptions.

Every line becomes a step that reads its parameters from the state of a run. The numbers are in that state, so one
wiring serves every scenario with the same members, and editing a number needs no new one.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from itertools import product

import numpy as np
from numpy.typing import NDArray

from simulator.engine.choice import straight
from simulator.engine.model import LUCK, MONTH, OPENING, Array, Kinds, Line, Model, Read, Stage, When, readable
from simulator.engine.steps import Ahead, Gather, Program, Reader, Run, Step, Steps
from simulator.errors import PlanError

# One wiring for each set of members and of assumptions that vary by month; a user switches between few of them.
MOST_WIRINGS = 32


@dataclass(frozen=True)
class Members:
    """The members of each kind, and which member of another kind each points at.

    `pointers[kind, other]` holds, for each member of `kind`, the position of its `other`.
    """

    names: Mapping[str, tuple[str, ...]]
    pointers: Mapping[tuple[str, str], tuple[int, ...]] = field(default_factory=dict)

    def __hash__(self) -> int:
        return hash((tuple(self.names.items()), tuple(self.pointers.items())))

    def shape(self, per: Kinds) -> tuple[int, ...]:
        """Return the number of members of each of these kinds."""
        return tuple(len(self.names.get(kind, ())) for kind in per)

    def count(self, per: Kinds) -> int:
        """Return the number of values that a line per these kinds has: their product, one for the company."""
        if (found := self._counts.get(per)) is None:
            found = self._counts[per] = math.prod(self.shape(per))
        return found

    @cached_property
    def _counts(self) -> dict[Kinds, int]:
        return {}

    def rows(self, lines: Iterable[Line]) -> int:
        """Return the number of rows of these lines together."""
        return sum(self.count(line.per) for line in lines)

    def labels(self, per: Kinds) -> list[str]:
        """Return the members' names, such as `team` or `team, drafting`, in the order of the arrays."""
        if (found := self._labels.get(per)) is None:
            found = self._labels[per] = [
                ", ".join(names) for names in product(*(self.names.get(kind, ()) for kind in per))
            ]
        return found

    @cached_property
    def _labels(self) -> dict[Kinds, list[str]]:
        return {}

    def position(self, per: Kinds, kind: str) -> NDArray[np.intp]:
        """Return, for each member of `per`, the position of its `kind`; raises KeyError where it has none."""
        grids = np.indices(self.shape(per)).reshape(len(per), self.count(per))
        if kind in per:
            return np.asarray(grids[per.index(kind)])
        own = next((own for own in reversed(per) if (own, kind) in self.pointers), None)
        if own is None:
            raise KeyError(f"{readable(per)} points at no {kind}")
        return np.asarray(np.array(self.pointers[own, kind], dtype=np.intp)[grids[per.index(own)]])

    def place(self, per: Kinds, home: Kinds) -> NDArray[np.intp]:
        """Return, for each member of `per`, the flat position of the member of `home` that it belongs to."""
        if not home:
            return np.zeros(self.count(per), dtype=np.intp)
        positions = tuple(self.position(per, kind) for kind in home)
        return np.asarray(np.ravel_multi_index(positions, self.shape(home)))

    def summed(self, per: Kinds, home: Kinds, line: str, source: str) -> list[NDArray[np.intp]]:
        """Return, for each member of `per`, the positions of the members of `home` that a total sums.

        Raises PlanError, for a `line` that sums a `source`, where the two kinds are not connected.
        """
        try:
            target = self.place(home, per)
        except KeyError as error:
            what = f"the line sums {source}, but {error.args[0]}"
            raise PlanError(what, "name it in the scenario", where=line) from None
        return [np.flatnonzero(target == member) for member in range(self.count(per))]


class Wiring:
    """The steps of a model with these members; `varying` are the assumptions that differ from month to month."""

    def __init__(self, model: Model, members: Members, varying: frozenset[str]) -> None:
        self.model, self.members, self.varying = model, members, varying
        self.opened, self.lasting = (
            {read.source for reads in model.reads.values() for read in reads if read.when == when}
            for when in ("first", "last")
        )
        # Rows of which a run holds every month: those of luck, and those that others look back on.
        self.held = self._rows(model.remembered) + self._rows(model.counted)
        self.steady: set[str] = set()
        for stage in model.stages:
            if not stage.monthly and all(map(self._is_steady, model.reads[stage.lines[0]])):
                self.steady |= set(stage.lines) - self.model.remembered
        self.stages = self._steps(model.stages)
        self._rests: dict[tuple[str, ...], list[Steps]] = {}
        self._programs: dict[frozenset[str] | None, Program] = {}

    def _rows(self, names: Iterable[str]) -> int:
        """Return the number of rows of the named lines, one for each member."""
        return self.members.rows(self.model.lines[name] for name in names)

    def program(self, names: frozenset[str] | None) -> Program:
        """Return what a run computes for the named lines, by default for all."""
        if names not in self._programs:
            self._programs[names] = self._program(frozenset(self.model.lines) if names is None else names)
        return self._programs[names]

    def _program(self, names: frozenset[str]) -> Program:
        needed = self.model.needed(names)
        stages = [stage for stage in self.stages if stage[0][0].name in needed]
        steady = [steps[0] for steps, _ in stages if steps[0].name in self.steady]
        stages = [stage for stage in stages if stage[0][0].name not in self.steady]
        # Later stages overwrite earlier ones, so this is where a line is read for the last time.
        read_at = {
            source: place
            for place, (steps, _) in enumerate(stages)
            for step in steps
            for read in self.model.reads[step.name]
            for source in self.model.sources(read)
        }
        spent: list[list[str]] = [[] for _ in stages]
        for steps, _ in stages:
            for step in steps:
                if step.name not in names:
                    spent[read_at[step.name]].append(step.name)
        rows = most = self._rows(step.name for step in steady)
        for (steps, _), gone in zip(stages, spent, strict=True):
            rows += self._rows(step.name for step in steps)
            most = max(most, rows)
            rows -= self._rows(gone)
        readers: dict[str, set[str]] = {}
        for name in needed:
            for read in self.model.reads[name]:
                for source in self.model.sources(read) if read.when != "past" else ():
                    readers.setdefault(source, set()).add(name)
        return Program(names, list(zip(stages, spent, strict=True)), steady, readers, max(most, 1))

    def _steps(self, stages: Iterable[Stage]) -> list[Steps]:
        """Return the steps of each stage, and whether it goes month by month."""
        return [
            ([self._step(name, stage.lines if stage.monthly else ()) for name in stage.lines], stage.monthly)
            for stage in stages
        ]

    def rest(self, names: tuple[str, ...]) -> list[Steps]:
        """Return the stages of the lines of a stage that are left once its others are known."""
        if names not in self._rests:
            self._rests[names] = self._steps(self.model.stages_of(names))
        return self._rests[names]

    def _is_steady(self, read: Read) -> bool:
        """Return whether a read value is the same in every month."""
        if read.when != "now" or read.source in (MONTH, LUCK):
            return False
        sources = self.model.sources(read)
        return self.steady.issuperset(sources) if sources else read.source not in self.varying

    def gather(self, line: str, read: Read) -> Gather | None:
        """Return how the members of a read value become the members of `line`; None where they are the same."""
        model, members = self.model, self.members
        per, home = model.lines[line].per, model.per(read.source)
        if read.over != "total" and home == per:
            return None
        if not members.count(per):
            return lambda values: values[:, :0]
        if read.over == "total":
            return self._summing(line, read.source)
        place = members.place(per, home)
        if (place == place[0]).all():  # a place that all share is not copied
            return lambda values: values[:, place[:1]]
        return lambda values: np.take(values, place, axis=1)

    def _summing(self, line: str, source: str) -> Gather:
        """Return the function that sums the members of `source`, over axis 1, for each member of `line`."""
        if not self.model.lines[line].per:
            return lambda values: np.add.reduce(values, axis=1, keepdims=True)
        groups = self.summed(line, source)
        shape = (len(groups), len(groups[0]))
        # Where groups of one size are consecutive, as the hours of a pool are, one reshape and sum is several times
        # faster than a loop over members.
        if {len(one) for one in groups} == {shape[1]} and (np.concatenate(groups) == np.arange(math.prod(shape))).all():
            return lambda values: np.add.reduce(values.reshape(len(values), *shape, values.shape[2]), axis=2)
        places = [straight(group) for group in groups]
        return lambda values: np.stack([np.add.reduce(values[:, group], axis=1) for group in places], axis=1)

    def summed(self, line: str, source: str) -> list[NDArray[np.intp]]:
        """Return, for each member of `line`, the positions of the members of `source` that its total sums."""
        return self.members.summed(self.model.lines[line].per, self.model.per(source), line, source)

    def _step(self, line: str, beside: Collection[str]) -> Step:
        """Return a line with a reader for each parameter; `beside` are the lines that go month by month with it."""
        model = self.model
        readers = [self._reader(line, read, beside) for read in model.reads[line]]
        ahead = [self._ahead(line, read, beside) for read in model.reads[line]] if beside else []
        return Step(line, model.lines[line].function, readers, self.members.count(model.lines[line].per), ahead)

    def _ahead(self, line: str, read: Read, beside: Collection[str]) -> Ahead:
        """Return how a parameter of `line` is read for all months of a chunk at once."""
        reader = None if read.when == "past" else self._reader(line, read, ())
        return Ahead(reader, frozenset(self.model.sources(read)) & frozenset(beside))

    def _reader(self, line: str, read: Read, beside: Collection[str]) -> Reader:
        """Return the function that reads a parameter of `line` from a run."""
        if read.source == LUCK:
            return lambda run: _of_months(run.luck[line], run)
        if read.source in self.model.groups:
            names = self.model.groups[read.source]
            parts = [self._reader(line, Read(read.parameter, name, "now", "total"), beside) for name in names]
            return lambda run: sum((part(run) for part in parts[1:]), start=parts[0](run))
        value, gather = self._value(read.source, read.when, read.source in beside), self.gather(line, read)
        return value if gather is None else lambda run: gather(value(run))

    def _value(self, source: str, when: When, beside: bool) -> Reader:
        """Return the function that reads a line or an assumption from a run, for all of its own members."""
        if source not in self.model.lines:
            return self._assumed(source, when)
        if when == "first":
            return self._first(source, beside)
        if when == "last":
            return self._last(source, beside)
        if when == "past":
            return lambda run: run.past[source][..., : run.first + run.stop]
        if beside:
            return lambda run: run.steps[source][run.start]
        return lambda run: run.now[source][run.start : run.stop]

    def _assumed(self, source: str, when: When) -> Reader:
        """Return the function that reads an assumption or the month from a run."""
        if when == "first" or (source != MONTH and source not in self.varying):
            return lambda run: run.inputs[source][:1]
        return lambda run: run.inputs[source][run.first + run.start : run.first + run.stop]

    def _first(self, source: str, beside: bool) -> Reader:
        """Return the function that reads a line's value in the first month."""

        def first(run: Run) -> Array:
            if run.first:
                return run.opened[source]
            return run.steps[source][0] if beside else run.now[source][:1]

        return first

    def _last(self, source: str, beside: bool) -> Reader:
        """Return the function that reads a line's value one month earlier."""
        opening = f"{OPENING}{source}"

        def last(run: Run) -> Array:
            if run.start:
                return run.steps[source][run.start - 1] if beside else run.now[source][run.start - 1 : run.stop - 1]
            before = run.last[source] if run.first else run.inputs[opening][:1]
            return before if run.stop == 1 else joined([before, run.now[source][: run.stop - 1]])

        return last


@lru_cache(MOST_WIRINGS)
def wired(model: Model, members: Members, varying: frozenset[str]) -> Wiring:
    """Return the wiring, made once for the same arguments."""
    return Wiring(model, members, varying)


def _of_months(values: Array, run: Run) -> Array:
    """Return the current months of values that have one for each month, or one for all."""
    return values if len(values) == 1 else values[run.first + run.start : run.first + run.stop]


def joined(months: Sequence[Array]) -> Array:
    """Return the values of consecutive months as one array; some may have one value for all trials, others many."""
    if len(months) == 1:
        return months[0]
    shapes = {value.shape[1:] for value in months}
    if len(shapes) == 1:
        return np.concatenate(months)
    shape = np.broadcast_shapes(*shapes)
    return np.concatenate([np.broadcast_to(value, (len(value), *shape)) for value in months])
