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
    """Watch the runs that are going on, whoever started them; where there is none, start one."""
    st.subheader(say("Measure this machine"))
    stands = [(job, state) for job in jobs()[:MOST_LISTED] if (state := stand(job))]
    if current := going(stands):
        watch(current, say)
        return
    launcher(say)
    if stands:
        ended(*stands[0], say)


def going(stands: list[tuple[Job, State]]) -> list[Job]:
    """The runs that have not ended, the running one before those that wait for it, which go by their start."""
    current = [(state.status != "running", job.id, job) for job, state in stands if not state.final]
    return [job for *_, job in sorted(current, key=lambda one: one[:2])]


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
def watch(current: list[Job], say: Words) -> None:
    """The runs as they go; the page is drawn anew when one has ended."""
    for job in current:
        state = stand(job)
        if state is None or state.final:
            st.rerun()
        st.progress(min(1.0, max(0.0, state.progress)), text=escape(f"{say(state.status)}: {state.message}"))
        with st.container(horizontal=True, vertical_alignment="center"):
            st.button(say("Cancel the run"), icon=":material/stop:", on_click=job.cancel, key=f"cancel-run:{job.id}")
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
