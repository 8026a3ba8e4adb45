"""Aims: what prices are chosen for, as one number of the base case under many changes at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from math import ceil

import numpy as np

from simulator.answers.blocks.progress import Progress, quietly
from simulator.answers.blocks.work import THREADS, in_order
from simulator.answers.kpis.registry import DEFINITIONS, Drawn, Figures, Variant, measures, variant_of
from simulator.answers.kpis.tried import MONTHS, Tried, lines_behind
from simulator.answers.kpis.winning import winnings
from simulator.answers.ledger import Ledger, Ledgers
from simulator.answers.outcomes import NO_TRIALS
from simulator.answers.variations.inputs import batches, simulated, varied
from simulator.engine.dates import YEAR
from simulator.engine.model import Array
from simulator.engine.run import Simulation
from simulator.errors import Undefined
from simulator.scenario.scenario import Scenario

# So few changes are faster in one thread.
FEW_CHANGES = 200


@dataclass(frozen=True)
class Aim:
    """What a price is chosen for: a line whose months, of shape (months, columns), become one number each, or a KPI.

    An aim without a line is the KPI of that name, by the scenario's own definition.
    """

    name: str
    title: str
    unit: str = "money"
    line: str = ""
    of: Callable[[Array], Array] = np.asarray

    def unit_in(self, currency: str) -> str:
        """Return the unit with the scenario's currency in it."""
        return self.unit.replace("money", currency)

    @classmethod
    def of_kpi(cls, name: str) -> Aim:
        """Return a KPI as an aim."""
        return cls(name, DEFINITIONS[name].title, DEFINITIONS[name].unit)

    def figure(self, scenario: Scenario) -> Variant | None:
        """Return the definition of the KPI; None for an aim that is read off a line."""
        return None if self.line else variant_of(scenario, self.name)


def _last(months: Array) -> Array:
    return np.asarray(months[-1])


def _lowest(months: Array) -> Array:
    return np.asarray(months.min(axis=0))


def _last_year(months: Array) -> Array:
    return np.asarray(months[-YEAR:].sum(axis=0))


AIMS: Mapping[str, Aim] = {
    aim.name: aim
    for aim in (
        Aim("end_cash", "Cash at the end", line="cash", of=_last),
        Aim("lowest_cash", "Lowest cash", line="cash", of=_lowest),
        Aim("revenue", "Revenue of the last year", line="revenue", of=_last_year),
        Aim("gross_profit", "Gross profit of the last year", line="gross_profit", of=_last_year),
        Aim("operating_income", "Operating income of the last year", line="operating_income", of=_last_year),
        *map(Aim.of_kpi, ("runway", "arr", "gross_margin", "ltv_to_cac")),
    )
}


def outcomes_of(
    scenario: Scenario,
    aims: Sequence[Aim],
    changes: Sequence[Mapping[str, Array]],
    more: Sequence[str] = (),
    progress: Progress = quietly,
) -> tuple[Array, dict[str, Array]]:
    """Return aims of the base case and under many changes, of shape (aims, 1 + changes), and the lines `more`.

    An aim without a value is NaN, and a month that never comes infinite. Each line has shape
    (months, members, 1 + changes). `progress` is told the share that is done.
    """
    # Two threads have something to do where there are many changes.
    most = ceil(len(changes) / THREADS) if len(changes) > FEW_CHANGES else None
    work = partial(_of_batch, scenario, aims, more)
    parts, found = list(batches(scenario, changes, most)), []
    for one in in_order(work, parts, None):
        found.append(one)
        progress(len(found) / len(parts))
    values = [one if place == 0 else one[:, 1:] for place, (one, _) in enumerate(found)]
    lines = {
        name: np.concatenate([kept[name][:, :, min(place, 1) :] for place, (_, kept) in enumerate(found)], axis=2)
        for name in more
    }
    return np.concatenate(values, axis=1), lines


def _of_batch(
    scenario: Scenario, aims: Sequence[Aim], more: Sequence[str], batch: Sequence[Mapping[str, Array]]
) -> tuple[Array, dict[str, Array]]:
    """Return what `outcomes_of` does of one batch of changes."""
    simulation, count = simulated(scenario, batch), 1 + len(batch)
    kept = simulation.keep(_lines_of(scenario, aims, more))
    try:
        values = [_outcomes(scenario, aim, batch, simulation, kept) for aim in aims]
    except NotKept:
        kept = simulation.keep()
        values = [_outcomes(scenario, aim, batch, simulation, kept) for aim in aims]
    # Where no change gives anything another value, one column stands for all.
    lines = {name: np.broadcast_to(kept[name], (*kept[name].shape[:2], count)) for name in more}
    return np.stack([np.broadcast_to(one, (count,)) for one in values]), lines


@dataclass
class Seen:
    """What a KPI without a traced figure has been seen to read: lines, and whether it reads who was won."""

    lines: set[str]
    reads_won: bool = False


# To keep all lines takes ten times the memory.
READ: dict[Variant, Seen] = {}


class NotKept(Exception):
    """A KPI has read a line that it has not been seen to read before; `READ` has it from now on."""


def _lines_of(scenario: Scenario, aims: Sequence[Aim], more: Sequence[str]) -> Sequence[str]:
    """Return the lines behind some aims."""
    lines = {*more, *(aim.line for aim in aims if aim.line)}
    for figure in filter(None, (aim.figure(scenario) for aim in aims)):
        if figure.line:
            lines.update(lines_behind([figure.line]))
            continue
        if figure not in READ:
            seen = READ[figure] = Seen({"cash"})  # a run keeps one line at least
            (base,) = _figures(scenario, (), simulated(scenario, ()).keep(), seen)
            _read(base, figure)
            seen.reads_won = "won" in base.known
        lines.update(READ[figure].lines)
    return sorted(lines)


def _outcomes(
    scenario: Scenario,
    aim: Aim,
    changes: Sequence[Mapping[str, Array]],
    simulation: Simulation,
    lines: Mapping[str, Array],
) -> Array:
    """Return an aim in each column of a simulation, whose first is the base case; of shape (columns,) or (1,)."""
    figure = aim.figure(scenario)
    if figure is None:
        return aim.of(lines[aim.line][:, 0])
    if figure.line:
        values = Tried(Ledger(scenario, lines, {}), measures(), simulation=simulation).of_trials(figure.line)
    else:
        values = np.array([_read(one, figure) for one in _figures(scenario, changes, lines, READ[figure])])
    return np.where(np.isnan(values), np.inf, values) if aim.unit in MONTHS else values


@dataclass(frozen=True)
class Kept(Mapping[str, Array]):
    """The lines that a run kept; `read` collects those that are read."""

    lines: Mapping[str, Array]
    read: set[str]

    def __getitem__(self, name: str) -> Array:
        """Return one line; raise NotKept for another."""
        self.read.add(name)
        if name not in self.lines:
            raise NotKept
        return self.lines[name]

    def __iter__(self) -> Iterator[str]:
        """Iterate over the names."""
        return iter(self.lines)

    def __len__(self) -> int:
        """Return the number of lines."""
        return len(self.lines)


def _figures(
    scenario: Scenario, changes: Sequence[Mapping[str, Array]], lines: Mapping[str, Array], seen: Seen
) -> list[Figures]:
    """Return each column as a base case without trials, which adds to what is seen the lines that are read."""
    ledgers = Ledgers(scenario, Kept(lines, seen.lines), varied(scenario, changes), 1 + len(changes))
    won = winnings(ledgers) if seen.reads_won else ()
    return [
        Figures(ledgers.one(place), NO_TRIALS, Drawn.NOTHING, {"won": won[place]} if won else {})
        for place in range(ledgers.columns)
    ]


def _read(figures: Figures, figure: Variant) -> float:
    """Return a KPI that only a whole base case gives; NaN where it has no value."""
    try:
        return figures.estimate(figure)
    except Undefined:
        return np.nan
