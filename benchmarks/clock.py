"""Times of several works, and the reference that they are compared with."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from simulator.answers.projection import Projection, project
from simulator.scenario.reading import load

SCENARIOS = Path(__file__).parents[1] / "scenarios"


def seconds(rounds: int, *works: Callable[[], object]) -> list[float]:
    """Return the median seconds of each work.

    The works take turns, so that a slow moment of the computer slows all of them.
    """
    taken: list[list[float]] = [[] for _ in works]
    for _ in range(rounds):
        for work, found in zip(works, taken, strict=True):
            before = time.perf_counter()
            work()
            found.append(time.perf_counter() - before)
    return [statistics.median(found) for found in taken]


def reference(rows: int, months: int, trials: int) -> None:
    """Run four NumPy operations per row and month on arrays of `trials` numbers: about the arithmetic of a line."""
    one = np.random.default_rng(0).random(trials) + 0.5
    other, result = one[::-1].copy(), np.empty_like(one)
    for _ in range(rows * months):
        np.multiply(one, other, out=result)
        np.add(result, one, out=result)
        np.divide(result, other, out=result)
        np.maximum(result, one, out=result)


def largest() -> tuple[Path, Projection]:
    """Return the file and the base case of the shipped scenario that has the most rows (lines times members)."""
    projections = [(path, project(load(path), 0, evidence=False)) for path in sorted(SCENARIOS.glob("*.yaml"))]
    return max(projections, key=lambda found: len(found[1].series))
