"""Rank correlations: as a file states them, which contradict each other or do nothing, and the nearest that fit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from profiling.errors import Phrase
from simulator.engine.model import Array
from simulator.errors import BadValue
from simulator.scenario.assumption import Assumption
from simulator.scenario.chances import Correlations, Fixed, correlation_matrix
from simulator.scenario.values import read_number

# Work grows with the cube of their number: at this one, a contradiction takes some seconds to resolve.
MOST_CORRELATED = 100
# A correlation matrix has no negative eigenvalue; the tolerance covers rounding of an exact zero.
NEGATIVE = -1e-9
# Correlations are offered with this many digits, and more of the identity is mixed in until rounded ones fit.
DIGITS, STEP, MOST_STEPS = 2, 0.005, 40
# Steps of the iteration, and the change that ends it.
ITERATIONS, STILL = 500, 1e-10
# Pairs that a message lists.
MOST_LISTED = 6


def read_correlation(entry: Any, assumptions: Mapping[str, Assumption]) -> tuple[str, str, float]:
    """Return the two paths and the rank correlation of an entry of the file; raise BadValue."""
    if not isinstance(entry, list) or len(entry) != 3:
        raise BadValue("an entry is not two names and a number", "write it as `- [one, other, 0.5]`")
    one, other, rank = entry
    for path in (one, other):
        # A correlation with a certain number has no effect. It is allowed so that fixing a value needs no second edit.
        if not isinstance(path, str) or path not in assumptions:
            raise BadValue(
                Phrase("{typed!r} is not an assumption", typed=str(path)[:80]),
                "give its path, such as plans.team.churn",
            )
    if one == other or not -1 <= read_number(rank) <= 1:
        what = Phrase("{rank} is not a rank correlation of two assumptions", rank=str(rank)[:40])
        raise BadValue(what, "give two different names and a number from -1 to 1")
    return str(one), str(other), read_number(rank)


def check_correlations(correlations: Correlations) -> None:
    """Raise BadValue where no distribution can have all of these correlations, with the nearest ones that fit."""
    if (count := len({path for pair in correlations for path in pair[:2]})) > MOST_CORRELATED:
        what = Phrase("the pairs are of {count:,} assumptions", count=count)
        raise BadValue(what, Phrase("correlate at most {most}", most=MOST_CORRELATED))
    if fit(correlations):
        return
    nearest = [f"[{one}, {other}, {rank:g}]" for one, other, rank in nearest_correlations(correlations)]
    more = Phrase(" and {count} more", count=len(nearest) - MOST_LISTED) if len(nearest) > MOST_LISTED else ""
    todo = Phrase(
        "weaken one of them, or take the nearest that fit: {nearest}{more}",
        nearest=", ".join(nearest[:MOST_LISTED]),
        more=more,
    )
    raise BadValue("the pairs contradict each other", todo)


def without_effect(correlations: Correlations, assumptions: Mapping[str, Assumption]) -> Iterator[tuple[str, str, str]]:
    """Yield the path, what is odd and what to do of each pair of a walk and of what is drawn once a trial.

    A walk is drawn anew in each month, so it goes along with other walks alone; where it starts may be a range, and
    that goes along with anything.
    """
    for pair in correlations:
        found = {path: assumptions[path].value for path in pair[:2]}
        walks = [path for path, value in found.items() if value.walk and all(isinstance(p, Fixed) for p in value.parts)]
        other = [path for path, value in found.items() if not value.walk and assumptions[path].is_uncertain]
        if walks and other and pair[2]:
            what = Phrase(
                "its correlation with {other} has no effect, since it walks by month and the other is drawn once",
                other=other[0],
            )
            yield walks[0], what, "correlate it with another walk, or give the number that it walks around a range"


def fit(correlations: Correlations) -> bool:
    """Return whether some distribution has all of these rank correlations; pairs that are not listed have none."""
    _, matrix = correlation_matrix(correlations)
    return not len(matrix) or bool(np.linalg.eigvalsh(matrix).min() >= NEGATIVE)


def nearest_correlations(correlations: Correlations) -> list[tuple[str, str, float]]:
    """Return rank correlations that fit together and are nearest to these, with those that such pairs bring along.

    Nearest is by the sum of squares between the matrices of the normals behind the ranks. Pairs keep their order; a
    pair that was not listed follows where it needs a correlation. All have two digits.
    """
    if fit(correlations):
        return list(correlations)
    paths, matrix = correlation_matrix(correlations)
    near = _nearest(matrix)
    listed = [(one, other) for one, other, _ in correlations]
    known = {frozenset(pair) for pair in listed}
    rest = [(one, other) for at, one in enumerate(paths) for other in paths[at + 1 :]]
    pairs = [*listed, *(pair for pair in rest if frozenset(pair) not in known)]
    found: list[tuple[str, str, float]] = []
    for step in range(MOST_STEPS):
        mixed = (1 - step * STEP) * near + step * STEP * np.eye(len(near))
        ranks = 6 / np.pi * np.arcsin(mixed / 2)
        every = [(*pair, round(float(ranks[paths.index(pair[0]), paths.index(pair[1])]), DIGITS)) for pair in pairs]
        found = [one for one in every if one[2] or one[:2] in listed]
        if fit(found):
            break
    return found


def _nearest(matrix: Array) -> Array:
    """Return the nearest correlation matrix by Frobenius' norm (Higham, 2002): projections in turn, as Dykstra's."""
    found, correction = matrix.copy(), np.zeros_like(matrix)
    for _ in range(ITERATIONS):
        before = found
        values, vectors = np.linalg.eigh(found - correction)
        positive = vectors * np.maximum(values, 0) @ vectors.T
        correction = positive - (found - correction)
        found = positive.copy()
        np.fill_diagonal(found, 1.0)
        if np.abs(found - before).max() < STILL:
            break
    return np.asarray(found)
