"""The projection of a scenario: every line by month with its percentiles, KPIs, evidence and the verdict."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from simulator.answers.draws import has_ranges, trials_of
from simulator.answers.kpis import Figures, Kpi, key_figures
from simulator.answers.kpis.registry import Drawn
from simulator.answers.ledger import Ledger
from simulator.answers.outcomes import LINES, Outcomes
from simulator.answers.variations.cost_drivers import Drivers, cost_drivers
from simulator.answers.verdict import Verdict, judge
from simulator.engine.dates import months_from
from simulator.engine.model import Array
from simulator.engine.run import Simulation
from simulator.errors import PlanError
from simulator.lines import business
from simulator.scenario.numbers import base_values
from simulator.scenario.scenario import Scenario

PERCENTILES = (5, 50, 95)
# Up to this number of trials, sorting all of them is faster than putting only the percentiles in their place.
FEW_TO_SORT = 4_000


@dataclass(frozen=True)
class Series:
    """One line of one member by month: the base case, and three percentiles of the trials; each of shape (months,)."""

    unit: str
    base: Array
    p05: Array
    p50: Array
    p95: Array


@dataclass(frozen=True)
class Projection:
    """The computed months of a scenario; `series` is keyed `cash` or `device_hours[large]`.

    `trials` is the number of trials behind the percentiles of `series`; `figures` holds the base case in full and the
    outcomes of all trials, which may be more (see `settle`). `evidence` holds the drivers of costs by the
    evidence behind them, None if it was not asked for.
    """

    scenario: Scenario
    trials: int
    dates: tuple[date, ...]
    series: Mapping[str, Series]
    figures: Figures
    kpis: Mapping[str, Kpi]
    evidence: Mapping[str, Drivers] | None
    verdict: Verdict

    @property
    def currency(self) -> str:
        """The three-letter code of the currency."""
        return self.scenario.currency

    @property
    def ledger(self) -> Ledger:
        """The base case in full."""
        return self.figures.ledger

    @property
    def ruin(self) -> Array:
        """The share of trials out of cash in or before each month, NaN without trials or if nothing is drawn."""
        drawn = self.figures.drawn is not Drawn.NOTHING
        return self.figures.outcomes.ruin_by_month(self.scenario.months) if drawn else np.full(len(self.dates), np.nan)


def project(scenario: Scenario, trials: int | None = None, *, evidence: bool = True) -> Projection:
    """Run the base case and `trials` trials, by default the scenario's number; 0 runs the base case alone.

    `evidence=False` skips the shares of evidence, which take longer than the base case. Raise PlanError if a line has
    no finite value. The verdict is undecided where these trials cannot tell: `settle` adds more.
    """
    trials = scenario.trials if trials is None else trials
    simulation = trials_of(scenario, trials)
    bands, kept = _bands(simulation, trials)
    ledger = Ledger(scenario, {name: band[0] for name, band in bands.items()}, base_values(scenario))
    figures = Figures(ledger, Outcomes.of(kept, scenario.settings.cash_floor), drawn_in(scenario, ledger))
    rests_on = cost_drivers(scenario) if evidence else None
    dates = months_from(scenario.start, scenario.months)
    series = _series(simulation, bands, scenario.currency)
    kpis = key_figures(figures, scenario.currency, dict(scenario.settings.definitions))
    return Projection(scenario, trials, dates, series, figures, kpis, rests_on, judge(figures, rests_on))


def drawn_in(scenario: Scenario, ledger: Ledger) -> Drawn:
    """Return what differs between the trials of a scenario, whose base case is in `ledger`."""
    if has_ranges(scenario):
        return Drawn.RANGES
    counts = scenario.settings.counts == "drawn" and any(ledger.total(name).any() for name in business().counted)
    return Drawn.COUNTS if counts else Drawn.NOTHING


# Trials are added in blocks of this many, until the verdict is decided or there are this many in all.
BLOCK, MOST_JUDGED = 2_000, 20_000


def is_settled(projection: Projection) -> bool:
    """Return whether more trials would not change the verdict, or are too many."""
    judged = projection.figures.outcomes.trials
    return not judged or not projection.verdict.between or judged >= MOST_JUDGED


def with_more_trials(projection: Projection) -> Projection:
    """Return the projection with another block of trials behind its KPIs and its verdict."""
    figures, scenario = projection.figures, projection.scenario
    first = figures.outcomes.trials
    count = min(BLOCK, MOST_JUDGED - first)
    lines = trials_of(scenario, count, first).keep(LINES)
    more = Outcomes.of({name: line[:, 0, 1:] for name, line in lines.items()}, figures.cash_floor)
    figures = replace(figures, outcomes=figures.outcomes.plus(more))
    kpis = key_figures(figures, scenario.currency, dict(scenario.settings.definitions))
    return replace(projection, figures=figures, kpis=kpis, verdict=judge(figures, projection.evidence))


def settle(projection: Projection) -> Projection:
    """Add trials until the verdict is decided or 20,000 stand behind it; the percentiles stay those of the first."""
    while not is_settled(projection):
        projection = with_more_trials(projection)
    return projection


@np.errstate(invalid="ignore")  # NaN is reported at the end, with the line that caused it
def _bands(simulation: Simulation, trials: int) -> tuple[dict[str, Array], dict[str, Array]]:
    """Return base and percentiles of every line (4, months, members), and LINES in every trial (months, trials)."""
    bands = {
        name: np.empty((1 + len(PERCENTILES), simulation.months, simulation.members.count(line.per)))
        for name, line in simulation.model.lines.items()
    }
    kept = {name: np.empty((simulation.months, trials)) for name in LINES}
    month = 0
    broken: dict[str, Array] = {}
    for values in simulation.run():
        length = len(values["cash"])
        here = slice(month, month + length)
        for name, value in values.items():
            if name not in broken and not np.isfinite(value).all():
                broken[name] = np.argwhere(~np.isfinite(value))[0] + (month, 0, 0)
            bands[name][:, here] = value[:, :, 0]
            if value.shape[2] > 1:
                bands[name][1:, here] = _percentiles(value[:, :, 1:])
        for name, line in kept.items():
            line[here] = values[name][:, 0, 1:] if values[name].shape[2] > 1 else values[name][:, 0]
        month += length
    _check_finite(simulation, broken)
    return bands, kept


def _percentiles(trials: Array) -> Array:
    """Return the percentiles along the last axis as the first axis, interpolated as NumPy does.

    Putting all of them in place at once is several times faster than NumPy's search for each of the three.
    """
    places = np.array(PERCENTILES) / 100 * (trials.shape[-1] - 1)
    below = np.floor(places).astype(int)
    above = np.minimum(below + 1, trials.shape[-1] - 1)
    few = trials.shape[-1] < FEW_TO_SORT
    ordered = np.sort(trials, axis=-1) if few else np.partition(trials, [*below, *above], axis=-1)
    low, high = ordered[..., below], ordered[..., above]
    return np.moveaxis(low + (high - low) * (places - below), -1, 0)


def _check_finite(simulation: Simulation, broken: Mapping[str, Array]) -> None:
    """Raise PlanError if a value is not finite in any trial, with the first such line, its month and its inputs."""
    for name in simulation.model.order:
        if name in broken:
            month, member, trial = broken[name]
            label = simulation.members.labels(simulation.model.lines[name].per)[member]
            raise PlanError(
                f"{name}{f'[{label}]' if label else ''} has no value in month {month}{' of a trial' if trial else ''}: "
                f"check what it reads: {', '.join(read.source for read in simulation.model.reads[name])}"
            )


def _series(simulation: Simulation, bands: Mapping[str, Array], currency: str) -> dict[str, Series]:
    found = {}
    for name, line in simulation.model.lines.items():
        unit = line.quantity.text(currency)
        for place, label in enumerate(simulation.members.labels(line.per)):
            found[f"{name}[{label}]" if line.per else name] = Series(unit, *bands[name][:, :, place])
    return found
