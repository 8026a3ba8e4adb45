"""Rank correlations between assumptions, and the check that they can all hold together."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from simulator.engine.model import Array
from simulator.errors import BadValue

Correlations = Sequence[tuple[str, str, float]]


def correlation_matrix(correlations: Correlations) -> tuple[list[str], Array]:
    """Return the paths involved, and the matrix of correlations of the normals behind the rank correlations.

    A Gaussian copula with correlation 2 sin(pi r / 6) has Spearman's rank correlation r (Pearson, 1907).
    """
    paths = sorted({path for one, other, _ in correlations for path in (one, other)})
    matrix = np.eye(len(paths))
    for one, other, rank in correlations:
        place = paths.index(one), paths.index(other)
        matrix[place] = matrix[place[::-1]] = 2 * np.sin(np.pi * rank / 6)
    return paths, matrix


def check_correlations(correlations: Correlations) -> None:
    """Raise BadValue where no distribution can have all of these correlations."""
    _, matrix = correlation_matrix(correlations)
    # A correlation matrix has no negative eigenvalue; the tolerance covers rounding of an exact zero.
    if len(matrix) and np.linalg.eigvalsh(matrix).min() < -1e-9:
        raise BadValue("the pairs contradict each other", "weaken one of them, or add the missing pair of a triangle")
