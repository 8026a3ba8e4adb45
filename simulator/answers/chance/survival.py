"""When cash runs out: the chance by month and before each round closes, and how low cash falls in bad trials."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulator.answers.kpis.funding import FUNDING
from simulator.answers.ledger import Ledger
from simulator.answers.outcomes import (
    TAIL,
    Estimate,
    Outcomes,
    fewest_for,
    mean_of,
    quantile_interval,
    quantile_of,
    share_of,
)
from simulator.answers.projection import Projection
from simulator.engine.model import Array

PERCENTILES = (0.05, 0.5, 0.95)


@dataclass(frozen=True)
class Before:
    """The chance of running out before a round, SAFE or loan brings money, in its month of the base case."""

    kind: str
    name: str
    month: int
    chance: Estimate


@dataclass(frozen=True)
class Percentile:
    """A percentile of the trials, between which values it is in 95 of 100 cases, and its standard error.

    What the trials are too few to tell is None.
    """

    share: float
    value: float | None
    error: float | None
    low: float | None
    high: float | None


def by_month(outcomes: Outcomes, months: int) -> list[Estimate]:
    """Return the chance of having run out of cash in or before each month; raise Undefined without trials."""
    return [share_of(outcomes.broke <= month) for month in range(months)]


def before_rounds(ledger: Ledger, outcomes: Outcomes) -> tuple[Before, ...]:
    """Return the chance before each round, SAFE or loan that brings money after the first month, the earliest first."""
    found = []
    for kind, (line, _) in FUNDING.items():
        for name in ledger.names(kind):
            months = np.flatnonzero(ledger.of_member(line, name) > 0)
            if len(months) and months[0] > 0:
                found.append(Before(kind, name, int(months[0]), outcomes.ruin(before=int(months[0]))))
    return tuple(sorted(found, key=lambda one: one.month))


def expected_shortfall(outcomes: Outcomes) -> Estimate:
    """Return the mean of the lowest cash in the worst 5 % of the trials (expected shortfall: Acerbi and Tasche, 2002).

    With P5 = q it is the mean of q − max(q − x, 0) / 5 %, whose standard error is that of a mean. Raise Undefined with
    fewer than 20 trials.
    """
    edge = outcomes.cash_at_risk().value
    return mean_of(edge - np.maximum(edge - outcomes.lowest_cash, 0) / TAIL)


def percentiles(values: Array) -> tuple[Percentile, ...]:
    """Return P5, P50 and P95 of the trials with their 95 % intervals from order statistics."""
    found = []
    for share in PERCENTILES:
        is_told = len(values) >= fewest_for(share)
        value, error = quantile_of(values, share) if is_told else (None, None)
        found.append(Percentile(share, value, error, *quantile_interval(values, share)))
    return tuple(found)


@dataclass(frozen=True)
class Course:
    """The percentiles of one line of one member by month, over some first trials."""

    key: str
    unit: str
    trials: int
    months: tuple[tuple[Percentile, ...], ...]


def course(projection: Projection, key: str) -> Course:
    """Return the percentiles of a series of which the projection kept every trial, each with its error."""
    kept = projection.kept[key]
    return Course(key, projection.series[key].unit, kept.shape[1], tuple(map(percentiles, kept)))
