"""What a run computes, step by step, and the state that it computes from.

A step is a line with a reader for each of its parameters; `wiring` makes them, and `run` goes through them. What is not
known yet is pending, so that a line which does not use it can be computed early.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import repeat
from typing import Any, Final, NoReturn

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

from simulator.engine.model import Array


class NotKnown(Exception):
    """A formula has used a value that is not known yet."""


class Pending(NDArrayOperatorsMixin):
    """A value that is not known yet; any use of it raises NotKnown."""

    def __array_ufunc__(self, *_: Any, **__: Any) -> NoReturn:
        raise NotKnown

    def __array_function__(self, *_: Any, **__: Any) -> NoReturn:
        raise NotKnown

    def __array__(self, *_: Any, **__: Any) -> NoReturn:
        raise NotKnown

    def __getitem__(self, _: Any) -> NoReturn:
        raise NotKnown


PENDING: Final = Pending()


@dataclass
class Run:
    """The state of a run: months `start` to `stop` of the chunk that begins at `first`, and the values so far.

    `inputs` holds the assumptions and the month numbers, each of shape (months or 1, members or 1, trials or 1); `luck`
    the uniform numbers of each line that counts, of shape (months, members, trials), or one NaN; `program` is computed;
    `now` the lines of this chunk; `steps` the months so far of the lines that go month by month; `last` the month
    before the chunk, `ends` that of this chunk for the next; `opened` the first month; and `past` every month so far,
    of shape (1, members, trials, months).
    """

    inputs: Mapping[str, Array]
    luck: Mapping[str, Array]
    program: Program
    first: int = 0
    start: int = 0
    stop: int = 0
    now: dict[str, Array] = field(default_factory=dict)
    steps: dict[str, list[Array]] = field(default_factory=dict)
    last: dict[str, Array] = field(default_factory=dict)
    ends: dict[str, Array] = field(default_factory=dict)
    opened: dict[str, Array] = field(default_factory=dict)
    past: dict[str, Array] = field(default_factory=dict)


Gather = Callable[[Array], Array]
Reader = Callable[[Run], Array]


@dataclass(frozen=True)
class Ahead:
    """How a parameter of a monthly line is read for all months of a chunk at once.

    That takes the lines that it `waits` for, which belong to the same stage. `reader` is None where it reads the past,
    which is another one each month.
    """

    reader: Reader | None
    waits: frozenset[str]

    def value(self, run: Run) -> Array | Pending:
        """Return the values in all months of the chunk, of shape (months or 1, …), or PENDING."""
        if self.reader is None or not self.waits <= run.now.keys():
            return PENDING
        value = self.reader(run)
        # Lines that are the same in every month are kept as views of one.
        return value if value.strides[0] else value[:1]


@dataclass(frozen=True)
class Step:
    """One line, ready to compute; `ahead` has an entry for each reader of a line that goes month by month."""

    name: str
    function: Callable[..., Any]
    readers: list[Reader]
    members: int
    ahead: list[Ahead]

    def value(self, run: Run) -> Array:
        """Return the line's value for the run's current months, of shape (months or 1, members, trials or 1)."""
        return self.computed([reader(run) for reader in self.readers])

    def computed(self, arguments: Sequence[Any]) -> Array:
        """Return what the line computes from its arguments, of shape (months or 1, members, trials or 1)."""
        value: Array = self.function(*arguments)
        if type(value) is not np.ndarray or value.dtype != np.float64:
            value = np.asarray(value, dtype=np.float64)
        if value.ndim < 3:
            return np.full((1, self.members, 1), value)
        if value.shape[1] != self.members:
            value = np.broadcast_to(value, (value.shape[0], self.members, value.shape[2]))
        return value

    def known(self, arguments: Sequence[Any]) -> Array | None:
        """Return the line's value from arguments of which some are pending; None if the formula uses one of these."""
        try:
            return self.computed(arguments)
        except NotKnown:
            return None

    def by_month(self, run: Run, known: Sequence[Array | Pending]) -> Iterator[tuple[Array, ...]]:
        """Yield the arguments of one month after the other, of which some are known for all of them."""
        return zip(*map(_by_month, known, self.readers, repeat(run)), strict=False)


def _by_month(known: Array | Pending, reader: Reader, run: Run) -> Iterator[Array]:
    if isinstance(known, Pending):
        return map(reader, repeat(run))
    return repeat(known) if len(known) == 1 else iter(known[:, None])


# The steps of a stage, and whether they go month by month.
Steps = tuple[list[Step], bool]


@dataclass(frozen=True)
class Program:
    """What a run computes for some lines: stages, each with the lines that nothing reads after it, and steady lines.

    `names` are the lines that are asked for, `readers` the lines that read this, last or the first month of each other
    line, and `rows` is the largest number of rows that are kept at a time.
    """

    names: frozenset[str]
    stages: list[tuple[Steps, list[str]]]
    steady: list[Step]
    readers: Mapping[str, set[str]]
    rows: int
    _known: dict[tuple[str, ...], frozenset[str]] = field(default_factory=dict)

    def read_later(self, beside: tuple[str, ...]) -> frozenset[str]:
        """Return which of the lines that go month by month beside each other are asked for or read by other lines."""
        if beside not in self._known:
            read = {name for name in beside if not self.readers.get(name, set()) <= set(beside)}
            self._known[beside] = self.names.intersection(beside) | read
        return self._known[beside]
