"""The projection of a scenario: every line by month with its percentiles, KPIs, evidence and the verdict."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np

from simulator.answers.draws import draw
from simulator.answers.kpis import Figures, Kpi, key_figures
from simulator.answers.kpis.survival import ruin_by_month
from simulator.answers.ledger import Ledger
from simulator.answers.variations.sensitivity import evidence_of_cost
from simulator.answers.verdict import Verdict, judge
from simulator.engine.dates import months_from
from simulator.engine.model import Array
from simulator.engine.run import Simulation
from simulator.errors import PlanError
from simulator.scenario.numbers import simulation_of
from simulator.scenario.scenario import Scenario

PERCENTILES = (5, 50, 95)


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

    `ledger` is the base case in full. `ruin` is the share of trials out of cash in or before each month, NaN without
    trials. `evidence` is the share of the cost drivers by kind of evidence, None if it was not asked for.
    """

    scenario: Scenario
    trials: int
    dates: tuple[date, ...]
    series: Mapping[str, Series]
    ledger: Ledger
    kpis: Mapping[str, Kpi]
    ruin: Array
    evidence: Mapping[str, float] | None
    verdict: Verdict

    @property
    def currency(self) -> str:
        """The three-letter code of the currency."""
        return self.scenario.currency


def project(scenario: Scenario, trials: int | None = None, *, evidence: bool = True) -> Projection:
    """Run the base case and `trials` trials, by default the scenario's number; 0 runs the base case alone.

    `evidence=False` skips the shares of evidence, which take longer than the base case. Raise PlanError if a line has
    no finite value.
    """
    trials = scenario.trials if trials is None else trials
    drawn = draw(scenario, trials)
    simulation = simulation_of(scenario, drawn)
    bands, cash = _bands(simulation, trials)
    base = {path: values[:, :1] for path, values in drawn.items()}
    ledger = Ledger(scenario, {name: band[0] for name, band in bands.items()}, base)
    figures = Figures(ledger, cash, scenario.settings.cash_floor)
    kpis = key_figures(figures, scenario.currency, dict(scenario.settings.definitions))
    rests_on = evidence_of_cost(scenario) if evidence else None
    dates, ruin = months_from(scenario.start, scenario.months), ruin_by_month(cash, figures.cash_floor)
    series = _series(simulation, bands, scenario.currency)
    return Projection(scenario, trials, dates, series, ledger, kpis, ruin, rests_on, judge(kpis, rests_on))


@np.errstate(invalid="ignore")  # NaN is reported at the end, with the line that caused it
def _bands(simulation: Simulation, trials: int) -> tuple[dict[str, Array], Array]:
    """Return base and percentiles of every line (4, months, members), and cash of every trial (months, trials)."""
    bands = {
        name: np.empty((1 + len(PERCENTILES), simulation.months, simulation.members.count(line.per)))
        for name, line in simulation.model.lines.items()
    }
    cash = np.empty((simulation.months, trials))
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
        cash[here] = values["cash"][:, 0, 1:] if values["cash"].shape[2] > 1 else values["cash"][:, 0]
        month += length
    _check_finite(simulation, broken)
    return bands, cash


def _percentiles(trials: Array) -> Array:
    """Return the percentiles along the last axis as the first axis, interpolated as NumPy does.

    Sorting once is several times faster than NumPy's search for each of the three.
    """
    ordered = np.sort(trials, axis=-1)
    places = np.array(PERCENTILES) / 100 * (ordered.shape[-1] - 1)
    below = np.floor(places).astype(int)
    above = np.minimum(below + 1, ordered.shape[-1] - 1)
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
