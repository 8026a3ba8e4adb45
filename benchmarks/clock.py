"""Times of several works, and the scenarios that they are measured on."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from dashboard.desk.desk import DEFAULT
from simulator.answers.projection import Projection, project
from simulator.scenario.reading import load

SCENARIOS = Path(__file__).parents[1] / "scenarios"


@dataclass(frozen=True)
class Taken:
    """What a work took, as the median of some rounds: seconds that pass, and seconds of processors."""

    seconds: float
    cpu: float

    def __str__(self) -> str:
        """Return both in milliseconds."""
        return f"{1000 * self.seconds:6.0f} ms, {1000 * self.cpu:6.0f} ms of CPU"


def taken(rounds: int, *works: Callable[[], object]) -> list[Taken]:
    """Return what each work takes, programs that it starts included.

    The works take turns, so that a slow moment of the computer slows all of them.
    """
    found: list[list[tuple[float, float]]] = [[] for _ in works]
    for _ in range(rounds):
        for work, times in zip(works, found, strict=True):
            before, cpu = time.perf_counter(), _cpu()
            work()
            times.append((time.perf_counter() - before, _cpu() - cpu))
    return [Taken(*map(statistics.median, zip(*times, strict=True))) for times in found]


def _cpu() -> float:
    """Return the seconds of CPU of this process and of the programs that it has started and that have ended."""
    used = os.times()
    return time.process_time() + used.children_user + used.children_system


def parts(title: str, rounds: int, works: Mapping[str, Callable[[], object]]) -> None:
    """Print what each of some works takes, after a first round that warms up."""
    for work in works.values():
        work()
    print(title)
    for name, one in zip(works, taken(rounds, *works.values()), strict=True):
        print(f"  {name:<44} {one}")


# The scenario that the dashboard opens first.
FIRST = SCENARIOS / DEFAULT


def largest() -> tuple[Path, Projection]:
    """Return the file and the base case of the shipped scenario that has the most rows (lines times members)."""
    projections = [(path, project(load(path), 0, evidence=False)) for path in sorted(SCENARIOS.glob("*.yaml"))]
    return max(projections, key=lambda found: len(found[1].series))
