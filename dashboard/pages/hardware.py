"""Hardware: running profile runs, what to measure next, a form to start a run, and finished runs."""

from __future__ import annotations

from dashboard.parts.words import Words
from dashboard.profiler import launcher, runs, what_to_measure
from simulator.answers.projection import Projection


def page(projection: Projection, say: Words) -> None:
    """Draw unfinished runs, what to measure next, the form to start a run, and finished runs."""
    found = runs.stands()
    runs.current(found, say)
    what_to_measure.panel(projection.scenario, say)
    launcher.panel(say)
    runs.history(found, say)
