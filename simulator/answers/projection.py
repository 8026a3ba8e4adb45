"""The projection of a scenario: every line by month with its percentiles, KPIs, evidence and the verdict."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from typing import cast

import numpy as np

from profiling.errors import Phrase
from simulator.answers.blocks.percentiles import percentiles_of
from simulator.answers.draws import has_ranges
from simulator.answers.kpis import Figures, KeyFigures, Kpi
from simulator.answers.kpis.registry import Drawn
from simulator.answers.ledger import Ledger
from simulator.answers.outcomes import NO_TRIALS, Outcomes
from simulator.answers.trials import AllSeries, Bands, Tried, check_finite, kept_of, tried
from simulator.answers.variations.cost_drivers import Drivers, cost_drivers
from simulator.answers.verdict import Verdict, judge
from simulator.engine.dates import months_from
from simulator.engine.model import Array
from simulator.errors import PlanError, meant, typed_name
from simulator.lines import business
from simulator.scenario.numbers import base_values, simulation_of
from simulator.scenario.scenario import Scenario


@dataclass(frozen=True)
class Projection:
    """The computed months of a scenario; `series` is keyed `cash` or `device_hours[large]`.

    `trials` is the number of trials behind the percentiles of `series`; `figures` holds the base case in full and the
    outcomes of all trials, which may be more (see `settle`). `kept` has all of these trials for the series that
    somebody asked for, of shape (months, trials).
    """

    scenario: Scenario
    trials: int
    dates: tuple[date, ...]
    series: AllSeries
    figures: Figures
    kpis: Mapping[str, Kpi]
    drivers: Callable[[], Mapping[str, Drivers]] | None = field(default=None, repr=False)
    kept: Mapping[str, Array] = field(default_factory=dict, repr=False)

    @cached_property
    def verdict(self) -> Verdict:
        """The grade with its reasons; computed when first read, since one of them takes a run of its own."""
        return judge(self.figures, self.drivers)

    @property
    def evidence(self) -> Mapping[str, Drivers] | None:
        """The drivers of costs by the evidence behind them, None if not asked for; computed when first read."""
        return None if self.drivers is None else self.drivers()

    @property
    def currency(self) -> str:
        """The three-letter code of the currency."""
        return self.scenario.currency

    @property
    def ledger(self) -> Ledger:
        """The base case in full."""
        return self.figures.ledger

    def compute_percentiles(self) -> None:
        """Compute the percentiles of all lines in one run, for whoever reads many of them."""
        self.series.bands.compute()

    @property
    def ruin(self) -> Array:
        """The share of trials out of cash in or before each month, NaN without trials or if nothing is drawn."""
        drawn = self.figures.drawn is not Drawn.NOTHING
        return self.figures.outcomes.ruin_by_month(self.scenario.months) if drawn else np.full(len(self.dates), np.nan)


def project(
    scenario: Scenario,
    trials: int | None = None,
    *,
    evidence: bool = True,
    percentiles: bool | Collection[str] = False,
    keep: Collection[str] = (),
    executor: Executor | None = None,
) -> Projection:
    """Run the base case and `trials` trials, by default the scenario's number; 0 runs the base case alone.

    `evidence=False` leaves the shares of evidence out; `percentiles` computes those of all lines at once, or of the
    named ones beside cash, for whoever reads them; `keep` names series of which every trial is kept; blocks of trials
    run on the `executor`, by default on two threads, to the same bits. Raise PlanError if there is no such series, or
    if a line of the base case, or an outcome of a trial, has no finite value. The verdict is undecided where these
    trials cannot tell: `settle` adds more.
    """
    count = scenario.trials if trials is None else trials
    found = with_trials(_base_case(scenario), count, percentiles=percentiles, keep=keep, executor=executor)
    return with_evidence(found) if evidence else found


def _base_case(scenario: Scenario) -> Projection:
    """Return the projection without trials and evidence."""
    values = base_values(scenario)
    simulation = simulation_of(scenario, values)
    lines = {name: line[:, :, 0] for name, line in simulation.keep().items()}
    check_finite(simulation, lines)
    ledger = Ledger(scenario, lines, values)
    figures = Figures(ledger, NO_TRIALS, drawn_in(scenario, ledger))
    series = AllSeries(Bands(scenario, 0, lines))
    dates = months_from(scenario.start, scenario.months)
    return Projection(scenario, 0, dates, series, figures, KeyFigures(figures))


def with_trials(
    projection: Projection,
    trials: int,
    *,
    percentiles: bool | Collection[str] = False,
    keep: Collection[str] = (),
    executor: Executor | None = None,
) -> Projection:
    """Return the projection of the base case with trials, perhaps with the percentiles of all lines, or series kept.

    Where series are kept, percentiles but those of cash are computed when they are read. Raise PlanError if there is no
    such series, or a trial has no finite outcome.
    """
    for key in keep:
        if key not in projection.series:
            todo = "ask `find` for its name, as in `device_hours[large]`"
            raise PlanError(
                Phrase("{name} is no line of this scenario", name=typed_name(key)), meant(key, projection.series, todo)
            )
    if not trials:
        return projection
    scenario, lines, rows = projection.scenario, projection.ledger.lines, dict[str, Array]()
    if keep:
        outcomes, kept = kept_of(scenario, trials, ["cash", *keep], executor=executor)
        found, rows = Tried(outcomes, {"cash": percentiles_of(kept["cash"])}), {key: kept[key][:, 0] for key in keep}
    else:
        wanted = list(lines) if percentiles is True else list(dict.fromkeys(["cash", *(percentiles or ())]))
        found = tried(scenario, trials, wanted, executor)
    return replace(with_tried(projection, found), kept=rows)


def with_tried(projection: Projection, found: Tried) -> Projection:
    """Return the projection of the base case with trials that were run apart from it, and their percentiles."""
    figures, trials = projection.figures, found.outcomes.trials
    bands = Bands(projection.scenario, trials, figures.ledger.lines, dict(found.percentiles), dict(found.errors))
    figures = replace(figures, outcomes=found.outcomes)
    return replace(projection, trials=trials, series=AllSeries(bands), figures=figures, kpis=KeyFigures(figures))


def with_evidence(projection: Projection) -> Projection:
    """Return the projection with the evidence behind its costs, which its verdict tells.

    Drivers are computed when they are first read, once for all that is made of this projection.
    """
    figures = projection.figures

    def drivers() -> Mapping[str, Drivers]:
        if "evidence" not in figures.known:
            figures.known["evidence"] = cost_drivers(projection.scenario)
        return cast("Mapping[str, Drivers]", figures.known["evidence"])

    return replace(projection, drivers=drivers)


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


def with_more_trials(projection: Projection, executor: Executor | None = None, most: int = MOST_JUDGED) -> Projection:
    """Return the projection with another block of trials behind its KPIs and its verdict, up to `most` in all."""
    return with_block(projection, *kept_of(*next_block(projection, most), executor))


def next_block(projection: Projection, most: int = MOST_JUDGED) -> tuple[Scenario, int, list[str], int]:
    """Return what `kept_of` takes for the block of trials that follows those behind the verdict."""
    first = projection.figures.outcomes.trials
    return projection.scenario, min(BLOCK, most - first), list(projection.kept), first


def with_block(projection: Projection, more: Outcomes, rows: Mapping[str, Array]) -> Projection:
    """Return the projection with its next block of trials, which was run apart from it; `rows` are those it keeps."""
    figures = projection.figures
    kept = {key: np.concatenate([old, rows[key][:, 0]], axis=1) for key, old in projection.kept.items()}
    figures = replace(figures, outcomes=figures.outcomes.plus(more))
    return replace(projection, figures=figures, kpis=KeyFigures(figures), kept=kept)


def settle(projection: Projection, executor: Executor | None = None) -> Projection:
    """Add trials until the verdict is decided or 20,000 stand behind it; the percentiles stay those of the first."""
    while not is_settled(projection):
        projection = with_more_trials(projection, executor)
    return projection
