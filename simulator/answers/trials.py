"""Running trials: what each of them comes to, and the percentiles of any line, computed when somebody asks.

Outcomes need few lines, and are computed in blocks of trials, so that memory does not grow with the number of trials.
Percentiles need all trials of a line at once, and take longer than the trials themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from math import ceil
from typing import TypeVar

import numpy as np

from simulator.answers.draws import block_of, trials_of
from simulator.answers.outcomes import LINES, Outcomes
from simulator.engine.model import Array
from simulator.engine.run import Simulation
from simulator.engine.wiring import Members
from simulator.errors import PlanError
from simulator.lines import business
from simulator.scenario.scenario import Scenario

PERCENTILES = (5, 50, 95)
# Up to this number of trials, sorting all of them is faster than putting only the percentiles in their place.
FEW_TO_SORT = 4_000
# From this number of trials on, two threads are faster than one; more than that wait for each other.
MANY_TRIALS = 2_000
THREADS = 2

Item = TypeVar("Item")
Result = TypeVar("Result")


@dataclass(frozen=True)
class Bands:
    """Percentiles of the lines over the first trials of a scenario; without trials, the base case in their place.

    `base` holds the base case by line, and `known` the percentiles so far, of shape (3, months, members).
    """

    scenario: Scenario
    trials: int
    base: Mapping[str, Array]
    known: dict[str, Array] = field(default_factory=dict, compare=False, repr=False)

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
            self.known.update(_of_lines(trials_of(self.scenario, self.trials), wanted, {}))


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


def outcomes_of(scenario: Scenario, count: int, first: int = 0) -> tuple[Outcomes, Array]:
    """Return the outcomes of `count` trials from number `first` on, and their cash, of shape (months, trials).

    Raise PlanError if one of them has no finite outcome.
    """

    def block(start: int) -> tuple[Outcomes, Array]:
        trials = min(size, first + count - start)
        simulation = trials_of(scenario, trials, start)
        lines = simulation.keep(LINES)
        check_finite(simulation, lines)
        drawn = {name: np.broadcast_to(_drawn(line)[:, 0], (len(line), trials)) for name, line in lines.items()}
        return Outcomes.of(drawn, scenario.settings.cash_floor), drawn["cash"]

    threads = THREADS if count >= MANY_TRIALS else 1
    size = ceil(count / (threads * ceil(count / threads / block_of(scenario))))
    found = list(_side_by_side(block, range(first, first + count, size), count))
    outcomes = found[0][0].plus(*(one for one, _ in found[1:]))
    return outcomes, np.concatenate([cash for _, cash in found], axis=1)


def _drawn(line: Array) -> Array:
    """Return the trials of a line, or the base case, which stands for them where all are alike."""
    return line[:, :, 1:] if line.shape[2] > 1 else line


def outcomes_and_percentiles(scenario: Scenario, count: int) -> tuple[Outcomes, dict[str, Array]]:
    """Return the outcomes of the first trials, and the percentiles of all lines, which the same run gives."""
    simulation = trials_of(scenario, count)
    kept = {name: np.empty((scenario.months, count)) for name in LINES}
    found = _of_lines(simulation, list(simulation.model.lines), kept)
    return Outcomes.of(kept, scenario.settings.cash_floor), found


def _side_by_side(work: Callable[[Item], Result], items: Iterable[Item], trials: int) -> Iterator[Result]:
    """Yield the results of the work on each item in order, in threads where there are many trials."""
    if trials < MANY_TRIALS:
        yield from map(work, items)
        return
    with ThreadPoolExecutor(THREADS) as pool:
        yield from pool.map(work, items)


def _of_lines(simulation: Simulation, names: Sequence[str], kept: Mapping[str, Array]) -> dict[str, Array]:
    """Return the percentiles of the named lines over the trials of a simulation, each of (3, months, members).

    Lines in `kept`, which exist once, are written there in full, of shape (months, trials).
    """
    counts = {name: simulation.members.count(simulation.model.lines[name].per) for name in names}
    found = {name: np.empty((len(PERCENTILES), simulation.months, count)) for name, count in counts.items()}
    month = 0

    def fill(part: int) -> None:
        for name in names[part::THREADS]:
            found[name][:, month : month + length] = percentiles_of(_drawn(values[name]))

    for values in simulation.run(names):
        length = len(values[names[0]])
        check_finite(simulation, values)
        for name, line in kept.items():
            line[month : month + length] = _drawn(values[name])[:, 0]
        list(_side_by_side(fill, range(THREADS), simulation.trials))
        month += length
    return found


def percentiles_of(trials: Array) -> Array:
    """Return the percentiles along the last axis as the first axis, interpolated as NumPy does.

    Putting all of them in place at once is several times faster than NumPy's search for each of the three.
    """
    if trials.shape[-1] == 1:
        return np.broadcast_to(trials[..., 0], (len(PERCENTILES), *trials.shape[:-1]))
    places = np.array(PERCENTILES) / 100 * (trials.shape[-1] - 1)
    below = np.floor(places).astype(int)
    above = np.minimum(below + 1, trials.shape[-1] - 1)
    few = trials.shape[-1] < FEW_TO_SORT
    ordered = np.sort(trials, axis=-1) if few else np.partition(trials, [*below, *above], axis=-1)
    low, high = ordered[..., below], ordered[..., above]
    return np.moveaxis(low + (high - low) * (places - below), -1, 0)


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
    raise PlanError(
        f"{name}{f'[{label}]' if label else ''} has no value in month {month}{' of a trial' if trial else ''}: "
        f"check what it reads: {', '.join(read.source for read in simulation.model.reads[name])}"
    )
