"""Formulas for some members only: a choice that costs nothing for the members it does not concern."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

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
    found = np.where(_of(condition, chosen), formula(*[_of(one, chosen) for one in values]), _of(otherwise, chosen))
    kept = np.shape(otherwise) if np.ndim(otherwise) > 2 else (1, 1, 1)
    result = np.empty((max(found.shape[0], kept[0]), len(chosen), max(found.shape[2], kept[2])))
    result[...] = otherwise
    result[:, chosen] = found
    return result


def _of(values: Any, chosen: Any) -> Any:
    """Return the values of the chosen members; those that all members share stay as they are."""
    each = isinstance(values, np.ndarray) and values.ndim > 2 and values.shape[1] == len(chosen)
    return values[:, chosen] if each else values
