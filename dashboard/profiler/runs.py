"""Profile runs: watching, cancelling, and resuming one that stopped.

A run lives in its folder, which these pages only read; nothing here waits for it.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Sequence
from datetime import timedelta
from itertools import islice
from pathlib import Path

import streamlit as st
from babel.dates import format_timedelta

from dashboard.desk.permission import check_run, may_write
from dashboard.desk.whole import unstopped, whole
from dashboard.parts.choices import from_list
from dashboard.parts.explaining.refusals import of_run
from dashboard.parts.tiles import small
from dashboard.parts.words import Words, escape
from dashboard.profiler import live
from dashboard.profiler.told import told
from profiling.errors import ProfilingError
from profiling.files import is_file
from profiling.runs.job import EXAMINING
from profiling.runs.jobs import Job, State, jobs, remaining, resume

WATCH_EVERY_SECONDS = 1.0
LOOKS = {"done": st.success, "failed": st.error, "died": st.error, "cancelled": st.info}
MOST_LISTED = 200
LOG_LINES = 40
# A year: a longer time left comes from a damaged file.
LONGEST_SPAN_SECONDS = 366 * 86_400.0

Stand = tuple[Job, State]


def stands(say: Words) -> list[Stand]:
    """Return the newest runs with their states."""
    return [(job, state) for job in listed() if (state := stand(job, say))]


def current(found: Sequence[Stand], say: Words, elsewhere: Job | None) -> None:
    """Draw the unfinished runs, except the one that the page draws elsewhere."""
    if going_on := [job for job in going(found) if job != elsewhere]:
        st.header(say("Running now"))
        watch(going_on, newest(), say)


def own() -> list[Job]:
    """Return all runs, newest first; none on a read-only server, where visitors would see those of its operator."""
    return jobs() if may_write() else []


def listed() -> list[Job]:
    """Return the newest runs."""
    return own()[:MOST_LISTED]


def newest() -> str | None:
    """Return the id of the newest run."""
    return next((job.id for job in listed()), None)


def going(found: Sequence[Stand]) -> list[Job]:
    """Return the unfinished runs: the running one first, then the waiting ones in order of their start."""
    unended = [(state.status != "running", job.id, job) for job, state in found if not state.final]
    return [job for *_, job in sorted(unended, key=lambda one: one[:2])]


def stand(job: Job, say: Words) -> State | None:
    """Return the state of a run; None, with a warning on the page, if its folder is damaged."""
    try:
        return job.state()
    except ProfilingError as error:
        st.warning(of_run(error, say))
        return None


def results() -> list[Path]:
    """Return the paths of the newest records of runs, however many other runs have none."""
    records = (job.folder / "record.json" for job in own())
    return list(islice(filter(is_file, records), MOST_LISTED))


@st.fragment(run_every=WATCH_EVERY_SECONDS)
def watch(going_on: Sequence[Job], last: str | None, say: Words) -> None:
    """Draw the unfinished runs; redraw the page when one ends or another starts elsewhere."""
    if newest() != last:
        st.rerun()
    for job in going_on:
        state = stand(job, say)
        if state is None or state.final:
            st.rerun()
        with st.container(border=True):
            one(job, state, say)


def one(job: Job, state: State, say: Words) -> None:
    """Draw progress and live values of a run, with a button to cancel it."""
    message = say("Cancelling; this takes a few seconds.") if job.cancel_asked else told(state.message, say)
    left = None if job.cancel_asked or state.status != "running" else state.left_seconds
    text = say("{status}: {message}", status=say(state.status), message=message)
    if left is not None:
        text = say(
            "{status}: {message}. About {time} left.", status=say(state.status), message=message, time=span(left, say)
        )
    st.progress(min(1.0, max(0.0, state.progress)), text=escape(text))
    if state.status == "running":
        live.pulse(job, say)
    with st.container(horizontal=True, vertical_alignment="center"):
        label, off, key = say("Cancel the run"), job.cancel_asked or not may_write(), f"cancel-run:{job.id}"
        st.button(label, icon=":material/stop:", on_click=_cancel, args=(job,), disabled=off, key=key)
        small(say("Run {name} continues when this page is closed.", name=job.id))


def span(seconds: float, say: Words) -> str:
    """Format a duration: 40 seconds, 3 minutes, 2 hours."""
    bounded = min(max(1.0, seconds), LONGEST_SPAN_SECONDS)
    return str(format_timedelta(timedelta(seconds=bounded), threshold=2.0, locale=say.locale))


@unstopped
def _cancel(job: Job) -> None:
    """Ask the run to end without making the page wait."""
    if not may_write():
        return

    def ask() -> None:
        with contextlib.suppress(ProfilingError):  # the page goes on showing the run
            job.cancel()

    threading.Thread(target=ask, daemon=True).start()


def history(found: Sequence[Stand], say: Words) -> None:
    """Draw how the chosen run ended, by default the last."""
    ended = {job.id: (job, state) for job, state in found if state.final}
    if not ended:
        return
    st.header(say("Finished runs"))
    key = f"run:{next(iter(ended))}"  # a run that has just ended becomes the default
    chosen = from_list(say("Run"), list(ended), key, lambda name: f"{name} · {say(ended[name][1].status)}")
    ending(*ended[chosen], say)


def ending(job: Job, state: State, say: Words) -> None:
    """Draw how a run ended, its log if it failed, and a button to resume it."""
    words = {
        "done": say("This run is done. Its record is on the page Measurements."),
        "failed": say("This run failed: {why}", why=told(state.error, say) if state.error else "–"),
        "died": say("This run crashed: its process is gone. Finished cases are kept."),
        "cancelled": say("This run was cancelled. Finished cases are kept."),
    }
    LOOKS[state.status](escape(words[state.status]))
    if why := damage(job, say):
        st.warning(why)
    if state.status in {"failed", "died"}:
        with st.expander(say("Log"), key=f"log:{job.id}"):
            st.code(job.log_tail(LOG_LINES) or "–", language=None)
    _offer(job, state, say)
    if why := st.session_state.pop(f"resume-error:{job.id}", None):
        st.error(of_run(why, say))


def damage(job: Job, say: Words) -> str | None:
    """Return a sentence about events that cannot be read, as Markdown; None where all can."""
    try:
        lost = job.damage()
    except ProfilingError as error:
        return of_run(error, say)
    return lost and escape(say.phrase(lost, lambda _, value: value))


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
    """Return whether the last attempt failed before it accepted this computer as the one that the run began on.

    The order of the events tells, since a clock may have been set between them.
    """
    events = job.events()
    accepted = [place for place, event in enumerate(events) if event["event"] in {"examined", "resumed"}]
    begun = [place for place, event in enumerate(events) if event.get("message") == EXAMINING]
    return state.status == "failed" and bool(accepted and begun) and accepted[-1] < begun[-1]


@whole
def _resume(job: Job, anyway: bool) -> None:
    try:
        check_run(job.workload())
        resume(job, anyway)
    except ProfilingError as error:
        st.session_state[f"resume-error:{job.id}"] = error.with_traceback(None)
