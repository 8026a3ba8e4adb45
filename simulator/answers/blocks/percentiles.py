"""Percentiles of trials that are side by side: exact, and of all rows of a line at once."""

from __future__ import annotations

import numpy as np

from simulator.engine.model import Array

PERCENTILES = (5, 50, 95)
# Up to this number of trials, sorting all of them is faster than putting only the percentiles in their place.
FEW_TO_SORT = 4_000


def percentiles_of(trials: Array) -> Array:
    """Return the percentiles along the last axis as the first axis, interpolated as NumPy does.

    Putting all of them in place at once is several times faster than NumPy's search for each of the three.
    """
    if trials.shape[-1] == 1:
        return np.broadcast_to(trials[..., 0], (len(PERCENTILES), *trials.shape[:-1]))
    places = np.array(PERCENTILES) / 100 * (trials.shape[-1] - 1)
    below = np.floor(places).astype(int)
    above = np.minimum(below + 1, trials.shape[-1] - 1)
    few = trials.shape[-1] < FEW_TO_SORT
    ordered = np.sort(trials, axis=-1) if few else np.partition(trials, [*below, *above], axis=-1)
    low, high = ordered[..., below], ordered[..., above]
    return np.moveaxis(low + (high - low) * (places - below), -1, 0)
