"""Formulas for some members only: a choice that costs nothing for the members it does not concern."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.engine.formula import Symbol


def where(condition: Any, formula: Callable[..., Any], otherwise: Any, *values: Any) -> Any:
    """Return `formula(*values)` where the condition holds, and `otherwise` elsewhere.

    As `np.where`, but the formula is computed only for members of axis 1 for which the condition ever holds. Where it
    holds for none, the result keeps the shape of `otherwise`, often one value for all months and trials.
    """
    if isinstance(condition, Symbol) or np.ndim(condition) < 3:
        return np.where(condition, formula(*values), otherwise)
    # One month of one trial, as in most calls, needs no search.
    chosen = condition[0, :, 0] if condition.size == condition.shape[1] else condition.any(axis=(0, 2))
    count = np.count_nonzero(chosen)
    if not count:
        return otherwise
    if count == len(chosen):
        return np.where(condition, formula(*values), otherwise)
    members = straight(np.flatnonzero(chosen))
    found, holds = formula(*[_of(one, len(chosen), members) for one in values]), condition[:, members]
    if not holds.all():
        found = np.where(holds, found, _of(otherwise, len(chosen), members))
    shapes = [one.shape if np.ndim(one) > 2 else (1, 1, 1) for one in (found, otherwise)]
    result = np.empty((max(one[0] for one in shapes), len(chosen), max(one[2] for one in shapes)))
    result[...] = otherwise
    result[:, members] = found
    return result


def _of(values: Any, count: int, members: Any) -> Any:
    """Return the values of some of `count` members; those that all members share stay as they are."""
    each = isinstance(values, np.ndarray) and values.ndim > 2 and values.shape[1] == count
    return values[:, members] if each else values


def straight(positions: NDArray[np.intp]) -> NDArray[np.intp] | slice:
    """Return consecutive positions as a slice, which avoids a copy."""
    if len(positions) and positions[-1] - positions[0] == len(positions) - 1:
        return slice(int(positions[0]), int(positions[-1]) + 1)
    return positions
