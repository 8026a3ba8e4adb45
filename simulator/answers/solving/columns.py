"""Variants of a scenario side by side: many values of a few assumptions, each on the same trials, as columns of a run.

Any traced KPI is computed for all columns at once, by the formula that the base case has.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from simulator.answers.blocks.progress import Progress, quietly
from simulator.answers.draws import block_of, draw, lucky
from simulator.answers.kpis.registry import measures
from simulator.answers.kpis.tried import Tried
from simulator.answers.ledger import Ledger
from simulator.engine.model import Array
from simulator.engine.run import BLOCK_CELLS, Simulation
from simulator.lines import business
from simulator.scenario.numbers import simulation_of
from simulator.scenario.scenario import Scenario


@dataclass(frozen=True)
class Columns:
    """Lines of all variants: `lines[name]` has shape (months, members, variants × trials), a variant after another.

    Without trials each variant has one column, its base case.
    """

    scenario: Scenario
    simulation: Simulation
    lines: Mapping[str, Array]
    count: int

    def figure(self, line: str) -> Array:
        """Return a traced KPI at the end, of shape (variants, trials or 1); NaN where it has no value."""
        found = Tried(Ledger(self.scenario, self.lines, {}), measures(), simulation=self.simulation)
        return self.by_variant(found.of_trials(line))

    def by_variant(self, values: Any) -> Array:
        """Return numbers by column, of shape (…, columns or 1), as an array of shape (variants, …, trials or 1)."""
        wide = np.broadcast_to(values, (*np.shape(values)[:-1], self.simulation.trials))
        return np.stack(np.split(wide, self.count, axis=-1))

    def ledgers(self, variants: Sequence[Scenario]) -> list[Ledger]:
        """Return the base case of each variant in full, where these are base cases with all of their lines."""
        parts = {name: self.by_variant(line) for name, line in self.lines.items()}
        return [
            Ledger(
                one,
                {name: part[place][:, :, 0] for name, part in parts.items()},
                {path: value.base(one.months)[:, None] for path, value in one.assumptions.items()},
            )
            for place, one in enumerate(variants)
        ]


@dataclass(frozen=True)
class SideBySide:
    """A scenario whose variants run on the same trials; 0 trials stand for the base case."""

    scenario: Scenario
    trials: int

    def run(
        self, variants: Sequence[Scenario], names: Sequence[str] | None = None, progress: Progress = quietly
    ) -> Iterator[Columns]:
        """Yield the named lines (all of them if None) of the variants, in blocks of trials that fit in memory.

        `progress` is told the share of the trials that have run.
        """
        size = block_of(self.scenario)
        for first in range(0, max(self.trials, 1), size):
            found = self._run(variants, names, first, min(size, self.trials - first))
            progress(min((first + size) / max(self.trials, 1), 1.0))
            yield found

    def some(self, variant: Scenario, names: Sequence[str], places: Sequence[int]) -> Columns:
        """Return the named lines of one variant in the trials at these places, in one block of `fit_in_a_block`."""
        return self._run([variant], names, 0, self.trials, places)

    @property
    def fit_in_a_block(self) -> bool:
        """Whether all trials run side by side, so that some of them can be picked out."""
        return self.trials <= block_of(self.scenario)

    def groups(self, count: int, names: Sequence[str] | None = None) -> Iterator[slice]:
        """Yield which of `count` variants to run side by side in little memory, where the named lines are kept."""
        lines = business().lines
        rows = self.scenario.members.rows(lines[name] for name in (lines if names is None else names))
        most = min(block_of(self.scenario), BLOCK_CELLS // (self.scenario.months * rows))
        size = max(1, most // max(self.trials, 1))
        return (slice(first, first + size) for first in range(0, count, size))

    def _run(
        self,
        variants: Sequence[Scenario],
        names: Sequence[str] | None,
        first: int,
        trials: int,
        places: Sequence[int] | None = None,
    ) -> Columns:
        known, luck = self._known(first, trials)
        drawn = _picked(known, places)
        count, values = len(variants), dict(drawn)
        changed = [_changed(self.scenario, one) for one in variants]
        for path in {path for one in changed for path in one}:
            own = [_picked(_trials_of(draw(one, trials, first, [_holder(one, path)])), places) for one in variants]
            width = max(trials, 1) if places is None else len(places)
            values[path] = _beside([next(iter(one.values())) for one in own], width)
        for path, value in drawn.items():
            if values[path] is value and value.shape[1] > 1:
                values[path] = np.tile(value, count)
        luck = {name: np.tile(one, count) for name, one in _picked(luck, places).items()}
        # A variant may state for a member what the scenario states for all, and in which currency it does.
        simulation = simulation_of(variants[0], values, luck)
        wanted = list(simulation.model.lines) if names is None else list(names)
        return Columns(variants[0], simulation, simulation.keep(wanted), count)

    def _known(self, first: int, trials: int) -> tuple[Mapping[str, Array], Mapping[str, Array]]:
        """Return what all variants share: assumptions by path, and luck by line, of the trials alone."""
        # All trials in one block are drawn once for all variants; of several blocks none is kept, to save memory.
        return self._all if trials == self.trials else self._draw(first, trials)

    @cached_property
    def _all(self) -> tuple[Mapping[str, Array], Mapping[str, Array]]:
        return self._draw(0, self.trials)

    def _draw(self, first: int, trials: int) -> tuple[Mapping[str, Array], Mapping[str, Array]]:
        luck = {name: one[:, :, 1:] for name, one in lucky(self.scenario, trials, first).items()}
        return _trials_of(draw(self.scenario, trials, first)), luck


def _trials_of(drawn: Mapping[str, Array]) -> dict[str, Array]:
    """Return assumptions without the base case in column 0, where there are trials beside it."""
    return {path: value[:, 1:] if value.shape[1] > 1 else value for path, value in drawn.items()}


def _picked(drawn: Mapping[str, Array], places: Sequence[int] | None) -> Mapping[str, Array]:
    """Return what was drawn in the trials at these places, by default in all; one column may stand for all."""
    if places is None:
        return drawn
    return {name: one[..., places] if one.shape[-1] > 1 else one for name, one in drawn.items()}


def _changed(scenario: Scenario, variant: Scenario) -> list[str]:
    """Return the paths whose assumption is another in a variant."""
    return [path for path, one in variant.assumptions.items() if scenario.assumptions.get(path) is not one]


def _holder(variant: Scenario, path: str) -> str:
    """Return the path at which a variant holds a value: its own, or the one for all members."""
    return path if path in variant.assumptions else path.rpartition(".")[2]


def _beside(values: Sequence[Array], trials: int) -> Array:
    """Return one variant's values, each of shape (months or 1, trials or 1), after another's."""
    months = max(len(one) for one in values)
    return np.concatenate([np.broadcast_to(one, (months, trials)) for one in values], axis=1)
