"""What measuring is worth: how much better a choice between options gets if one assumption is known before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from profiling.errors import Phrase
from simulator.answers.blocks.progress import Progress, quietly
from simulator.answers.draws import draw
from simulator.answers.kpis.tried import Goal, goal_by_trial
from simulator.answers.moving.evppi import evppi
from simulator.answers.moving.groups import HARDWARE, MARKET, MONEY, PEOPLE, area_of
from simulator.answers.moving.options import Option, with_today
from simulator.answers.outcomes import Estimate
from simulator.answers.variations.worth_measuring import hour_costs
from simulator.engine.model import Array
from simulator.errors import PlanError
from simulator.scenario.records.attach import measurable
from simulator.scenario.scenario import Scenario

FEWEST, MOST = 200, 50_000
# A value within this many standard errors of zero cannot be told from nothing.
ERRORS = 2.0
# Outcomes of one trial that differ by no more of the largest are the same, but for rounding.
ROUNDING = 1e-9
# Months of a course that correlate more than this say the same.
ALIKE = 0.999
# What would tell an assumption of each area; a profile run tells what it can measure.
PROFILE_RUN = "a profile run"
TOLD_BY = {
    MARKET: "a test in the market",
    HARDWARE: "quotes from providers",
    PEOPLE: "offers to candidates",
    MONEY: "talks with investors and suppliers",
}


@dataclass(frozen=True)
class Knowing:
    """The value of knowing one assumption, in the KPI's unit, and what would tell it.

    `hour_costs` is what an hour of the devices of a profile run costs by the scenario, in its currency. It is None
    where the scenario has no price of what would tell.
    """

    path: str
    worth: Estimate
    told_by: str
    hour_costs: float | None

    @property
    def can_be_told(self) -> bool:
        """Whether the value is more than its noise."""
        return self.worth.value > ERRORS * self.worth.error


@dataclass(frozen=True)
class Worth:
    """The choice between options under a KPI, and what would improve it.

    `means` has the mean of the KPI for each option, `chances` the share of trials in which the option is best, and
    `everything` is the value of knowing all, luck included, which bounds every other. `knowing` has the most valuable
    assumption first.
    """

    goal: Goal
    trials: int
    options: tuple[Option, ...]
    means: tuple[Estimate, ...]
    chances: tuple[float, ...]
    everything: Estimate
    knowing: tuple[Knowing, ...]

    @property
    def best(self) -> int:
        """The place of the option with the highest mean."""
        return max(range(len(self.means)), key=lambda place: self.means[place].value)


def worth(
    scenario: Scenario, options: Sequence[Option], kpi: str, trials: int = 2_000, progress: Progress = quietly
) -> Worth:
    """Return what knowing each uncertain assumption is worth for choosing between today's scenario and options.

    All options run under the same trials; more of the KPI counts as better. Raise PlanError where there is nothing to
    choose, an option is not measured by the same figure, or the number of trials is out of range.
    """
    if not FEWEST <= trials <= MOST:
        raise PlanError(
            Phrase("{trials:,} trials do not make a sample", trials=trials),
            Phrase("give {fewest:,} to {most:,}", fewest=FEWEST, most=MOST),
        )
    every = with_today(scenario, options)
    goal = Goal.of(scenario, kpi)
    if odd := next((one for one in every if Goal.of(one.scenario, kpi) != goal), None):
        raise PlanError(
            Phrase("{kpi} is another figure under {title}", kpi=kpi, title=odd.title),
            "choose options in the same currency",
        )

    def told(before: int, done: float) -> None:
        # Regressions take about as long as the trials.
        progress((before + done) / len(every) / 2)

    found = np.array(
        [goal_by_trial(one.scenario, goal, trials, partial(told, place)) for place, one in enumerate(every)]
    )
    _settle_ties(found)
    drawn, measured = draw(scenario, trials), set(measurable(scenario))
    knowing = []
    for place, path in enumerate(scenario.uncertain, start=1):
        estimate = evppi(_features(drawn[path][:, 1:]), found, scenario.seed)
        if path in measured:
            knowing.append(Knowing(path, estimate, PROFILE_RUN, hour_costs(scenario, path)))
        else:
            knowing.append(Knowing(path, estimate, TOLD_BY[area_of(path)], None))
        progress((1 + place / len(scenario.uncertain)) / 2)
    knowing.sort(key=lambda one: (not one.can_be_told, -one.worth.value))
    ties = found == found.max(axis=0)
    gains = found.max(axis=0) - found[found.mean(axis=1).argmax()]
    return Worth(
        goal,
        trials,
        every,
        tuple(_mean(one) for one in found),
        tuple(map(float, (ties / ties.sum(axis=0)).mean(axis=1))),
        _mean(gains),
        tuple(knowing),
    )


def _settle_ties(found: Array) -> None:
    """Make outcomes of the same trial equal that differ by rounding alone, in place; shape (options, trials)."""
    near = ROUNDING * np.abs(found).max()
    for place, values in enumerate(found):
        for earlier in found[:place]:
            np.copyto(values, earlier, where=np.abs(values - earlier) <= near)


def _mean(values: Array) -> Estimate:
    return Estimate(float(values.mean()), float(values.std(ddof=1) / np.sqrt(len(values))))


def _features(values: Array) -> Array:
    """Return what describes an assumption, of shape (months or 1, trials), in each trial: shape (trials, features).

    A course or a walk is described by its first, middle and last month, as far as they tell different things.
    """
    months = values[[0, len(values) // 2, len(values) - 1]]
    chosen: list[Array] = []
    for month in months[months.std(axis=1) > 0]:
        if all(abs(np.corrcoef(month, other)[0, 1]) < ALIKE for other in chosen):
            chosen.append(month)
    return np.array(chosen or months[:1]).T
