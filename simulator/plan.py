"""A model with members and numbers: how values are gathered from member to member, and the run.

The run goes through the months in chunks, and within a chunk from stage to stage. A line that waits for no earlier
month is computed for the whole chunk at once; lines that wait for each other's last month, or look back on the past,
go month by month. Every value is an array of shape (months, members, trials), in which an axis of length one stands
for "the same for all".
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
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
class _Run:
    """Where a run stands: months `start` to `stop` of the chunk that begins at `first`, and the values so far.

    `now` holds whole chunks, `steps` the months of the lines that go month by month, `last` the month before the
    chunk, and `past` every month so far as (1, members, trials, months).
    """

    first: int = 0
    start: int = 0
    stop: int = 0
    now: dict[str, Array] = field(default_factory=dict)
    steps: dict[str, list[Array]] = field(default_factory=dict)
    last: dict[str, Array] = field(default_factory=dict)
    past: dict[str, Array] = field(default_factory=dict)


# Four gigabytes of numbers that lines look back on.
MOST_CELLS = 500_000_000
# Months times trials that are computed at once: more would leave the processor's cache.
CHUNK_CELLS = 4_096
# From so many trials on, two threads are faster than one.
MANY_TRIALS = 2_000

Gather = Callable[[Array], Array]
Reader = Callable[[_Run], Array]


@dataclass(frozen=True)
class _Step:
    """One line, ready to be computed."""

    name: str
    function: Callable[..., Any]
    readers: list[Reader]
    members: int

    def value(self, run: _Run) -> Array:
        """The line's value for the months that the run stands at, of shape (months or 1, members, trials or 1)."""
        value = np.asarray(self.function(*[reader(run) for reader in self.readers]), dtype=np.float64)
        if value.ndim < 3:
            value = value.reshape(1, 1, 1)
        if value.shape[1] != self.members:
            value = np.broadcast_to(value, (value.shape[0], self.members, value.shape[2]))
        return value


class Plan:
    """A model with members and numbers, ready to run.

    `inputs` holds one array an assumption, of shape (months or 1, members of its home or 1, trials or 1).
    """

    def __init__(self, model: Model, members: Members, inputs: Mapping[str, Array], months: int) -> None:
        self.model, self.members, self.months, self.inputs = model, members, months, inputs
        self.trials = max((array.shape[2] for array in inputs.values()), default=1)
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
        return self.steady.issuperset(sources) if sources else len(self.inputs[read.source]) == 1

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

    def _step(self, line: str, beside: Collection[str]) -> _Step:
        """A line with a reader for each parameter; `beside` are the lines that go month by month with it."""
        model = self.model
        readers = [self._reader(line, read, beside) for read in model.reads[line]]
        return _Step(line, model.lines[line].function, readers, self.members.count(model.lines[line].per))

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
            values = np.arange(self.months, dtype=float)[:, None, None] if source == MONTH else self.inputs[source]
            return lambda run: values if len(values) == 1 else values[run.first + run.start : run.first + run.stop]
        if when == "last":
            return self._last(source, beside)
        if when == "past":
            return lambda run: run.past[source][..., : run.first + run.stop]
        if beside:
            return lambda run: run.steps[source][run.start]
        return lambda run: run.now[source][run.start : run.stop]

    def _last(self, source: str, beside: bool) -> Reader:
        """What gives a line's value one month earlier."""
        opening = self.inputs[f"opening_{source}"][:1]

        def last(run: _Run) -> Array:
            if run.start:
                return run.steps[source][run.start - 1] if beside else run.now[source][run.start - 1 : run.stop - 1]
            before = run.last[source] if run.first else opening
            return before if run.stop == 1 else _joined([before, run.now[source][: run.stop - 1]])

        return last

    def run(self, names: Iterable[str] | None = None) -> Iterator[Mapping[str, Array]]:
        """Chunk after chunk of months, every line as an array of shape (months of the chunk, members, trials or 1).

        Only the lines that `names` need are run (all of them if None). What a chunk gave is not kept unless a line
        reads it later, so that memory does not grow with months.
        """
        needed = self.model.needed(names)
        stages = [(steps, monthly) for steps, monthly in self.stages if steps[0].name in needed]
        self._check_memory()
        run, length = _Run(), max(1, min(self.months, CHUNK_CELLS // self.trials))
        steady = self._steady([steps[0] for steps, _ in stages if steps[0].name in self.steady])
        stages = [(steps, monthly) for steps, monthly in stages if steps[0].name not in steady]
        for first in range(0, self.months, length):
            run.first, run.stop = first, min(length, self.months - first)
            run.now = {name: np.broadcast_to(one, (run.stop, *one.shape[1:])) for name, one in steady.items()}
            with np.errstate(all="ignore"):  # np.where computes the branch not taken, too
                for steps, monthly in stages:
                    if monthly:
                        self._monthly(run, steps, run.stop)
                    else:
                        self._at_once(run, steps[0])
                    run.start, run.stop = 0, min(length, self.months - first)
            yield run.now
            run.last = {name: value[-1:] for name, value in run.now.items()}

    def _steady(self, steps: Iterable[_Step]) -> dict[str, Array]:
        """The lines that are the same in every month, of shape (1, members, trials or 1)."""
        run = _Run(stop=1)
        with np.errstate(all="ignore"):
            for step in steps:
                run.now[step.name] = step.value(run)
        return run.now

    def _at_once(self, run: _Run, step: _Step) -> None:
        """Compute a line for the whole chunk."""
        value = step.value(run)
        if len(value) != run.stop:
            value = np.broadcast_to(value, (run.stop, *value.shape[1:]))
        run.now[step.name] = value
        if step.name in self.remembered:
            for month in range(run.stop):
                self._remember(run, step.name, value[month : month + 1], run.first + month)

    def _monthly(self, run: _Run, steps: Sequence[_Step], months: int) -> None:
        """Compute lines that wait for one another, month by month."""
        run.steps = {step.name: [] for step in steps}
        for month in range(months):
            run.start, run.stop = month, month + 1
            for step in steps:
                value = step.value(run)
                run.steps[step.name].append(value)
                if step.name in self.remembered:
                    self._remember(run, step.name, value, run.first + month)
        for name, values in run.steps.items():
            run.now[name] = _joined(values)

    def _remember(self, run: _Run, name: str, value: Array, month: int) -> None:
        """Keep a month of a line that others look back on, as wide as its trials differ."""
        kept = run.past.get(name)
        if kept is None or kept.shape[2] < value.shape[2]:
            # The month is the last axis and yet the slowest in memory, so that a month is written in one piece.
            wider = np.moveaxis(np.zeros((self.months, *value.shape)), 0, -1)
            if kept is not None:
                wider[...] = kept
            run.past[name] = kept = wider
        kept[..., month] = value

    def _check_memory(self) -> None:
        cells = sum(self.members.count(self.model.lines[name].per) for name in self.remembered)
        if cells * self.trials * self.months > MOST_CELLS:
            raise PlanError(f"{self.trials:,} trials of this plan need too much memory: run fewer of them")

    def keep(self, names: Sequence[str] | None = None) -> dict[str, Array]:
        """The named lines (all of them if None) as arrays of shape (months, members, trials).

        Many trials are run in two halves side by side, since trials know nothing of each other.
        """
        wanted = tuple(self.model.lines) if names is None else tuple(names)
        kept = {
            name: np.empty((self.months, self.members.count(self.model.lines[name].per), self.trials))
            for name in wanted
        }
        middle = self.trials // 2 if self.trials >= MANY_TRIALS else 0
        halves = [slice(0, middle), slice(middle, self.trials)] if middle else [slice(0, self.trials)]
        with ThreadPoolExecutor(len(halves)) as pool:
            list(pool.map(lambda half: self._part(half)._fill(kept, wanted, half), halves))
        return kept

    def _part(self, trials: slice) -> Plan:
        """The same plan for some of its trials."""
        if trials == slice(0, self.trials):
            return self
        inputs = {name: values[:, :, trials] if values.shape[2] > 1 else values for name, values in self.inputs.items()}
        return Plan(self.model, self.members, inputs, self.months)

    def _fill(self, kept: Mapping[str, Array], wanted: Sequence[str], trials: slice) -> None:
        month = 0
        for values in self.run(wanted):
            length = len(next(iter(values.values())))
            for name in wanted:
                kept[name][month : month + length, :, trials] = values[name]
            month += length


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


def _joined(months: Sequence[Array]) -> Array:
    """Values of consecutive months as one array; some may be the same for all trials where others differ."""
    if len(months) == 1:
        return months[0]
    shapes = {value.shape[1:] for value in months}
    if len(shapes) == 1:
        return np.concatenate(months)
    shape = np.broadcast_shapes(*shapes)
    return np.concatenate([np.broadcast_to(value, (len(value), *shape)) for value in months])
