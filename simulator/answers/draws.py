"""Trials: one stream of random numbers for each uncertain part of each assumption.

A stream is seeded by the scenario's seed and the assumption's path, so adding an assumption does not change the values
of others. Each value is the quantile of a uniform number within the legal range, which truncates a distribution where
its values would make no sense.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

import numpy as np
from scipy.special import ndtr

from simulator.engine.model import Array
from simulator.engine.run import Simulation
from simulator.lines import business
from simulator.scenario.assumption import Assumption
from simulator.scenario.chances import Fixed, legal_shares
from simulator.scenario.correlations import correlation_matrix
from simulator.scenario.numbers import simulation_of
from simulator.scenario.scenario import Scenario


def stream(seed: int, name: str) -> np.random.Generator:
    """Return the random numbers of one name, which do not depend on other streams."""
    digest = hashlib.sha256(name.encode()).digest()
    return np.random.default_rng([seed, int.from_bytes(digest[:8], "big")])


def normals(scenario: Scenario, path: str, part: str, trials: int) -> Array:
    """Return standard normal numbers of shape (trials,) for one part of an assumption, before any correlation."""
    return stream(scenario.seed, f"{path}/{part}" if part else path).standard_normal(trials)


def _correlated(scenario: Scenario, trials: int) -> dict[str, Array]:
    """Return the normal numbers, by path, of the assumptions that are correlated with others."""
    paths, matrix = correlation_matrix(scenario.correlations)
    if not paths:
        return {}
    # The symmetric root exists for singular matrices too, such as those of perfect correlations.
    values, vectors = np.linalg.eigh(matrix)
    root = vectors * np.sqrt(np.maximum(values, 0)) @ vectors.T
    independent = np.stack([normals(scenario, path, "", trials) for path in paths])
    return dict(zip(paths, root @ independent, strict=True))


def values_of(assumption: Assumption, months: int, shares: Mapping[str, Array]) -> Array:
    """Return the assumption by month with each part at its quantile `shares[part]`; shape (months or 1, trials)."""
    value = assumption.value
    parts = []
    trials = len(next(iter(shares.values())))
    bounds = value.bounds(assumption.low, assumption.high)
    for part, name, (low, high) in zip(value.parts, value.names, bounds, strict=True):
        if isinstance(part, Fixed):
            parts.append(np.full(trials, part.central))
            continue
        bottom, top = legal_shares(part, low, high)
        parts.append(np.clip(part.quantile(bottom + shares[name] * (top - bottom)), low, high))
    return assumption.within(value.course.over(np.stack(parts), months))


def draw(scenario: Scenario, trials: int) -> dict[str, Array]:
    """Return every assumption by path, of shape (months or 1, 1 + trials or 1): the base case, then the trials.

    The parts of a correlated assumption, such as the steps of a schedule, move together.
    """
    tied = _correlated(scenario, trials)
    drawn = {}
    for path, assumption in scenario.assumptions.items():
        base = assumption.base(scenario.months)[:, None]
        if assumption.is_uncertain and trials:
            shares = {
                name: np.asarray(ndtr(tied[path] if path in tied else normals(scenario, path, name, trials)))
                for name in assumption.value.names
            }
            base = np.concatenate([base, values_of(assumption, scenario.months, shares)], axis=1)
        drawn[path] = base
    return drawn


def has_ranges(scenario: Scenario) -> bool:
    """Return whether trials draw any assumption of the scenario."""
    return any(one.is_uncertain for one in scenario.assumptions.values())


def trials_of(scenario: Scenario, count: int, first: int = 0) -> Simulation:
    """Return the simulation of the base case in column 0, and of `count` trials from number `first` on."""
    values = {
        path: np.concatenate([one[:, :1], one[:, 1 + first :]], axis=1) if one.shape[1] > 1 else one
        for path, one in draw(scenario, first + count).items()
    }
    luck = {}
    if count and scenario.settings.counts == "drawn":
        for name in business().counted:
            members = scenario.members.count(business().lines[name].per)
            drawn = np.random.default_rng([scenario.seed, first, len(name)])
            luck[name] = drawn.random((scenario.months, members, 1 + count))
            luck[name][:, :, 0] = np.nan
    return simulation_of(scenario, values, luck)
