"""What all topics share: sums over members, and sums over everything that happened before."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

SECONDS_PER_HOUR = 3600
MILLION = 1e6
DAYS_PER_MONTH = 365 / 12


def total(values: Array) -> Array:
    """The sum over all members, as a row of its own."""
    return np.add.reduce(values, axis=0, keepdims=True)


def by_pool(values: Array, pool_of: NDArray[np.intp], pools: int) -> Array:
    """Values by feature summed to the pools that serve them."""
    summed = np.zeros((pools, values.shape[-1]))
    for feature, pool in enumerate(pool_of):
        summed[pool] += values[feature]
    return summed


def aged(past: Array, weight: Array, month: int) -> Array:
    """Everything that happened so far, each month of it at the weight of its age now."""
    weights, first, end = weight[..., month::-1], 0, month + 1
    if past.shape[-2] > weight.shape[-2]:
        told = np.flatnonzero(weights.any(axis=(0, 1)))
        first, end = (told[0], told[-1] + 1) if len(told) else (0, 0)
    return np.asarray(np.einsum("...m,...m->...", past[..., first:end], weights[..., first:end]))


def months_apart(values: Array) -> Array:
    """The same numbers with the month still the last axis, but the slowest in memory, as `aged` likes them."""
    return np.moveaxis(np.ascontiguousarray(np.moveaxis(values, -1, 0)), 0, -1)
