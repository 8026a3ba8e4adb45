"""The simulation: a model with members and numbers, computed month by month for all trials at once.

A run goes through the months in chunks, and within a chunk from stage to stage. A line that needs no earlier month is
computed for the whole chunk at once; lines that read each other's last month, or the past, go month by month. Every
value is an array of shape (months, members, trials), in which an axis of length one means "the same for all".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from operator import is_

import numpy as np

from profiling.errors import Phrase
from simulator.engine.model import MONTH, Array, Model
from simulator.engine.steps import PENDING, Pending, Program, Run, Step, Steps
from simulator.engine.wiring import Members, joined, wired
from simulator.errors import PlanError

# Rows (lines × members) × months of a scenario: 20 times the largest that ships. All of them with three percentiles
# then take 64 megabytes, and as text less than a gigabyte.
MOST_ROWS = 2_000_000
# Numbers that a run may hold, at eight bytes each.
MOST_CELLS = 100_000_000
# Numbers that a block of trials or changes holds.
BLOCK_CELLS = 16_000_000
# Months × trials that are computed at once. Smaller chunks take more calls; larger ones exceed the processor's cache.
CHUNK_CELLS = 25_000
NO_LUCK = np.full((1, 1, 1), np.nan)


class Simulation:
    """A model with members and numbers, ready to run.

    `inputs` holds one array per assumption, of shape (months or 1, members of its home or 1, trials or 1). `luck` holds
    uniform numbers for lines that count, of shape (months, members, trials); without them a count is its mean.
    """

    def __init__(
        self,
        model: Model,
        members: Members,
        inputs: Mapping[str, Array],
        months: int,
        luck: Mapping[str, Array] | None = None,
    ) -> None:
        if (rows := members.rows(model.lines.values())) * months > MOST_ROWS:
            what = Phrase(
                "{months:,} months of the {rows:,} rows that its members make are more than a scenario may have",
                months=months,
                rows=rows,
            )
            raise PlanError(what, "list fewer members, or project fewer months")
        self.model, self.members, self.months, self.inputs = model, members, months, inputs
        self.luck = dict.fromkeys(model.counted, NO_LUCK) | dict(luck or {})
        self.trials = max(array.shape[2] for array in (NO_LUCK, *inputs.values(), *self.luck.values()))
        self.wiring = wired(model, members, frozenset(name for name, array in inputs.items() if len(array) > 1))

    def run(self, names: Iterable[str] | None = None) -> Iterator[Mapping[str, Array]]:
        """Yield, for each chunk of months, the named lines (all of them if None).

        Each is an array of shape (months of the chunk, members, trials or 1). Only the lines that `names` need are
        computed, and a line is dropped once nothing reads it, so memory does not grow with the number of months. Raise
        PlanError if the run needs too much memory.
        """
        program = self.wiring.program(None if names is None else frozenset(names))
        if (self.wiring.held * self.months + program.rows) * self.trials > MOST_CELLS:
            raise PlanError(
                Phrase("{trials:,} trials of this scenario need too much memory", trials=self.trials),
                "run fewer trials",
            )
        most = min(CHUNK_CELLS, BLOCK_CELLS // program.rows) // self.trials
        run, length = Run(self._numbers, self.luck, program), max(1, min(self.months, most))
        steady = self._steady(program)
        for first in range(0, self.months, length):
            run.first, run.stop = first, min(length, self.months - first)
            run.now = {name: np.broadcast_to(one, (run.stop, *one.shape[1:])) for name, one in steady.items()}
            with np.errstate(all="ignore"):  # np.where also computes the branch that is not taken
                for stage, spent in program.stages:
                    self._stages(run, [stage])
                    for name in spent:
                        self._leave(run, name, run.now.pop(name))
            yield {name: run.now[name] for name in program.names}
            for name, value in run.now.items():
                self._leave(run, name, value)
            run.last, run.ends = run.ends, {}

    def _leave(self, run: Run, name: str, value: Array) -> None:
        """Keep the months of a line that later chunks read: the last, and the first of all."""
        if name in self.wiring.lasting:
            run.ends[name] = value[-1:].copy()
        if not run.first and name in self.wiring.opened:
            run.opened[name] = value[:1].copy()

    @property
    def _numbers(self) -> dict[str, Array]:
        """Assumptions and month numbers, which a run reads."""
        return {**self.inputs, MONTH: np.arange(self.months, dtype=float)[:, None, None]}

    def _steady(self, program: Program) -> dict[str, Array]:
        """Return the lines that are the same in every month, of shape (1, members, trials or 1)."""
        run = Run(self._numbers, self.luck, program, stop=1)
        with np.errstate(all="ignore"):
            for step in program.steady:
                run.now[step.name] = step.value(run)
        return run.now

    def _stages(self, run: Run, stages: Iterable[Steps]) -> None:
        """Compute stage after stage for the whole chunk."""
        for steps, monthly in stages:
            if monthly:
                self._circle(run, steps)
            else:
                self._store(run, steps[0].name, steps[0].value(run))

    def _circle(self, run: Run, steps: Sequence[Step]) -> None:
        """Compute lines that read each other's last month, or the past.

        Where some of them need no other month, the rest are less of a circle.
        """
        left = self._not_known_ahead(run, steps)
        if len(left) < len(steps):
            self._stages(run, self.wiring.rest(tuple(step.name for step, _ in left)))
        else:
            self._monthly(run, left)

    def _store(self, run: Run, name: str, value: Array) -> None:
        """Keep the value of a line in all months of the chunk, or the one that is the same in all of them."""
        if len(value) != run.stop:
            value = np.broadcast_to(value, (run.stop, *value.shape[1:]))
        run.now[name] = value
        if name in self.model.remembered:
            for month in range(run.stop):
                self._remember(run, name, value[month : month + 1], run.first + month)

    def _monthly(self, run: Run, steps: Sequence[tuple[Step, list[Array | Pending]]]) -> None:
        """Compute lines month by month, each from the arguments that are known for all months and others."""
        run.steps, months = {step.name: [] for step, _ in steps}, run.stop
        work = [
            (step, step.by_month(run, known), run.steps[step.name], step.name in self.model.remembered)
            for step, known in steps
        ]
        for month in range(months):
            run.start, run.stop = month, month + 1
            for step, arguments, values, is_remembered in work:
                value = step.computed(next(arguments))
                values.append(value)
                if is_remembered:
                    self._remember(run, step.name, value, run.first + month)
        run.start, run.stop = 0, months
        later = run.program.read_later(tuple(run.steps))
        run.now |= {name: joined(values if name in later else _ends(values)) for name, values in run.steps.items()}

    def _not_known_ahead(self, run: Run, steps: Sequence[Step]) -> list[tuple[Step, list[Array | Pending]]]:
        """Compute lines that make no use of another month, such as those of a feature that no member uses.

        Return the other lines, each with those of its arguments that are known for all months.
        """
        left: list[tuple[Step, list[Array | Pending]]] = [(step, [PENDING] * len(step.ahead)) for step in steps]
        found = True
        while found:
            found, waiting, left = False, left, []
            for step, before in waiting:
                known = [
                    ahead.value(run) if isinstance(old, Pending) else old
                    for ahead, old in zip(step.ahead, before, strict=True)
                ]
                # Without a new argument, a formula that needed another month needs it still.
                value = None if all(map(is_, known, before)) else step.known(known)
                if value is None:
                    left.append((step, known))
                else:
                    found = True
                    self._store(run, step.name, value)
        return left

    def _remember(self, run: Run, name: str, value: Array, month: int) -> None:
        """Keep a month of a line that others look back on, with an axis of trials only once its trials differ."""
        kept = run.past.get(name)
        if kept is None or kept.shape[2] < value.shape[2]:
            # The month is the last axis but the slowest in memory, so that a month is written as one block.
            wider = np.moveaxis(np.zeros((self.months, *value.shape)), 0, -1)
            if kept is not None:
                wider[...] = kept
            run.past[name] = kept = wider
        kept[..., month] = value

    def keep(self, names: Sequence[str] | None = None) -> dict[str, Array]:
        """Return the named lines (all of them if None) as arrays of shape (months, members, trials)."""
        wanted = tuple(self.model.lines) if names is None else tuple(names)
        members = {name: self.members.count(self.model.lines[name].per) for name in wanted}
        kept = {name: np.empty((self.months, count, self.trials)) for name, count in members.items()}
        month = 0
        for values in self.run(names):
            length = len(next(iter(values.values())))
            for name in wanted:
                kept[name][month : month + length] = values[name]
            month += length
        return kept


def _ends(months: Sequence[Array]) -> Sequence[Array]:
    """Return the first and the last month, which are all that other chunks read."""
    return months if len(months) < 2 else (months[0], months[-1])
