"""Hardware: running profile runs, what to measure next, a form to start a run, and finished runs."""

from __future__ import annotations

import streamlit as st

from dashboard.parts.words import Words
from dashboard.profiler import launcher, runs, what_to_measure, worth_finding_out
from simulator.answers.projection import Projection


def page(projection: Projection, say: Words) -> None:
    """Draw unfinished runs, what to measure or find out next, the form to start a run, and finished runs."""
    found = runs.stands(say)
    unfinished = st.container()  # drawn last, without the run that has taken the place of its button
    what_to_measure.panel(projection.scenario, say)
    worth_finding_out.panel(projection.scenario, say)
    shown = launcher.panel(say)
    with unfinished:
        runs.current(found, say, shown)
    runs.history(found, say)
