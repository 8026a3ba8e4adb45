"""Running trials: what each of them comes to, and the percentiles of any line, computed when somebody asks.

Trials run in blocks, on threads or on the executor that is given, so that memory does not grow with their number beyond
five numbers and a course of cash for each. Percentiles of a few lines are exact, and so are those of all lines while
their trials fit side by side; those of more trials are counted, each with a bound on its error.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from functools import cached_property, lru_cache, partial
from math import ceil

import numpy as np

from profiling.errors import Phrase
from simulator.answers.blocks.counting import FIRST, Brackets, Cells, Counting, Tally
from simulator.answers.blocks.percentiles import PERCENTILES, percentiles_of
from simulator.answers.blocks.progress import Progress, quietly
from simulator.answers.blocks.work import THREADS, in_order
from simulator.answers.draws import block_of, cells_of, trials_of
from simulator.answers.outcomes import LINES, Outcomes
from simulator.engine.model import Array
from simulator.engine.run import MOST_CELLS, Simulation
from simulator.engine.wiring import Members
from simulator.errors import PlanError
from simulator.lines import business
from simulator.scenario.scenario import Scenario

# From this number of trials on, threads are worth their start.
MANY_TRIALS = 2_000
# Trials that are counted side by side: all lines of a block are in memory then, and two blocks take half a gigabyte.
MOST_COUNTED = 2_500
# Numbers of lines that are kept for exact percentiles, at eight bytes each: three rows of 60 months × 100,000 trials.
MOST_KEPT = 20_000_000


@dataclass(frozen=True)
class Bands:
    """Percentiles of the lines over the first trials of a scenario; without trials, the base case in their place.

    `base` holds the base case by line, `known` the percentiles so far, of shape (3, months, members), and `errors` how
    far any of the three may be from the exact one, of shape (months, members), for the lines that are not exact.
    """

    scenario: Scenario
    trials: int
    base: Mapping[str, Array]
    known: dict[str, Array] = field(default_factory=dict, compare=False, repr=False)
    errors: dict[str, Array] = field(default_factory=dict, compare=False, repr=False)

    def of(self, name: str) -> Array:
        """Return the percentiles of a line, of shape (3, months, members); raise PlanError if it has no value."""
        if name not in self.known:
            self.compute([name])
        return self.known[name]

    def compute(self, names: Iterable[str] | None = None) -> None:
        """Compute the percentiles of the named lines in one run, by default of all lines."""
        wanted = [name for name in (self.base if names is None else names) if name not in self.known]
        if not self.trials:
            self.known.update((name, np.broadcast_to(self.base[name], (3, *self.base[name].shape))) for name in wanted)
        elif wanted:
            found = tried(self.scenario, self.trials, wanted)
            self.known.update(found.percentiles)
            self.errors.update(found.errors)


@dataclass(frozen=True)
class Series:
    """One line of one member by month: the base case, and three percentiles of the trials; each of shape (months,).

    Percentiles are computed when they are first read.
    """

    unit: str
    base: Array
    bands: Bands
    line: str
    member: int

    @property
    def p05(self) -> Array:
        """The value that 5 % of the trials are below."""
        return self._percentile(0)

    @property
    def p50(self) -> Array:
        """The median trial."""
        return self._percentile(1)

    @property
    def p95(self) -> Array:
        """The value that 5 % of the trials are above."""
        return self._percentile(2)

    @property
    def error(self) -> Array | None:
        """How far any of the three may be from the percentile of the trials; None where they are exact."""
        self.bands.of(self.line)
        found = self.bands.errors.get(self.line)
        return None if found is None else found[:, self.member]

    def _percentile(self, place: int) -> Array:
        return np.asarray(self.bands.of(self.line)[place, :, self.member])


@dataclass(frozen=True)
class AllSeries(Mapping[str, Series]):
    """Every line of every member by its key, such as `cash` or `device_hours[large]`."""

    bands: Bands

    @cached_property
    def _places(self) -> Mapping[str, tuple[str, int]]:
        return places_of(self.bands.scenario.members)

    def __getitem__(self, key: str) -> Series:
        """Return one series; raise KeyError if the scenario has no such line or member."""
        line, member = self._places[key]
        unit = business().lines[line].quantity.text(self.bands.scenario.currency)
        return Series(unit, self.bands.base[line][:, member], self.bands, line, member)

    def __iter__(self) -> Iterator[str]:
        """Iterate over the keys, in the order of the model."""
        return iter(self._places)

    def __len__(self) -> int:
        """Return the number of series."""
        return len(self._places)


# A user switches between few sets of members.
@lru_cache(32)
def places_of(members: Members) -> Mapping[str, tuple[str, int]]:
    """Return the line, and the place among its members, behind each key."""
    return {
        f"{name}[{label}]" if line.per else name: (name, place)
        for name, line in business().lines.items()
        for place, label in enumerate(members.labels(line.per))
    }


# Blocks of trials


@dataclass(frozen=True)
class Tried:
    """Trials of a scenario: their outcomes, and the percentiles of lines as in `Bands`."""

    outcomes: Outcomes
    percentiles: Mapping[str, Array]
    errors: Mapping[str, Array] = field(default_factory=dict)


def outcomes_of(
    scenario: Scenario,
    count: int,
    first: int = 0,
    executor: Executor | None = None,
    *,
    progress: Progress = quietly,
) -> tuple[Outcomes, Array]:
    """Return the outcomes of `count` trials from number `first` on, and their cash, of shape (months, trials).

    Raise PlanError if one of them has no finite outcome.
    """
    outcomes, kept = kept_of(scenario, count, ["cash"], first, executor, progress=progress)
    return outcomes, kept["cash"][:, 0]


def tried(scenario: Scenario, count: int, names: Sequence[str], executor: Executor | None = None) -> Tried:
    """Return the outcomes of the first trials, and the percentiles of the named lines, which the same runs give.

    Which of them are exact depends on the scenario and the number of trials alone. Raise PlanError if a trial has no
    finite value.
    """
    rows = scenario.members.rows(business().lines[name] for name in names)
    if rows * scenario.months * count <= MOST_KEPT:
        outcomes, kept = kept_of(scenario, count, names, 0, executor)
        return Tried(outcomes, {name: percentiles_of(line) for name, line in kept.items()})
    if count * cells_of(scenario) <= MOST_CELLS:
        return _side_by_side(scenario, count, names)
    return _counted(scenario, count, names, executor)


def _ranges(first: int, count: int, most: int) -> list[tuple[int, int]]:
    """Return the blocks in which trials run, each as its first trial and their number: equal ones for all threads."""
    threads = THREADS if count >= MANY_TRIALS else 1
    size = ceil(count / (threads * ceil(count / threads / most)))
    return [(start, min(size, first + count - start)) for start in range(first, first + count, size)]


def _drawn(line: Array) -> Array:
    """Return the trials of a line, or the base case, which stands for them where all are alike."""
    return line[:, :, 1:] if line.shape[2] > 1 else line


def kept_of(
    scenario: Scenario,
    count: int,
    names: Sequence[str],
    first: int = 0,
    executor: Executor | None = None,
    *,
    progress: Progress = quietly,
) -> tuple[Outcomes, dict[str, Array]]:
    """Return the outcomes of trials, and all of the named rows, of shape (months, members, trials).

    A name is that of a line, or the key of one of its members, such as `device_hours[large]`. Raise PlanError if one of
    them has no finite value.
    """
    found, blocks = list[tuple[Outcomes, dict[str, Array]]](), _ranges(first, count, block_of(scenario))
    for one in in_order(partial(_keep, scenario, names), blocks, executor):
        found.append(one)
        progress(len(found) / len(blocks))
    outcomes = found[0][0].plus(*(one for one, _ in found[1:]))
    return outcomes, {name: np.concatenate([kept[name] for _, kept in found], axis=2) for name in names}


def _keep(scenario: Scenario, names: Sequence[str], block: tuple[int, int]) -> tuple[Outcomes, dict[str, Array]]:
    """Return the outcomes of one block of trials, and all of the named rows."""
    first, count = block
    simulation, places = trials_of(scenario, count, first), places_of(scenario.members)
    whole = simulation.model.lines
    rows = {name: (name, slice(None)) if name in whole else _row(*places[name]) for name in names}
    lines = simulation.keep(list(dict.fromkeys([*LINES, *(line for line, _ in rows.values())])))
    check_finite(simulation, lines)
    drawn = {name: np.broadcast_to(_drawn(line), (*line.shape[:2], count)) for name, line in lines.items()}
    return _outcomes(scenario, drawn), {name: drawn[line][:, which] for name, (line, which) in rows.items()}


def _row(line: str, place: int) -> tuple[str, slice]:
    return line, slice(place, place + 1)


def _outcomes(scenario: Scenario, lines: Mapping[str, Array]) -> Outcomes:
    return Outcomes.of({name: lines[name][:, 0] for name in LINES}, scenario.settings.cash_floor)


def _side_by_side(scenario: Scenario, count: int, names: Sequence[str]) -> Tried:
    """Return trials that run in one block, with exact percentiles of the named lines."""
    simulation = trials_of(scenario, count)
    counts = {name: simulation.members.count(simulation.model.lines[name].per) for name in names}
    found = {name: np.empty((len(PERCENTILES), scenario.months, members)) for name, members in counts.items()}
    kept = {name: np.empty((scenario.months, 1, count)) for name in LINES}
    month = 0

    def fill(part: int) -> None:
        for name in names[part::THREADS]:
            found[name][:, month : month + length] = percentiles_of(_drawn(values[name]))

    for values in simulation.run(dict.fromkeys([*LINES, *names])):
        length = len(values["cash"])
        check_finite(simulation, values)
        for name, line in kept.items():
            line[month : month + length] = _drawn(values[name])
        for _ in in_order(fill, range(THREADS), None):
            pass
        month += length
    return Tried(_outcomes(scenario, kept), found)


def _counted(scenario: Scenario, count: int, names: Sequence[str], executor: Executor | None) -> Tried:
    """Return trials that run in blocks, with exact percentiles of cash and counted ones of the other named lines."""
    members = {name: scenario.members.count(business().lines[name].per) for name in names if name != "cash"}
    cells = Cells(scenario.months, members)
    first = min(FIRST, block_of(scenario))
    halves = [list(members)[: len(members) // 2], list(members)[len(members) // 2 :]]  # one for each of two workers
    brackets = Brackets.joined(cells, list(in_order(partial(_bracketed, scenario, first), halves, executor)))
    tally, outcomes, cash = Tally.nothing(brackets, count), list[Outcomes](), list[Array]()
    blocks = _ranges(0, count, min(MOST_COUNTED, block_of(scenario)))
    for one, course, counted in in_order(partial(_tallied, scenario, brackets), blocks, executor):
        outcomes.append(one)
        cash.append(course)
        tally = tally.plus(counted)
    values, errors = tally.percentiles(brackets)
    exact = {"cash": percentiles_of(np.concatenate(cash, axis=2))} if "cash" in names else {}
    return Tried(
        outcomes[0].plus(*outcomes[1:]),
        {name: cells.line(name, values) for name in members} | exact,
        {name: cells.line(name, errors) for name in members},
    )


def _bracketed(scenario: Scenario, count: int, names: Sequence[str]) -> Brackets:
    """Return between which values the percentiles of lines lie, by the first trials."""
    simulation, month = trials_of(scenario, count), 0
    members = {name: scenario.members.count(simulation.model.lines[name].per) for name in names}
    found = Brackets.empty(Cells(scenario.months, members))
    for values in simulation.run(names):
        check_finite(simulation, values)
        for name, line in values.items():
            found.fill(name, month, _drawn(line))
        month += len(line)
    return found


def _tallied(scenario: Scenario, brackets: Brackets, block: tuple[int, int]) -> tuple[Outcomes, Array, Tally]:
    """Return the outcomes and the cash of one block of trials, and its counts."""
    first, count = block
    simulation, counting, month = trials_of(scenario, count, first), Counting(brackets, count), 0
    kept = {name: np.empty((scenario.months, 1, count)) for name in LINES}
    for values in simulation.run(dict.fromkeys([*LINES, *brackets.cells.members])):
        length = len(values["cash"])
        check_finite(simulation, {name: values[name] for name in LINES})
        for name, line in kept.items():
            line[month : month + length] = _drawn(values[name])
        counting.add(month, {name: _drawn(values[name]) for name in brackets.cells.members})
        month += length
    tally = counting.counted()
    check_finite(simulation, {"least": tally.least, "most": tally.most})
    return _outcomes(scenario, kept), kept["cash"], tally


def check_finite(simulation: Simulation, lines: Mapping[str, Array]) -> None:
    """Raise PlanError if one of the lines has a value that is not finite, with the first such line, which caused it."""
    if all(np.isfinite(line).all() for line in lines.values()):
        return
    broken: dict[str, Array] = {}
    month = 0
    for values in simulation.run():
        for name, value in values.items():
            if name not in broken and not np.isfinite(value).all():
                broken[name] = np.argwhere(~np.isfinite(value))[0] + (month, 0, 0)
        month += len(values["cash"])
    name = next(name for name in simulation.model.order if name in broken)
    month, member, trial = broken[name]
    label = simulation.members.labels(simulation.model.lines[name].per)[member]
    key, read = f"{name}[{label}]" if label else name, ", ".join(one.source for one in simulation.model.reads[name])
    text = "{name} has no value in month {month} of a trial" if trial else "{name} has no value in month {month}"
    raise PlanError(Phrase(text, name=key, month=month), Phrase("check what it reads: {listed}", listed=read))
