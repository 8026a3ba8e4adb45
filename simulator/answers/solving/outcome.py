"""What variants of a scenario come to, as a target asks: a KPI of the base case, or a share of the trials."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property, partial

import numpy as np

from profiling.errors import Phrase
from simulator.answers.blocks.progress import Progress, quietly, within
from simulator.answers.kpis.registry import Drawn, Figures, Variant
from simulator.answers.kpis.tried import lines_behind
from simulator.answers.ledger import Ledger
from simulator.answers.outcomes import LINES, NO_TRIALS, Estimate, Flags, Outcomes, share_of
from simulator.answers.projection import drawn_in
from simulator.answers.solving.columns import SideBySide
from simulator.answers.solving.target import Target
from simulator.engine.model import Array
from simulator.errors import PlanError, Undefined
from simulator.scenario.scenario import Scenario

# The lines of the base case that figures of the trials read.
ROUNDS = ("money_raised",)


def require_trials(scenario: Scenario, trials: int, asked: str) -> None:
    """Raise PlanError where no trials tell what is asked, since none are run or nothing in the scenario is drawn."""
    if not trials:
        raise PlanError(
            Phrase("{asked} is asked of the trials, and none are run", asked=asked), "run 100 trials or more"
        )
    if drawn_in(scenario, Ledger.of(scenario)) is Drawn.NOTHING:
        what = "nothing in this scenario is drawn, so every trial would be the base case"
        raise PlanError(what, "give assumptions ranges, or ask for the base case")


@dataclass(frozen=True)
class Later(Mapping[str, Array]):
    """Lines of the base case of one variant, run for all of them when the first line is read: most figures read none.

    `run` returns the base case of each variant.
    """

    run: Callable[[], Sequence[Ledger]]
    variant: int

    @property
    def _lines(self) -> Mapping[str, Array]:
        return self.run()[self.variant].lines

    def __getitem__(self, name: str) -> Array:
        """Return one line, of shape (months, members)."""
        return self._lines[name]

    def __iter__(self) -> Iterator[str]:
        """Iterate over the names."""
        return iter(self._lines)

    def __len__(self) -> int:
        """Return the number of lines."""
        return len(self._lines)


@dataclass(frozen=True)
class Judge:
    """A target, and the scenario and trials that it is judged on."""

    target: Target
    scenario: Scenario
    trials: int

    def __post_init__(self) -> None:
        """Raise PlanError where the target needs trials that there are none of, or a KPI that no trial has."""
        target = self.target
        if target.share is not None and not self._definition.line:
            text = (
                "{kpi} is known for all trials together, not for each"
                if self._definition.of_trials
                else "{kpi} is known for the base case alone, not for each trial"
            )
            raise PlanError(Phrase(text, kpi=target.kpi), "leave out `in … of trials`, or choose another KPI")
        if self.needs_trials:
            require_trials(self.scenario, self.trials, target.kpi)

    @property
    def needs_trials(self) -> bool:
        """Whether the target is about trials, or the base case alone."""
        return self.target.share is not None or self._definition.of_trials

    @property
    def wanted(self) -> float:
        """The number that an outcome is compared with: the share of trials, or the bound itself."""
        return self.target.bound if self.target.share is None else self.target.share

    def gap(self, outcome: float) -> float:
        """Return how far an outcome lies on the right side of what is wanted, negative on the wrong one."""
        return float(outcome - self.wanted if self.target.share is not None else self.target.gap(outcome))

    def meets(self, outcome: float) -> bool:
        """Return whether an outcome meets the target; NaN does not."""
        return bool(outcome >= self.wanted if self.target.share is not None else self.target.holds(outcome))

    def outcomes(
        self, variants: Sequence[Scenario], trials: int | None = None, progress: Progress = quietly
    ) -> list[Estimate]:
        """Return what each variant comes to on the first trials, by default all of them.

        That is a share of trials or a KPI, with a standard error of 0 for one of the base case. A KPI without a value
        is infinite if it is a month, and else NaN.
        """
        found = self.told(variants, trials, progress)
        return [share_of(one) if isinstance(one, np.ndarray) else one for one in found]

    def told(
        self, variants: Sequence[Scenario], trials: int | None = None, progress: Progress = quietly
    ) -> list[Estimate | Flags]:
        """Return the same, but instead of a share which trials meet the target, of shape (trials,)."""
        count = (self.trials if trials is None else min(trials, self.trials)) if self.needs_trials else 0
        beside, found = self._beside(count), list[Estimate | Flags]()
        for group in beside.groups(len(variants), self._lines):
            part = variants[group]
            tell = within(progress, len(found) / len(variants), (len(found) + len(part)) / len(variants))
            found += self._told(part, beside, tell)
        return found

    def _told(self, variants: Sequence[Scenario], beside: SideBySide, progress: Progress) -> Sequence[Estimate | Flags]:
        definition = self._definition
        if definition.of_trials:
            return self._of_trials(variants, beside, progress)
        if not definition.line:
            ledgers = next(beside.run(variants)).ledgers(variants)
            return [self._value(Figures(one, NO_TRIALS), definition) for one in ledgers]
        blocks = beside.run(variants, self._lines, progress)
        found = np.concatenate([block.figure(definition.line) for block in blocks], axis=1)
        values = self.target.beyond(found)
        if self.target.share is not None:
            return list(self.target.holds(values))
        return [Estimate(float(row[0]), 0.0) for row in values]

    @property
    def tells_trials_apart(self) -> bool:
        """Whether some of the trials can be asked alone."""
        return self.target.share is not None and self._beside(self.trials).fit_in_a_block

    def of_some(self, variant: Scenario, places: Sequence[int]) -> Flags:
        """Return which of the trials at these places meet the target, where they can be asked alone."""
        block = self._beside(self.trials).some(variant, self._lines or (), places)
        return np.asarray(self.target.holds(self.target.beyond(block.figure(self._definition.line)[0])))

    def _of_trials(self, variants: Sequence[Scenario], beside: SideBySide, progress: Progress) -> list[Estimate]:
        """Return a figure of all trials of each variant; when the next round closes is read off the base case."""

        @cache
        def base_cases() -> Sequence[Ledger]:
            return next(self._beside(0).run(variants, ROUNDS)).ledgers(variants)

        ledgers = [Ledger(one, Later(base_cases, place), {}) for place, one in enumerate(variants)]
        floor, blocks = self.scenario.settings.cash_floor, []
        for block in beside.run(variants, self._lines, progress):
            lines = [block.by_variant(block.lines[name])[:, :, 0] for name in LINES]
            blocks.append([Outcomes.of(dict(zip(LINES, one, strict=True)), floor) for one in zip(*lines, strict=True)])
        outcomes = [first.plus(*more) for first, *more in zip(*blocks, strict=True)]
        figures = [Figures(ledger, one) for ledger, one in zip(ledgers, outcomes, strict=True)]
        return [self._value(one, self._definition) for one in figures]

    def _value(self, figures: Figures, definition: Variant) -> Estimate:
        try:
            found = figures.value(definition)
        except Undefined:
            return Estimate(float(self.target.beyond(np.nan)), 0.0)
        return found if isinstance(found, Estimate) else Estimate(float(found), 0.0)

    @cached_property
    def now(self) -> Estimate:
        """What the scenario itself comes to on all trials."""
        return self.outcomes([self.scenario])[0]

    @cached_property
    def _definition(self) -> Variant:
        return self.target.variant(self.scenario)

    @cached_property
    def _lines(self) -> Sequence[str] | None:
        """The lines that the outcome is read off; None for all of them."""
        if self._definition.of_trials:
            return LINES
        return lines_behind([self._definition.line]) if self._definition.line else None

    @cached_property
    def _beside(self) -> Callable[[int], SideBySide]:
        """The trials, by their number; what is drawn once is kept."""
        return cache(partial(SideBySide, self.scenario))
