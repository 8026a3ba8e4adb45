"""Walks: values that move month by month around their plan, such as the rent of devices or the market's demand.

The value of month m is the plan's value times X(m), with X(0) = 1 and log X(m) = kept × log X(m-1) + volatility × z(m),
where z(m) is a standard normal number of its own for each month. With a half-life, `kept` is below 1 and the value
returns to its plan: half of a shock is left after that many months. Without one it is 1, and a shock stays for good (a
geometric random walk).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import ndtri

from simulator.engine.model import Array
from simulator.errors import BadValue

WALK = "walk"
VOLATILITY = "monthly_volatility"
HALF_LIFE = "half_life"
EXAMPLE = "write {walk: 1, monthly_volatility: 6%, half_life: 24}, or leave out half_life"
# A price that doubles or halves in a usual month; a wilder one would be no plan.
LARGEST_VOLATILITY = 1.0
SHORTEST_HALF_LIFE, LONGEST_HALF_LIFE = 0.1, 1_200.0


@dataclass(frozen=True)
class Walk:
    """How far a value moves in a month, as the deviation of its logarithm, and the half-life of a shock in months."""

    volatility: float
    half_life: float | None = None

    @property
    def kept(self) -> float:
        """Part of a deviation from the plan that is left after a month, in logarithms."""
        return 1.0 if self.half_life is None else 0.5 ** (1 / self.half_life)

    def factors(self, shocks: Array) -> Array:
        """Return X by month for standard normal shocks of the same shape (months, trials); the first are not used."""
        logs = np.zeros_like(shocks)
        for month in range(1, len(shocks)):
            logs[month] = self.kept * logs[month - 1] + self.volatility * shocks[month]
        return np.asarray(np.exp(logs))

    def quantile(self, share: float, months: int) -> Array:
        """Return the value of X that this share of all trials is at or below, by month; shape (months, 1)."""
        variance = self.volatility**2 * np.cumsum(self.kept ** (2 * np.arange(months)))
        deviations = np.sqrt(np.concatenate([[0.0], variance[:-1]]))
        return np.asarray(np.exp(deviations * ndtri(share)))[:, None]


def is_walk(literal: Any) -> bool:
    """Return whether a literal of the file is a walk."""
    return isinstance(literal, Mapping) and WALK in literal


def read_walk(literal: Mapping[str, Any], number: Callable[[Any], float]) -> Walk:
    """Return the walk that a literal describes, apart from the value that it moves; raises BadValue."""
    if not {WALK, VOLATILITY} <= set(literal) <= {WALK, VOLATILITY, HALF_LIFE}:
        raise BadValue("the walk is incomplete, or says more than a walk does", EXAMPLE)
    if is_walk(literal[WALK]):
        raise BadValue("a walk moves another walk", "keep one of the two")
    volatility = number(literal[VOLATILITY])
    if not 0 < volatility <= LARGEST_VOLATILITY:
        todo = f"give one above 0% and at most {LARGEST_VOLATILITY:.0%}, or write the value without a walk"
        raise BadValue(f"the monthly volatility is {volatility:.4g}", todo)
    half_life = number(literal[HALF_LIFE]) if HALF_LIFE in literal else None
    if half_life is not None and not SHORTEST_HALF_LIFE <= half_life <= LONGEST_HALF_LIFE:
        todo = f"give {SHORTEST_HALF_LIFE:g} to {LONGEST_HALF_LIFE:,.0f} months, or leave it out"
        raise BadValue(f"the half-life is {half_life:g} months", todo)
    return Walk(volatility, half_life)
