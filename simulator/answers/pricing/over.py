"""Aims over the trials: the aim in each trial of many variants, and the mean, the median or P5 of all of them.

Every variant runs on the same trials, so that what they have in common cancels where they are compared.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property, partial

import numpy as np
from scipy.special import betainc

from profiling.errors import Phrase
from simulator.answers.blocks.progress import Progress, quietly, within
from simulator.answers.kpis.tried import MONTHS, lines_behind
from simulator.answers.outcomes import Estimate, mean_of
from simulator.answers.pricing.aims import AIMS, Aim
from simulator.answers.solving.columns import Columns, SideBySide
from simulator.answers.solving.outcome import require_trials
from simulator.engine.model import Array
from simulator.errors import PlanError
from simulator.scenario.scenario import Scenario

BASE = "base"
# What an aim is read off, by the name that is given for it.
OVERS: Mapping[str, str] = {
    BASE: "base case",
    "mean": "mean of the trials",
    "median": "median of the trials",
    "p5": "P5 of the trials",
}
# Which of them are percentiles.
SHARES: Mapping[str, float] = {"median": 0.5, "p5": 0.05}
# Fewer trials have no P5.
FEWEST = 20
# Samples of the trials, drawn with replacement, that tell the error of a difference of percentiles (Efron, 1979).
RESAMPLED = 400


def figure_of(scenario: Scenario, aim: Aim) -> str:
    """Return the traced figure of an aim that is a KPI; nothing for one that has no value in a single trial."""
    figure = aim.figure(scenario)
    return figure.line if figure else ""


@dataclass(frozen=True)
class OverTrials:
    """An aim in every trial, and how its trials become one number."""

    scenario: Scenario
    aim: Aim
    over: str
    trials: int

    def __post_init__(self) -> None:
        """Raise PlanError where the trials cannot tell the aim: too few, nothing drawn, or no value in a single one."""
        if not (self.aim.line or self._figure):
            known = [name for name, one in AIMS.items() if one.line or figure_of(self.scenario, one)]
            raise PlanError(
                Phrase("{name} has no value in a single trial", name=self.aim.name),
                Phrase("choose from {near}", near=", ".join(known)),
            )
        require_trials(self.scenario, self.trials, Phrase("{kpi}, {title},", kpi=self.aim.name, title=OVERS[self.over]))
        if self.trials < FEWEST:
            raise PlanError(
                Phrase("{trials} trials do not tell one price from another", trials=self.trials),
                "run 100 trials or more",
            )

    @property
    def share(self) -> float | None:
        """The share of the trials below the number, where it is a percentile."""
        return SHARES.get(self.over)

    def by_trial(self, variants: Sequence[Scenario], trials: int | None = None, progress: Progress = quietly) -> Array:
        """Return the aim in the first trials of each variant, by default all, of shape (variants, trials).

        A trial without a value is NaN; a month that never comes counts as the number of months projected.
        """
        count = self.trials if trials is None else min(trials, self.trials)
        lines = [self.aim.line] if self.aim.line else lines_behind([self._figure])
        beside, found = self._beside(count), []
        for group in beside.groups(len(variants), lines):
            tell = within(progress, group.start / len(variants), min(group.stop / len(variants), 1.0))
            blocks = beside.run(variants[group], lines, tell)
            found.append(np.concatenate([self._read(block) for block in blocks], axis=1))
        values = np.concatenate(found)
        return np.where(np.isnan(values), self.scenario.months, values) if self.aim.unit in MONTHS else values

    def number(self, values: Array) -> Array:
        """Return the one number of trials of shape (…, trials); NaN where a trial has no value."""
        return np.asarray(values.mean(axis=-1) if self.share is None else np.quantile(values, self.share, axis=-1))

    def steadier(self, values: Array) -> Array:
        """Return about the same number, by which near variants are told apart with less noise.

        A percentile jumps from one trial to the next; here those beside it count, too, by how likely the percentile
        lies there (Harrell and Davis, Biometrika, 1982).
        """
        if self.share is None:
            return self.number(values)
        count = values.shape[-1]
        ends = betainc((count + 1) * self.share, (count + 1) * (1 - self.share), np.arange(count + 1) / count)
        return np.asarray(np.sort(values) @ np.diff(ends))

    def difference(self, first: Array, other: Array) -> Estimate:
        """Return how much more the other's number is, trials paired, with its standard error."""
        if self.over == "mean":
            return mean_of(other - first)
        chosen = np.random.default_rng(0).integers(len(first), size=(RESAMPLED, len(first)))
        spread = self.number(other[chosen]) - self.number(first[chosen])
        return Estimate(float(self.number(other) - self.number(first)), float(spread.std(ddof=1)))

    def _read(self, block: Columns) -> Array:
        """Return the aim of some variants in a block of trials, of shape (variants, trials)."""
        if self._figure:
            return block.figure(self._figure)
        return block.by_variant(self.aim.of(block.lines[self.aim.line][:, 0]))

    @cached_property
    def _figure(self) -> str:
        return figure_of(self.scenario, self.aim)

    @cached_property
    def _beside(self) -> Callable[[int], SideBySide]:
        """The trials, by their number; what is drawn once is kept."""
        return cache(partial(SideBySide, self.scenario))
