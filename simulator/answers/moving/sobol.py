"""Sobol's indices: the share of an outcome's variance that each group of its inputs explains.

Two independent samples A and B of all inputs are run, and for each group A with this group's columns from B. The first
order is the share of the variance that knowing the group alone would remove; the total is what would be left if all
other groups were known. Estimators by Saltelli et al. (2010), as `scipy.stats.sobol_indices` has them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from scipy.stats import sobol_indices

from profiling.errors import Phrase
from simulator.engine.model import Array
from simulator.errors import PlanError

# Values by name, each with the trials as its last axis, or an axis of length one for "the same in all".
Inputs = Mapping[str, Array]
# Resamples of the trials behind an interval, and the share of them that it holds.
RESAMPLES, LEVEL = 1_000, 0.95
# Resamples that are weighed at once, in little memory.
TOGETHER = 50


@dataclass(frozen=True)
class Share:
    """An estimated share of the variance with its 95 % interval by bootstrap; noise may bring it below zero."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Index:
    """The indices of one group: the variance that it explains alone, and with all of its interactions."""

    group: str
    first: Share
    total: Share


@dataclass(frozen=True)
class Sampled:
    """The outcomes of sample A, of sample B, and of A with each group's inputs from B; each of shape (trials,)."""

    a: Array
    b: Array
    ab: Mapping[str, Array]


def sampled(
    model: Callable[[Inputs], Array],
    samples: Iterable[tuple[Inputs, Inputs]],
    groups: Mapping[str, Collection[str]],
    told: Callable[[int], None] = lambda _: None,
) -> Sampled:
    """Run a model on blocks of the samples A and B; `told` gets the number of runs so far after each.

    `groups` gives the names of the inputs in each group. The model returns one outcome a trial, of shape (trials,).
    """
    found: dict[str, list[Array]] = {}
    runs = 0
    for a, b in samples:
        for name, inputs in _designs(a, b, groups):
            found.setdefault(name, []).append(model(inputs))
            told(runs := runs + 1)
    first, second, *mixed = (np.concatenate(blocks) for blocks in found.values())
    return Sampled(first, second, dict(zip(groups, mixed, strict=True)))


def _designs(a: Inputs, b: Inputs, groups: Mapping[str, Collection[str]]) -> Iterable[tuple[str, Inputs]]:
    """Yield A, B, and A with each group from B."""
    yield "A", a
    yield "B", b
    for group, names in groups.items():
        yield f"AB {group}", {name: b[name] if name in names else values for name, values in a.items()}


def indices(outcomes: Sampled, seed: int = 0) -> list[Index]:
    """Return the indices of each group; the resamples behind the intervals are those of the seed.

    Raise PlanError where the outcome is the same in all trials, so that there is nothing to explain.
    """
    a, b = outcomes.a, outcomes.b
    if np.ptp([a, b]) <= 1e-12 * np.abs([a, b]).max():
        raise PlanError(
            Phrase("the outcome is the same in all {trials:,} trials", trials=2 * len(a)),
            "choose another KPI, such as end_cash",
        )
    # The page in which all inputs are B's: SciPy needs two pages or more.
    pages = np.array([*outcomes.ab.values(), b])
    found = sobol_indices(func={"f_A": a[None], "f_B": b[None], "f_AB": pages[:, None]}, n=len(a))
    first, total = _resampled(outcomes, pages, seed)
    return [
        Index(
            group,
            Share(float(found.first_order[at]), *map(float, first[:, at])),
            Share(float(found.total_order[at]), *map(float, total[:, at])),
        )
        for at, group in enumerate(outcomes.ab)
    ]


def _resampled(outcomes: Sampled, pages: Array, seed: int) -> tuple[Array, Array]:
    """Return the intervals of first orders and of totals, each of shape (2, groups + 1).

    SciPy's own resamples are seeded by the clock, and take a hundred times as long.
    """
    centre = np.mean([outcomes.a, outcomes.b])
    a, b, mixed = outcomes.a - centre, outcomes.b - centre, pages - centre
    rng, trials, ends = np.random.default_rng(seed), len(a), [(1 - LEVEL) / 2, (1 + LEVEL) / 2]
    first, total = [], []
    for _ in range(RESAMPLES // TOGETHER):
        weights = rng.multinomial(trials, np.full(trials, 1 / trials), TOGETHER) / trials
        variance = weights @ (a**2 + b**2) / 2 - (weights @ (a + b) / 2) ** 2
        first.append(weights @ (b * (mixed - a)).T / variance[:, None])
        total.append(weights @ ((mixed - a) ** 2).T / (2 * variance[:, None]))
    return np.quantile(np.concatenate(first), ends, axis=0), np.quantile(np.concatenate(total), ends, axis=0)
