"""Before a profile run: its estimated time and memory by case, and the evidence behind the estimates."""

from __future__ import annotations

import json
from typing import Any

import pandas as pd
import streamlit as st

from dashboard.desk.permission import check_reach, may_write
from dashboard.parts.choices import from_list
from dashboard.parts.explaining.refusals import of_run
from dashboard.parts.tiles import small
from dashboard.parts.words import Words
from dashboard.profiler import runs
from dashboard.profiler.told import case_named, told
from profiling.errors import ProfilingError
from profiling.estimates.before import CaseForecast, Forecast, before
from profiling.estimates.fit import Interval
from profiling.files import is_file
from profiling.reference import datasheets
from profiling.results.figures import GIB
from profiling.results.record import Record, operating_point
from profiling.workload.workload import Workload

FITS_TITLES = {True: "Yes", False: "No", None: "Unknown"}


def show(workload: Workload, say: Words) -> None:
    """Draw the time of the run, its memory and whether every case fits; the cases follow in a table."""
    devices = ["", *(sheet.name for sheet in datasheets.rows(datasheets.Device))]
    device = from_list(say("Estimate for"), devices, "estimate-for", lambda name: name or say("this computer"))
    try:
        check_reach(workload.to_json())
        forecast = foreseen((json.dumps(workload.to_json()), device or None, *stamp()))
    except ProfilingError as error:
        st.warning(of_run(error, say))
        return
    tiles(forecast, say)
    if assumed := assumptions(forecast):
        small(" ".join([say("Published figures stand for what was not measured here."), *map(say, assumed)]))
    title = say("1 case") if len(forecast.cases) == 1 else say("{count} cases", count=str(len(forecast.cases)))
    with st.expander(title, expanded=len(forecast.cases) > len(workload.cases), key="foreseen-cases"):
        st.dataframe(table(forecast, say), hide_index=True, alt=say("What each case will take"))


def stamp() -> tuple[Any, ...]:
    """Return what identifies the records behind an estimate, so that new records refresh it."""
    return tuple((str(path), path.stat().st_mtime_ns) for path in runs.results() if is_file(path))


@st.cache_resource(max_entries=64, show_spinner=False)
def foreseen(asked: tuple[Any, ...]) -> Forecast:
    """Return the forecast for a workload and a device; the rest of `asked` is the stamp of the records."""
    workload, device, *_ = asked
    # Whoever looks at a read-only server sees nobody's own runs.
    records: list[Record] | None = None if may_write() else []
    return before(Workload.parse(json.loads(workload), "workload"), records=records, device=device)


def tiles(forecast: Forecast, say: Words) -> None:
    """Draw time, memory and fit as tiles."""
    with st.grid(3, min_column_width=190, gap="small"):
        with st.container(border=True, height="stretch", gap="xsmall"):
            st.metric(say("Time"), _time(forecast, say))
            small(_range(forecast, say))
        with st.container(border=True, height="stretch", gap="xsmall"):
            st.metric(say("Most memory"), _memory(forecast, say))
            small(_evidence(forecast, say))
        with st.container(border=True, height="stretch", gap="xsmall"):
            st.metric(say("Fits in memory"), say(FITS_TITLES[fits(forecast)]))
            small(_misfits(forecast, say))


def assumptions(forecast: Forecast) -> list[str]:
    """Return what the estimates from published figures assume, each sentence once."""
    return [*dict.fromkeys(one for case in forecast.cases if case.answer for one in case.answer.assumptions)]


def fits(forecast: Forecast) -> bool | None:
    """Return whether every case fits: False if one does not, None if one is unknown."""
    known = [case.answer.fits if case.answer else None for case in forecast.cases]
    return False if False in known else None if None in known else True


def _time(forecast: Forecast, say: Words) -> str:
    if forecast.seconds is None:
        return say("{time} or more", time=runs.span(forecast.least_seconds, say))
    return runs.span(forecast.seconds.value, say)


def _range(forecast: Forecast, say: Words) -> str:
    """Return the interval of the time, or what is missing for one."""
    if forecast.seconds is None:
        return say("At least this long; the time of a step is not known for every case.")
    ends = {"low": runs.span(forecast.seconds.low, say), "high": runs.span(forecast.seconds.high, say)}
    return say("{level:share} interval: {low} to {high}.", level=forecast.seconds.level, **ends)


def _memory(forecast: Forecast, say: Words) -> str:
    known = [case.answer.memory_bytes for case in forecast.cases if case.answer and case.answer.memory_bytes]
    return f"{say.number(max(one.value for one in known) / GIB, 2)} GiB" if known else "–"


def _evidence(forecast: Forecast, say: Words) -> str:
    """Return the evidence behind the estimates."""
    known = sorted({case.answer.seconds.evidence for case in forecast.cases if case.answer})
    return say("Evidence: {evidence}.", evidence=say.beside(*map(say, known))) if known else say("Not measured yet.")


def _misfits(forecast: Forecast, say: Words) -> str:
    """Return how many cases are known not to fit, which the run records before it goes on."""
    count = sum(1 for case in forecast.cases if case.answer and case.answer.fits is False)
    if count:
        return say(
            "{count} of {all}; the run records them and goes on.", count=str(count), all=str(len(forecast.cases))
        )
    return say("A case that runs out of memory is recorded, and the run goes on.")


def table(forecast: Forecast, say: Words) -> pd.DataFrame:
    """Return one row a case with its estimates and their basis, or why there is none."""
    return pd.DataFrame([_row(case, say) for case in forecast.cases])


def _row(case: CaseForecast, say: Words) -> dict[str, str]:
    answer = case.answer
    memory = answer.memory_bytes if answer else None
    return {
        say("Case"): case_named(operating_point(case.plan.kind, case.plan.point), say),
        say("Time"): _between(case.seconds, say),
        say("Memory"): "–" if memory is None else f"{say.number(memory.value / GIB, 2)} GiB",
        say("Fits in memory"): say(FITS_TITLES[answer.fits if answer else None]),
        say("Evidence"): say(answer.seconds.evidence) if answer else "–",
        say("Basis"): told(answer.seconds.basis if answer else case.why or "–", say),
    }


def _between(seconds: Interval | None, say: Words) -> str:
    if seconds is None:
        return "–"
    value, low, high = (runs.span(one, say) for one in (seconds.value, seconds.low, seconds.high))
    return say("{value} ({low} to {high})", value=value, low=low, high=high)
