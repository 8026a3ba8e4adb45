"""Trials: one stream of random numbers for each uncertain part of each assumption, and for each count.

A stream is seeded by the scenario's seed and the name of what it is for, so adding an assumption does not change the
values of others. It gives uniform numbers, of which every trial takes the same number, so any block of trials can be
drawn by itself. Each value is the quantile of a uniform number within the legal range, which truncates a distribution
where its values would make no sense.

What an assumption draws once a trial is spread evenly over each 100 and each 1,000 trials, as a Latin hypercube. What
is drawn month by month is not: it was measured to gain too little.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr, ndtri

from profiling.errors import Phrase
from simulator.engine.model import Array
from simulator.engine.run import MOST_CELLS, Simulation
from simulator.errors import PlanError
from simulator.lines import business
from simulator.scenario.assumption import Assumption
from simulator.scenario.chances import Fixed, Part, correlation_matrix, quantile_within
from simulator.scenario.numbers import base_values, simulation_of
from simulator.scenario.scenario import Scenario

# A generator's number may be exactly 0, whose quantile may be infinite: half of its smallest step stands in for it.
LEAST_SHARE = 2.0**-54
MOST_SHARE = 1 - 2.0**-53  # the largest number of a generator
# More trials side by side are not computed faster.
MOST_IN_BLOCK = 5_000
# Numbers that a block holds, at eight bytes each: 320 megabytes, or half of it where half of the lines that others look
# back on are the same in all trials.
MOST_IN_MEMORY = 40_000_000
# Trials of a Latin hypercube, and of each of the smaller ones that it consists of.
HYPERCUBE, SLICE = 1_000, 100
SLICES = HYPERCUBE // SLICE


@dataclass(frozen=True)
class Block:
    """The trials of a scenario from number `first` on."""

    seed: int
    months: int
    trials: int
    first: int = 0

    def once(self, name: str) -> Array:
        """Return one number between 0 and 1 for each trial, evenly spread, of shape (trials,)."""
        first, skipped = divmod(self.first, HYPERCUBE)
        last = (self.first + self.trials - 1) // HYPERCUBE
        return spread(self.seed, name, first, last + 1 - first)[skipped : skipped + self.trials]

    def monthly(self, name: str, out: Array | None = None) -> Array:
        """Return one number between 0 and 1 for each month and trial, of shape (months, trials), in `out` if given.

        A trial takes its months from the stream one after another, so more trials do not change those before them.
        """
        drawn = stream(self.seed, name, self.first * self.months).random((self.trials, self.months))
        return np.maximum(drawn.T, LEAST_SHARE, out=np.empty((self.months, self.trials)) if out is None else out)


def stream(seed: int, name: str, skipped: int = 0) -> np.random.Generator:
    """Return the random numbers of one name, without the first `skipped`; they do not depend on other streams."""
    digest = hashlib.sha256(name.encode()).digest()
    return np.random.Generator(np.random.PCG64([seed, int.from_bytes(digest[:8], "big")]).advance(skipped))


def spread(seed: int, name: str, first: int, count: int) -> Array:
    """Return one number between 0 and 1 for each trial of `count` hypercubes from the `first` on, of shape (trials,).

    One lies in each thousandth; of each 100 trials one after another, one lies in each hundredth. Each trial's number
    is uniform and independent of other names: a sliced Latin hypercube (Qian, 2012; McKay, Beckman and Conover, 1979).
    """
    numbers = stream(seed, name, first * 3 * HYPERCUBE).random((count, 3, HYPERCUBE))
    hundredth = numbers[:, 0].reshape(count, SLICES, SLICE).argsort(kind="stable")
    within = numbers[:, 1].reshape(count, SLICE, SLICES).argsort(kind="stable")
    ranks = hundredth * SLICES + within[np.arange(count)[:, None, None], hundredth, np.arange(SLICES)[:, None]]
    spread_out = (ranks.reshape(count, HYPERCUBE) + numbers[:, 2]) / HYPERCUBE
    return np.clip(spread_out.ravel(), LEAST_SHARE, MOST_SHARE)


def has_ranges(scenario: Scenario) -> bool:
    """Return whether trials draw any assumption of the scenario."""
    return bool(scenario.uncertain)


def cells_of(scenario: Scenario) -> int:
    """Return how many numbers each trial of a scenario holds until its last month is computed."""
    model = business()
    rows = scenario.members.rows(model.lines[name] for name in (*model.counted, *model.remembered))
    drawn = [scenario.assumptions[path].value for path in scenario.uncertain]
    return scenario.months * rows + sum(1 if value.is_steady else scenario.months for value in drawn)


def block_of(scenario: Scenario) -> int:
    """Return how many trials of a scenario may run side by side in little memory."""
    return max(1, min(MOST_IN_BLOCK, MOST_IN_MEMORY // cells_of(scenario)))


def trials_of(scenario: Scenario, count: int, first: int = 0) -> Simulation:
    """Return the simulation of the base case in column 0, and of `count` trials from number `first` on.

    Raise PlanError where they need too much memory.
    """
    if count * cells_of(scenario) > MOST_CELLS:
        raise PlanError(
            Phrase("{count:,} trials of this scenario need too much memory at once", count=count), "run fewer trials"
        )
    return simulation_of(scenario, draw(scenario, count, first), lucky(scenario, count, first))


# Assumptions


def draw(scenario: Scenario, trials: int, first: int = 0, only: Collection[str] | None = None) -> dict[str, Array]:
    """Return every assumption by path, of shape (months or 1, 1 + trials or 1): the base case, then the trials.

    `only` names the paths to draw, which are then the only ones returned.
    The trials are those from number `first` on; each has the same values whatever block it is drawn in. The parts of a
    correlated assumption, such as the steps of a schedule, move together.
    """
    drawn = base_values(scenario, only)
    uncertain = [scenario.assumptions[path] for path in drawn if trials and scenario.assumptions[path].is_uncertain]
    if not uncertain:
        return drawn
    block = Block(scenario.seed, scenario.months, trials, first)
    tied = {path for pair in scenario.correlations for path in pair[:2]}
    # A variant draws the few paths that it changes, mostly none of those that go together.
    shares, shocks = _tied(scenario, block) if any(one.path in tied for one in uncertain) else ({}, {})
    for one in uncertain:
        path, names = one.path, _uncertain_parts(one)
        own = {name: shares[path] if path in shares else block.once(stream_of(path, name)) for name in names}
        walked: Array | float = 1.0
        if one.value.walk is not None:
            walked = one.value.walk.factors(shocks[path] if path in shocks else _shocks(block, path))
        values = values_of(one, scenario.months, own, walked)
        drawn[path] = np.concatenate([np.broadcast_to(drawn[path], (len(values), 1)), values], axis=1)
    return drawn


def values_of(assumption: Assumption, months: int, shares: Mapping[str, Array], walked: Array | float = 1.0) -> Array:
    """Return the assumption by month with each part at its quantile `shares[part]`; shape (months or 1, trials).

    `walked` multiplies a value that walks; its shape is (months, trials).
    """
    value = assumption.value
    bounds = value.bounds(assumption.low, assumption.high)
    parts = [
        _quantile(part, low, high, shares.get(name))
        for part, name, (low, high) in zip(value.parts, value.names, bounds, strict=True)
    ]
    return assumption.within(value.course.over(np.stack(np.broadcast_arrays(*parts)), months) * walked)


def _quantile(part: Part, low: float, high: float, share: Array | None) -> Array:
    """Return one part at a quantile of its distribution within [low, high], of shape (trials,) or (1,)."""
    if isinstance(part, Fixed):
        return np.array([part.central])
    assert share is not None, "an uncertain part needs a share"
    return quantile_within(part, low, high, share)


def _uncertain_parts(assumption: Assumption) -> list[str]:
    value = assumption.value
    return [name for part, name in zip(value.parts, value.names, strict=True) if not isinstance(part, Fixed)]


def stream_of(path: str, part: str) -> str:
    """Return the name of the stream for a part of an assumption, or for its walk."""
    return f"{path}/{part}" if part else path


def _shocks(block: Block, path: str) -> Array:
    """Return a walk's own standard normal numbers, of shape (months, trials)."""
    return np.asarray(ndtri(block.monthly(stream_of(path, "walk"))))


def _tied(scenario: Scenario, block: Block) -> tuple[dict[str, Array], dict[str, Array]]:
    """Return the shares of correlated assumptions by path, and the shocks of correlated walks, month by month."""
    paths, matrix = correlation_matrix(scenario.correlations)
    levels = _correlated([np.asarray(ndtri(block.once(path))) for path in paths], matrix)
    shares = {path: np.clip(ndtr(level), LEAST_SHARE, MOST_SHARE) for path, level in zip(paths, levels, strict=True)}
    walking = [place for place, path in enumerate(paths) if scenario.assumptions[path].value.walk]
    names = [paths[place] for place in walking]
    shocks = _correlated([_shocks(block, path) for path in names], matrix[np.ix_(walking, walking)])
    return shares, dict(zip(names, shocks, strict=True))


def _correlated(normals: Sequence[Array], matrix: Array) -> list[Array]:
    """Return standard normal numbers with these correlations, made of independent ones."""
    if len(normals) < 2:
        return list(normals)
    root = root_of(matrix)
    # A product of matrices may round a trial differently in a block of another size; this sum never does.
    return [np.add.reduce([weight * one for weight, one in zip(row, normals, strict=True)]) for row in root]


def root_of(matrix: Array) -> Array:
    """Return the symmetric root of a matrix of correlations, which exists for singular ones, too."""
    values, vectors = np.linalg.eigh(matrix)
    return np.asarray(vectors * np.sqrt(np.maximum(values, 0)) @ vectors.T)


# Counts


def lucky(scenario: Scenario, trials: int, first: int = 0) -> dict[str, Array]:
    """Return the uniform numbers of each line that counts, of shape (months, members, 1 + trials).

    Column 0, the base case, is NaN. There are none where the scenario plans with expected counts, or without trials.
    Raises PlanError where they need too much memory.
    """
    if scenario.settings.counts != "drawn" or not trials:
        return {}
    model, block = business(), Block(scenario.seed, scenario.months, trials, first)
    labels = {name: scenario.members.labels(model.lines[name].per) for name in model.counted}
    if sum(map(len, labels.values())) * scenario.months * trials > MOST_CELLS:
        raise PlanError(Phrase("counts of {trials:,} trials need too much memory", trials=trials), "run fewer trials")
    return {name: _luck(block, name, members) for name, members in labels.items()}


def _luck(block: Block, line: str, labels: Sequence[str]) -> Array:
    luck = np.empty((block.months, len(labels), 1 + block.trials))
    luck[:, :, 0] = np.nan
    for place, label in enumerate(labels):
        block.monthly(count_stream(line, label), luck[:, place, 1:])
    return luck


def count_stream(line: str, label: str) -> str:
    """Return the name of the stream for a line that counts, of one member."""
    return f"count/{line}[{label}]" if label else f"count/{line}"
