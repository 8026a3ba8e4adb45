"""Runs: watching those that go on, ending one, and going on with one that stopped.

A run lives in its folder, which these pages only read; nothing here waits for it.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from dashboard.parts.tiles import small
from dashboard.parts.words import Words, escape
from dashboard.profiler import live
from profiling.errors import ProfilingError
from profiling.runs.jobs import Job, State, jobs, remaining, resume

WATCH_EVERY_SECONDS = 1.0
LOOKS = {
    "done": st.success,
    "failed": st.error,
    "died": st.error,
    "cancelled": st.info,
}
MOST_LISTED = 200
LOG_LINES = 40

Stand = tuple[Job, State]


def stands() -> list[Stand]:
    """The newest runs, whoever started them, and where each stands."""
    return [(job, state) for job in listed() if (state := stand(job))]


def current(found: Sequence[Stand], say: Words) -> None:
    """The runs that are going on."""
    if going_on := going(found):
        st.subheader(say("Going on now"))
        watch(going_on, newest(), say)


def listed() -> list[Job]:
    """The newest runs."""
    return jobs()[:MOST_LISTED]


def newest() -> str | None:
    """The id of the run that was started last."""
    return next((job.id for job in listed()), None)


def going(found: Sequence[Stand]) -> list[Job]:
    """The runs that have not ended, the running one before those that wait for it, which go by their start."""
    unended = [(state.status != "running", job.id, job) for job, state in found if not state.final]
    return [job for *_, job in sorted(unended, key=lambda one: one[:2])]


def stand(job: Job) -> State | None:
    """Where a run stands, or None, and a sentence, where its folder does not tell."""
    try:
        return job.state()
    except ProfilingError as error:
        st.warning(escape(str(error)))
        return None


def results() -> list[Path]:
    """The records of the finished runs."""
    return [path for job in listed() if (path := job.folder / "record.json").exists()]


@st.fragment(run_every=WATCH_EVERY_SECONDS)
def watch(going_on: Sequence[Job], last: str | None, say: Words) -> None:
    """The runs as they go; the page is drawn anew when one has ended, or another was started elsewhere."""
    if newest() != last:
        st.rerun()
    for job in going_on:
        state = stand(job)
        if state is None or state.final:
            st.rerun()
        with st.container(border=True):
            one(job, state, say)


def one(job: Job, state: State, say: Words) -> None:
    """A run that goes on: how far it is, its last values, and the way to end it."""
    told = say("It is being cancelled; this takes a few seconds.") if job.cancel_asked else state.message
    st.progress(min(1.0, max(0.0, state.progress)), text=escape(f"{say(state.status)}: {told}"))
    if state.status == "running":
        live.pulse(job, say)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            say("Cancel the run"),
            icon=":material/stop:",
            on_click=_cancel,
            args=(job,),
            disabled=job.cancel_asked,
            key=f"cancel-run:{job.id}",
        )
        small(say("Run {name}; it goes on when this page is closed.", name=job.id))


def _cancel(job: Job) -> None:
    """Ask the run to end. It may take its time, which the page does not wait for."""
    threading.Thread(target=job.cancel, daemon=True).start()


def history(found: Sequence[Stand], say: Words) -> None:
    """How the last run ended, and, chosen among the older ones, how another did."""
    ended = {job.id: (job, state) for job, state in found if state.final}
    if not ended:
        return
    st.subheader(say("Runs that ended"))
    chosen = st.selectbox(
        say("Run"),
        list(ended),
        format_func=lambda name: f"{name} · {say(ended[name][1].status)}",
        key=f"run:{next(iter(ended))}",  # a run that has just ended is the one to look at
        persist_state="session",
    )
    ending(*ended[chosen], say)


def ending(job: Job, state: State, say: Words) -> None:
    """How a run ended, its log where it did not end well, and the way to go on with it."""
    words = {
        "done": say("This run is done; its record is on the page Measurements."),
        "failed": say("This run failed: {why}", why=str(state.error or "–")),
        "died": say("This run ended without a word; its process is gone. What had finished is kept."),
        "cancelled": say("This run was cancelled. What had finished is kept."),
    }
    LOOKS[state.status](escape(words[state.status]))
    if why := job.damage():
        st.warning(escape(why))
    if state.status in {"failed", "died"}:
        with st.expander(say("Log")):
            st.code(job.log_tail(LOG_LINES) or "–", language=None)
    _offer(job, state, say)
    if why := st.session_state.pop(f"resume-error:{job.id}", None):
        st.error(escape(why))


def _offer(job: Job, state: State, say: Words) -> None:
    """A button to measure what is left, and one that leaves aside that the machine has changed."""
    left = _left(job)
    if not left:
        return
    small(say("{count} of its {all} cases are not measured yet.", count=str(left), all=str(_all(job))))
    with st.container(horizontal=True):
        st.button(
            say("Resume the run"), icon=":material/resume:", on_click=_resume, args=(job, False), key=f"resume:{job.id}"
        )
        if "--anyway" in (state.error or ""):
            label = say("Resume although the machine has changed")
            st.button(label, on_click=_resume, args=(job, True), key=f"anyway:{job.id}")


def _left(job: Job) -> int:
    """How many cases are left to measure; none where the folder does not tell."""
    try:
        return len(remaining(job))
    except ProfilingError:
        return 0


def _all(job: Job) -> int:
    return len(job.workload().cases)


def _resume(job: Job, anyway: bool) -> None:
    try:
        resume(job, anyway)
    except ProfilingError as error:
        st.session_state[f"resume-error:{job.id}"] = str(error)
