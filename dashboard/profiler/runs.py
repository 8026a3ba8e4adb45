"""Profile runs: watching, cancelling, and resuming one that stopped.

A run lives in its folder, which these pages only read; nothing here waits for it.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from dashboard.desk.permission import check_run, may_write
from dashboard.parts.choices import from_list
from dashboard.parts.tiles import small
from dashboard.parts.words import Words, escape
from dashboard.profiler import live
from profiling.errors import ProfilingError
from profiling.runs.jobs import Job, State, jobs, remaining, resume

WATCH_EVERY_SECONDS = 1.0
LOOKS = {"done": st.success, "failed": st.error, "died": st.error, "cancelled": st.info}
MOST_LISTED = 200
LOG_LINES = 40

Stand = tuple[Job, State]


def stands() -> list[Stand]:
    """Return the newest runs with their states."""
    return [(job, state) for job in listed() if (state := stand(job))]


def current(found: Sequence[Stand], say: Words) -> None:
    """Draw the unfinished runs."""
    if going_on := going(found):
        st.subheader(say("Running now"))
        watch(going_on, newest(), say)


def listed() -> list[Job]:
    """Return the newest runs."""
    return jobs()[:MOST_LISTED]


def newest() -> str | None:
    """Return the id of the newest run."""
    return next((job.id for job in listed()), None)


def going(found: Sequence[Stand]) -> list[Job]:
    """Return the unfinished runs: the running one first, then the waiting ones in order of their start."""
    unended = [(state.status != "running", job.id, job) for job, state in found if not state.final]
    return [job for *_, job in sorted(unended, key=lambda one: one[:2])]


def stand(job: Job) -> State | None:
    """Return the state of a run; None, with a warning on the page, if its folder is damaged."""
    try:
        return job.state()
    except ProfilingError as error:
        st.warning(escape(str(error)))
        return None


def results() -> list[Path]:
    """Return the paths of the records of finished runs."""
    return [path for job in listed() if (path := job.folder / "record.json").exists()]


@st.fragment(run_every=WATCH_EVERY_SECONDS)
def watch(going_on: Sequence[Job], last: str | None, say: Words) -> None:
    """Draw the unfinished runs; redraw the page when one ends or another starts elsewhere."""
    if newest() != last:
        st.rerun()
    for job in going_on:
        state = stand(job)
        if state is None or state.final:
            st.rerun()
        with st.container(border=True):
            one(job, state, say)


def one(job: Job, state: State, say: Words) -> None:
    """Draw progress and live values of a run, with a button to cancel it."""
    told = say("Cancelling; this takes a few seconds.") if job.cancel_asked else state.message
    st.progress(min(1.0, max(0.0, state.progress)), text=escape(f"{say(state.status)}: {told}"))
    if state.status == "running":
        live.pulse(job, say)
    with st.container(horizontal=True, vertical_alignment="center"):
        label, off, key = say("Cancel the run"), job.cancel_asked or not may_write(), f"cancel-run:{job.id}"
        st.button(label, icon=":material/stop:", on_click=_cancel, args=(job,), disabled=off, key=key)
        small(say("Run {name} continues when this page is closed.", name=job.id))


def _cancel(job: Job) -> None:
    """Ask the run to end without making the page wait."""
    if not may_write():
        return
    threading.Thread(target=job.cancel, daemon=True).start()


def history(found: Sequence[Stand], say: Words) -> None:
    """Draw how the chosen run ended, by default the last."""
    ended = {job.id: (job, state) for job, state in found if state.final}
    if not ended:
        return
    st.subheader(say("Finished runs"))
    key = f"run:{next(iter(ended))}"  # a run that has just ended becomes the default
    chosen = from_list(say("Run"), list(ended), key, lambda name: f"{name} · {say(ended[name][1].status)}")
    ending(*ended[chosen], say)


def ending(job: Job, state: State, say: Words) -> None:
    """Draw how a run ended, its log if it failed, and a button to resume it."""
    words = {
        "done": say("This run is done. Its record is on the page Measurements."),
        "failed": say("This run failed: {why}", why=str(state.error or "–")),
        "died": say("This run crashed: its process is gone. Finished cases are kept."),
        "cancelled": say("This run was cancelled. Finished cases are kept."),
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
    """Offer to measure the remaining cases, also on a computer that has changed since the start."""
    try:
        left, every = len(remaining(job)), len(job.workload().cases)
    except ProfilingError:
        return  # a damaged folder cannot be resumed
    if not left or not may_write():
        return
    small(say("{count} of {all} cases remain.", count=str(left), all=str(every)))
    with st.container(horizontal=True):
        label, key = say("Resume the run"), f"resume:{job.id}"
        st.button(label, icon=":material/resume:", on_click=_resume, args=(job, False), key=key)
        if refused(job, state):
            label = say("Resume on the changed computer")
            st.button(label, on_click=_resume, args=(job, True), key=f"anyway:{job.id}")


def refused(job: Job, state: State) -> bool:
    """Return whether the last attempt failed before it accepted this computer as the one that the run began on."""
    accepted = [event.get("at", 0.0) for event in job.events() if event["event"] in {"examined", "resumed"}]
    return state.status == "failed" and bool(accepted) and accepted[-1] < state.started


def _resume(job: Job, anyway: bool) -> None:
    try:
        check_run(job.workload())
        resume(job, anyway)
    except ProfilingError as error:
        st.session_state[f"resume-error:{job.id}"] = str(error)
