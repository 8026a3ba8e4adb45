"""Hardware: what is worth measuring, the runs that go on, and the way to start one."""

from __future__ import annotations

from dashboard.parts.words import Words
from dashboard.profiler import launcher, runs, what_to_measure
from simulator.answers.projection import Projection


def page(projection: Projection, say: Words) -> None:
    """What is being measured, what would be worth it, a workload to choose, and what became of earlier runs."""
    found = runs.stands()
    runs.current(found, say)
    what_to_measure.panel(projection.scenario, say)
    launcher.panel(say)
    runs.history(found, say)
