"""KPIs of every trial: the traced figures of a simulation's last month, one number a trial.

A trial without a value has NaN. A KPI that is a month is then beyond the projection, and counts as its length.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from profiling.errors import Phrase
from simulator.answers.blocks.progress import Progress, quietly
from simulator.answers.draws import block_of, trials_of
from simulator.answers.kpis.measures import CASH_FLOOR, Measures
from simulator.answers.kpis.registry import DEFINITIONS, measures, variant_of
from simulator.answers.ledger import Ledger
from simulator.engine.model import Array
from simulator.engine.run import Simulation
from simulator.errors import PlanError, meant, typed_name
from simulator.lines import business
from simulator.scenario.scenario import Scenario

# Units of KPIs that are the month of an event, which may never come.
MONTHS = ("month", "month index")


@dataclass(frozen=True)
class Goal:
    """A KPI that trials can be judged by; `line` is its traced figure by the scenario's own definition."""

    name: str
    title: str
    unit: str
    line: str

    @classmethod
    def of(cls, scenario: Scenario, name: str) -> Goal:
        """Return the KPI of that name; raise PlanError where it is unknown or has no value in a single trial."""
        if name not in DEFINITIONS or not (line := variant_of(scenario, name).line):
            known = [one for one in DEFINITIONS if variant_of(scenario, one).line]
            if name in DEFINITIONS:
                raise PlanError(
                    Phrase("{name} has no value in a single trial", name=name),
                    Phrase("choose from {near}", near=", ".join(known)),
                )
            raise PlanError(Phrase("{name} is not a KPI", name=typed_name(name)), meant(name, known))
        one = DEFINITIONS[name]
        return cls(name, one.title, one.unit.replace("money", scenario.currency), line)


def goals_among(scenario: Scenario, names: Iterable[str]) -> list[Goal]:
    """Return those of the named KPIs that have a value in a single trial by the scenario's own definitions."""
    return [Goal.of(scenario, name) for name in names if variant_of(scenario, name).line]


def goals_of(scenario: Scenario, simulation: Simulation, goals: Sequence[Goal]) -> list[Array]:
    """Return each KPI in each column of a simulation, of shape (trials,), the base case first if it has one.

    Raise PlanError where a trial has no value, unless the KPI is a month.
    """
    lines = simulation.keep(lines_behind(goal.line for goal in goals))
    figures = Tried(Ledger(scenario, lines, {}), measures(), simulation=simulation)
    return [_complete(goal, figures.of_trials(goal.line), scenario.months) for goal in goals]


def goal_by_trial(scenario: Scenario, goal: Goal, trials: int, progress: Progress = quietly) -> Array:
    """Return a KPI of the first trials of a scenario, of shape (trials,); raise PlanError where one has no value.

    `progress` is told the share of the trials that have run.
    """
    size, found = block_of(scenario), []
    for first in range(0, trials, size):
        count = min(size, trials - first)
        (values,) = goals_of(scenario, trials_of(scenario, count, first), [goal])
        found.append(np.broadcast_to(values[1:] if len(values) > 1 else values, (count,)))
        progress((first + count) / trials)
    return np.concatenate(found)


def _complete(goal: Goal, values: Array, months: int) -> Array:
    lost = int(np.count_nonzero(~np.isfinite(values)))
    if goal.unit in MONTHS:
        return np.where(np.isfinite(values), values, float(months))
    if lost:
        what = Phrase(
            "{name} has no value in {lost:,} of {size:,} projections", name=goal.name, lost=lost, size=values.size
        )
        raise PlanError(what, "choose a KPI that always has one, such as end_cash")
    return values


def lines_behind(figures: Iterable[str]) -> list[str]:
    """Return the lines of the business that traced figures read, directly or through other figures."""
    model, wanted = measures(), list(figures)
    found: set[str] = set()
    while wanted:
        sources = {source for read in model.reads[wanted.pop()] for source in model.sources(read)} - found
        found |= sources
        wanted += sources - business().lines.keys()
    return sorted(found & business().lines.keys())


@dataclass(frozen=True)
class Tried(Measures):
    """The traced figures of all trials at once: a figure has shape (trials,), a window (months, trials).

    `simulation` has the assumptions, which may differ between trials.
    """

    simulation: Simulation | None = None
    tried: dict[tuple[str, int, int], Array] = field(default_factory=dict, compare=False, repr=False)

    def of_trials(self, name: str) -> Array:
        """Return a figure in the last month, of shape (trials,), NaN where it has no value."""
        trials = max(line.shape[2] for line in self.ledger.lines.values())
        return np.array(np.broadcast_to(self._figure(name, self.ledger.scenario.months - 1, 0), (trials,)))

    def _figure(self, name: str, month: int, member: int) -> Array:
        place = (name, month, member)
        if place not in self.tried:
            read = [self._read(name, one, month, member) for one in self.model.reads[name]]
            with np.errstate(all="ignore"):  # np.where also computes the branch that is not taken
                self.tried[place] = np.asarray(self.model.lines[name].function(*read))
        return self.tried[place]

    def _numbers(self, months: range) -> Array:
        return super()._numbers(months)[:, None]

    def _assumed(self, reader: str, name: str, member: int) -> Array:
        assert self.simulation is not None
        scenario = self.ledger.scenario
        if name == CASH_FLOOR:
            return np.full((scenario.months, 1), scenario.settings.cash_floor)
        place = int(scenario.members.place(self.model.lines[reader].per, self.model.inputs[name].home)[member])
        values = self.simulation.inputs[name][:, place]
        return np.broadcast_to(values, (scenario.months, values.shape[1]))

    def _in_months(self, part: Array | tuple[str, list[int]], months: range) -> Array:
        if isinstance(part, np.ndarray):
            return part[months.start : months.stop]
        name, places = part
        found = [sum(self._figure(name, month, place) for place in places) for month in months]
        return np.stack(np.broadcast_arrays(*found)).reshape(len(months), -1) if found else self._numbers(months)
