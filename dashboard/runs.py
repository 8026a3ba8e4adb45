"""Runs: starting a measurement, watching it, stopping it. A run lives in its folder; this page only reads it."""

from __future__ import annotations

import shutil
from pathlib import Path

import streamlit as st

from dashboard.tiles import small
from dashboard.words import Words, escape
from profiling.errors import ProfilingError
from profiling.jobs import Job, State, jobs, start
from profiling.presets import PRESETS

WATCH_EVERY_SECONDS = 1.0
LOOKS = {
    "done": st.success,
    "failed": st.error,
    "died": st.error,
    "cancelled": st.info,
}
MOST_LISTED = 200


def bench(say: Words) -> None:
    """Watch the run that is going on, whoever started it; where there is none, start one."""
    st.subheader(say("Measure this machine"))
    current = latest()
    state = stand(current) if current else None
    if current is None or state is None:
        launcher(say)
    elif state.final:
        launcher(say)
        ended(current, state, say)
    else:
        watch(current, say)


def launcher(say: Words) -> None:
    """Choose a workload and start it."""
    preset = st.selectbox(
        say("Workload"),
        list(PRESETS),
        format_func=lambda name: say(PRESETS[name].title),
        key="preset",
        persist_state="session",
    )
    chosen = PRESETS[preset]
    st.markdown(escape(f"{say(chosen.description)} {say('It takes {time}.', time=say(chosen.seconds_estimate))}"))
    if shutil.which("nvidia-smi") is None:
        small(
            say(
                "No NVIDIA driver was found on this machine. Unless torch finds another accelerator, the run measures "
                "the CPU, and its record says so wherever it is shown."
            )
        )
    label, icon = say("Start the run"), ":material/play_arrow:"
    st.button(label, icon=icon, on_click=_start, args=(preset,), key="start-run")
    if error := st.session_state.pop("run-error", None):
        st.error(escape(error))


def latest() -> Job | None:
    """The run that was started last."""
    return next(iter(jobs()), None)


def stand(job: Job) -> State | None:
    """Where a run stands, or None, and a sentence, where its folder does not tell."""
    try:
        return job.state()
    except ProfilingError as error:
        st.warning(escape(str(error)))
        return None


def results() -> list[Path]:
    """The records of the finished runs."""
    return [path for job in jobs()[:MOST_LISTED] if (path := job.folder / "record.json").exists()]


def _start(preset: str) -> None:
    try:
        start(preset)
    except ProfilingError as error:
        st.session_state["run-error"] = str(error)


@st.fragment(run_every=WATCH_EVERY_SECONDS)
def watch(job: Job, say: Words) -> None:
    """A run as it goes; the page is drawn anew when it has ended."""
    state = stand(job)
    if state is None or state.final:
        st.rerun()
    st.progress(min(1.0, max(0.0, state.progress)), text=escape(f"{say(state.status)}: {state.message}"))
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(say("Cancel the run"), icon=":material/stop:", on_click=job.cancel, key="cancel-run")
        small(say("Run {name}; it goes on when this page is closed.", name=job.id))


def ended(job: Job, state: State, say: Words) -> None:
    """How the last run ended, and its log where it did not end well."""
    words = {
        "done": say("The last run is done; its record is below."),
        "failed": say("The last run failed: {why}", why=str(state.error or "–")),
        "died": say("The last run ended without a word; its process is gone."),
        "cancelled": say("The last run was cancelled."),
    }
    if state.status in words:
        LOOKS[state.status](escape(words[state.status]))
    if state.status in {"failed", "died"}:
        with st.expander(say("Log")):
            st.code(job.log_tail(40), language=None)
