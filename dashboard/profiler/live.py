"""A run while it measures: its last values, and their course as small lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from dashboard.parts.tiles import small
from dashboard.parts.words import Words, escape
from profiling.results.figures import GIB
from profiling.runs.jobs import Job

# More points than a tile has pixels would only make the page heavy.
MOST_POINTS = 120
VALUES_TITLES = {
    "tokens_per_second": "Throughput",
    "loss": "Loss",
    "memory_bytes": "Memory",
    "watts": "Power",
    "celsius": "Temperature",
}
# The unit that each is shown in, and how much of what is told makes one of it.
SHOWN_IN = {
    "tokens_per_second": ("token/s", 1.0),
    "loss": ("", 1.0),
    "memory_bytes": ("GiB", GIB),
    "watts": ("W", 1.0),
    "celsius": ("°C", 1.0),
}


def pulse(job: Job, say: Words) -> None:
    """A tile for each value that the run tells, and a word on those that no sensor does."""
    last = job.live()
    if last is None:
        small(say("Nothing is measured yet: the process starts, builds the model and warms up."))
        return
    told = [name for name in VALUES_TITLES if last.get(name) is not None]
    series = job.live_series()
    with st.grid(5, min_column_width=130, gap="small"):
        for name in told:
            unit, size = SHOWN_IN[name]
            st.metric(
                say(VALUES_TITLES[name]) + (f", {unit}" if unit else ""),
                escape(say.number(last[name] / size)),
                border=True,
                height="stretch",
                chart_data=course(series, name, size),
            )
    if silent := [say(VALUES_TITLES[name]) for name in ("watts", "celsius") if name not in told]:
        small(say("No sensor on this device tells: {values}. It stays unknown.", values=", ".join(silent)))


def course(series: Sequence[Mapping[str, Any]], name: str, size: float) -> list[float]:
    """The values so far, oldest first, thinned out to what a tile can show."""
    values = [point[name] / size for point in series if point.get(name) is not None]
    return values[:: -(-len(values) // MOST_POINTS) or 1]
