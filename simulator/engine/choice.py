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
    if not condition.any():
        return otherwise
    chosen = condition.any(axis=(0, 2))
    if chosen.all():
        return np.where(condition, formula(*values), otherwise)
    found = np.where(_of(condition, chosen), formula(*[_of(one, chosen) for one in values]), _of(otherwise, chosen))
    shape = np.broadcast_shapes(np.shape(otherwise), (found.shape[0], len(chosen), found.shape[2]))
    result = np.array(np.broadcast_to(otherwise, shape), dtype=float)
    result[:, chosen] = found
    return result


def _of(values: Any, chosen: Any) -> Any:
    """Return the values of the chosen members; those that all members share stay as they are."""
    return values[:, chosen] if np.ndim(values) > 2 and values.shape[1] == len(chosen) else values
