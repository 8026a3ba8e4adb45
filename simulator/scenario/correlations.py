"""Rank correlations between assumptions, and whether they can all hold at once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from simulator.engine.model import Array
from simulator.scenario.values import BadValue

Correlations = Sequence[tuple[str, str, float]]


def correlation_matrix(correlations: Correlations) -> tuple[list[str], Array]:
    """The paths involved, and the correlations of the normals that give the rank correlations asked for.

    A Gaussian copula with correlation 2 sin(pi r / 6) has Spearman's rank correlation r.
    """
    paths = sorted({path for one, other, _ in correlations for path in (one, other)})
    matrix = np.eye(len(paths))
    for one, other, rank in correlations:
        place = paths.index(one), paths.index(other)
        matrix[place] = matrix[place[::-1]] = 2 * np.sin(np.pi * rank / 6)
    return paths, matrix


def check_correlations(correlations: Correlations) -> None:
    """Raises BadValue where no draws can have all of these correlations at once."""
    _, matrix = correlation_matrix(correlations)
    if len(matrix) and np.linalg.eigvalsh(matrix).min() < -1e-9:
        raise BadValue("they cannot all hold at once", "weaken one of them, or give the third of a triangle")
