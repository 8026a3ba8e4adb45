"""How values get from member to member: a model wired for some members, whatever their numbers are.

Every line becomes a step that reads its parameters out of a run. Numbers come with the run, so that one wiring
serves every plan with the same members, and an edit wires nothing anew.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.engine.model import MONTH, Array, Kinds, Model, Read, When, readable
from simulator.errors import PlanError

# Plans that differ in members or in which assumptions move by month; a user goes back and forth between few.
MOST_WIRINGS = 32


@dataclass(frozen=True)
class Members:
    """Who there is: the members of each kind, and which member of another kind each points at.

    `pointers[kind, other]` holds, for each member of `kind`, the position of its `other`.
    """

    names: Mapping[str, tuple[str, ...]]
    pointers: Mapping[tuple[str, str], tuple[int, ...]] = field(default_factory=dict)

    def __hash__(self) -> int:
        return hash((tuple(self.names.items()), tuple(self.pointers.items())))

    def shape(self, per: Kinds) -> tuple[int, ...]:
        """How many members each of these kinds has."""
        return tuple(len(self.names.get(kind, ())) for kind in per)

    def count(self, per: Kinds) -> int:
        """How many values a line per these kinds has: their product; one for the company."""
        return math.prod(self.shape(per))

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
class Run:
    """Where a run stands: months `start` to `stop` of the chunk that begins at `first`, and the values so far.

    `inputs` holds the assumptions and the months' numbers, each of shape (months or 1, members or 1, trials or 1),
    `now` whole chunks, `steps` the months of the lines that go month by month, `last` the month before the
    chunk, and `past` every month so far as (1, members, trials, months).
    """

    inputs: Mapping[str, Array]
    first: int = 0
    start: int = 0
    stop: int = 0
    now: dict[str, Array] = field(default_factory=dict)
    steps: dict[str, list[Array]] = field(default_factory=dict)
    last: dict[str, Array] = field(default_factory=dict)
    past: dict[str, Array] = field(default_factory=dict)


Gather = Callable[[Array], Array]
Reader = Callable[[Run], Array]


@dataclass(frozen=True)
class Step:
    """One line, ready to be computed."""

    name: str
    function: Callable[..., Any]
    readers: list[Reader]
    members: int

    def value(self, run: Run) -> Array:
        """The line's value for the months that the run stands at, of shape (months or 1, members, trials or 1)."""
        value: Array = self.function(*[reader(run) for reader in self.readers])
        if type(value) is not np.ndarray or value.dtype != np.float64:
            value = np.asarray(value, dtype=np.float64)
        if value.ndim < 3:
            value = value.reshape(1, 1, 1)
        if value.shape[1] != self.members:
            value = np.broadcast_to(value, (value.shape[0], self.members, value.shape[2]))
        return value


class Wiring:
    """The steps of a model with these members; `varying` are the assumptions that are not the same in every month."""

    def __init__(self, model: Model, members: Members, varying: frozenset[str]) -> None:
        self.model, self.members, self.varying = model, members, varying
        self.remembered = {read.source for reads in model.reads.values() for read in reads if read.when == "past"}
        self.steady: set[str] = set()
        for stage in model.stages:
            if not stage.monthly and all(map(self._is_steady, model.reads[stage.lines[0]])):
                self.steady |= set(stage.lines) - self.remembered
        self.stages = [
            ([self._step(name, stage.lines if stage.monthly else ()) for name in stage.lines], stage.monthly)
            for stage in model.stages
        ]

    def _is_steady(self, read: Read) -> bool:
        """Whether what is read is the same in every month."""
        if read.when != "now" or read.source == MONTH:
            return False
        sources = self.model.sources(read)
        return self.steady.issuperset(sources) if sources else read.source not in self.varying

    def gather(self, line: str, read: Read) -> Gather | None:
        """How the members of what is read become the members of the line that reads; None where they are the same."""
        model, members = self.model, self.members
        per, home = model.lines[line].per, model.per(read.source)
        if read.over != "total" and home == per:
            return None
        if not members.count(per):
            return lambda values: values[:, :0]
        return self._summing(line, read.source) if read.over == "total" else _placing(members.place(per, home))

    def _summing(self, line: str, source: str) -> Gather:
        """Members of `source` summed for each member of `line`, over axis 1."""
        if not self.model.lines[line].per:
            return lambda values: np.add.reduce(values, axis=1, keepdims=True)
        groups = self.summed(line, source)
        if _are_neighbours(groups):
            shape = (len(groups), len(groups[0]))
            return lambda values: np.add.reduce(values.reshape(len(values), *shape, values.shape[2]), axis=2)
        straight = [_straight(group) for group in groups]
        return lambda values: np.stack([np.add.reduce(values[:, group], axis=1) for group in straight], axis=1)

    def summed(self, line: str, source: str) -> list[NDArray[np.intp]]:
        """For each member of `line`, the positions of the members of `source` that its total sums."""
        per, home = self.model.lines[line].per, self.model.per(source)
        try:
            target = self.members.place(home, per)
        except KeyError as error:
            raise PlanError(f"{line} sums {source}, but {error.args[0]}: name it in the scenario") from None
        return [np.flatnonzero(target == member) for member in range(self.members.count(per))]

    def _step(self, line: str, beside: Collection[str]) -> Step:
        """A line with a reader for each parameter; `beside` are the lines that go month by month with it."""
        model = self.model
        readers = [self._reader(line, read, beside) for read in model.reads[line]]
        return Step(line, model.lines[line].function, readers, self.members.count(model.lines[line].per))

    def _reader(self, line: str, read: Read, beside: Collection[str]) -> Reader:
        """What gives a parameter of `line` its value in a run."""
        if read.source in self.model.groups:
            names = self.model.groups[read.source]
            parts = [self._reader(line, Read(read.parameter, name, "now", "total"), beside) for name in names]
            return lambda run: sum((part(run) for part in parts[1:]), start=parts[0](run))
        value, gather = self._value(read.source, read.when, read.source in beside), self.gather(line, read)
        return value if gather is None else lambda run: gather(value(run))

    def _value(self, source: str, when: When, beside: bool) -> Reader:
        """What gives the value of a line or an assumption, for all of its own members."""
        if source not in self.model.lines:
            if source != MONTH and source not in self.varying:
                return lambda run: run.inputs[source]
            return lambda run: run.inputs[source][run.first + run.start : run.first + run.stop]
        if when == "last":
            return self._last(source, beside)
        if when == "past":
            return lambda run: run.past[source][..., : run.first + run.stop]
        if beside:
            return lambda run: run.steps[source][run.start]
        return lambda run: run.now[source][run.start : run.stop]

    def _last(self, source: str, beside: bool) -> Reader:
        """What gives a line's value one month earlier."""
        opening = f"opening_{source}"

        def last(run: Run) -> Array:
            if run.start:
                return run.steps[source][run.start - 1] if beside else run.now[source][run.start - 1 : run.stop - 1]
            before = run.last[source] if run.first else run.inputs[opening][:1]
            return before if run.stop == 1 else joined([before, run.now[source][: run.stop - 1]])

        return last


@lru_cache(MOST_WIRINGS)
def wired(model: Model, members: Members, varying: frozenset[str]) -> Wiring:
    """The wiring, made once."""
    return Wiring(model, members, varying)


def _placing(place: NDArray[np.intp]) -> Gather:
    """Each member's own place along axis 1; one that all share stands for them without a copy."""
    if (place == place[0]).all():
        return lambda values: values[:, place[:1]]
    return lambda values: np.take(values, place, axis=1)


def _are_neighbours(groups: Sequence[NDArray[np.intp]]) -> bool:
    """Whether groups of one size follow each other, as the hours of a pool do."""
    return len({len(group) for group in groups}) == 1 and bool(
        np.array_equal(np.concatenate(groups), np.arange(sum(map(len, groups))))
    )


def _straight(positions: NDArray[np.intp]) -> NDArray[np.intp] | slice:
    """Neighbouring positions as a slice, which copies nothing."""
    if len(positions) and positions[-1] - positions[0] == len(positions) - 1:
        return slice(int(positions[0]), int(positions[-1]) + 1)
    return positions


def joined(months: Sequence[Array]) -> Array:
    """Values of consecutive months as one array; some may be the same for all trials where others differ."""
    if len(months) == 1:
        return months[0]
    shapes = {value.shape[1:] for value in months}
    if len(shapes) == 1:
        return np.concatenate(months)
    shape = np.broadcast_shapes(*shapes)
    return np.concatenate([np.broadcast_to(value, (len(value), *shape)) for value in months])
