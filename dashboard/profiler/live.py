"""Live values of a profile run, with their recent course as small lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from dashboard.parts.tiles import small
from dashboard.parts.words import Words, escape
from profiling.results.figures import GIB
from profiling.runs.jobs import Job

# A tile has about this many pixels; more points would slow the page.
MOST_POINTS = 120
# The title of a value, the unit in which it is shown, and the size of that unit in the one in which it arrives.
VALUES_LABELS = {
    "tokens_per_second": ("Throughput", "token/s", 1.0),
    "loss": ("Loss", "", 1.0),
    "memory_bytes": ("Memory", "GiB", GIB),
    "watts": ("Power", "W", 1.0),
    "celsius": ("Temperature", "°C", 1.0),
}


def pulse(job: Job, say: Words) -> None:
    """Draw a tile for each live value, and name the values that no sensor reports."""
    last = job.live()
    if last is None:
        small(say("No values yet: the process is starting, building the model and warming up."))
        return
    told = [name for name in VALUES_LABELS if last.get(name) is not None]
    series = job.live_series()
    with st.grid(5, min_column_width=130, gap="small"):
        for name in told:
            title, unit, size = VALUES_LABELS[name]
            label, value = say.beside(say(title), unit), escape(say.number(last[name] / size))
            st.metric(label, value, border=True, height="stretch", chart_data=course(series, name, size))
    if silent := say.beside(*(say(VALUES_LABELS[name][0]) for name in ("watts", "celsius") if name not in told)):
        small(say("No sensor on this device reports {values}, so the record leaves them unknown.", values=silent))


def course(series: Sequence[Mapping[str, Any]], name: str, size: float) -> list[float]:
    """Return the values so far, oldest first, thinned to what a tile can show."""
    values = [point[name] / size for point in series if point.get(name) is not None]
    return values[:: -(-len(values) // MOST_POINTS) or 1]
