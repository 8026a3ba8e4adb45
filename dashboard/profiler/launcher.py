"""Starting a profile run: the workload, its fields, a sweep over some of them, and the estimate."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from typing import Any

import streamlit as st

from dashboard.desk.permission import check_reach, check_run, may_write
from dashboard.desk.whole import whole
from dashboard.parts.choices import choose, from_list, several_from_list
from dashboard.parts.explaining.refusals import of_run
from dashboard.parts.tiles import small
from dashboard.parts.words import Words, escape
from dashboard.profiler import foresight, runs
from profiling.checks import parse_json
from profiling.errors import Phrase, ProfilingError, WorkloadError
from profiling.methods import METHODS
from profiling.runs.jobs import Job, start
from profiling.runs.processes import busy_cores
from profiling.workload import sweep
from profiling.workload.kinds import KINDS
from profiling.workload.presets import PRESETS
from profiling.workload.sweep import Axis
from profiling.workload.workload import WORDS, Workload

OWN = "own"
LARGEST_UPLOAD_MEGABYTES = 1
# The page looks this often at what the processor does, and warns from this many cores in use by others.
LOOK_EVERY_SECONDS = 3.0
BUSY_CORES = 0.5
CHOICES = {**WORDS, "method": tuple(METHODS)}


def panel(say: Words) -> Job | None:
    """Let the reader choose a workload, change it, see the estimate, and start the run.

    Return the run that is drawn in the place of the button, if there is one.
    """
    st.header(say("Measure this computer"))
    base = chosen(say)
    _upload(say)
    try:
        with st.expander(say("Change fields or sweep over values"), key="change-fields"):
            workload = adjusted(base, say)
    except ProfilingError as error:
        st.error(of_run(error, say))
        return None
    foresight.show(workload, say)
    # Whoever starts a run learns before the start that it may measure the CPU.
    if shutil.which("nvidia-smi") is None:
        text = say(
            "No NVIDIA driver was found. Unless torch finds another accelerator, the run measures the CPU, and its "
            "record is marked as such."
        )
        small(text)
    if (job := going_on(workload)) is None:
        button(workload, say)
    else:
        runs.watch([job], runs.newest(), say)
    return job


def button(workload: Workload, say: Words) -> None:
    """Draw the button that starts the run."""
    crowd(say)
    label, icon = say("Start the run"), ":material/play_arrow:"
    st.button(label, icon=icon, on_click=_start, args=(workload,), disabled=not may_write(), key="start-run")
    if not may_write():
        small(say("This server is read-only: start the run on a server of your own."))
    if error := st.session_state.pop("run-error", None):
        st.error(of_run(error, say))


def going_on(workload: Workload) -> Job | None:
    """Return the unfinished run that this session started of this workload; None where there is none."""
    job: Job | None = st.session_state.get("started-run")
    if job is None or st.session_state.get("started-hash") != workload.hash:
        return None
    try:
        return None if job.state().final else job
    except ProfilingError:
        return None


@st.fragment(run_every=LOOK_EVERY_SECONDS)
def crowd(say: Words) -> None:
    """Warn while other programs use the processor, since the run would measure them, too."""
    busy, every = busy_cores()
    if busy > BUSY_CORES:
        st.warning(
            say(
                "This computer is busy: about {busy:number} of its {every:number} processor cores are in use. Close "
                "other programs before the start, or the run measures a slower computer.",
                busy=busy,
                every=every,
            ),
            icon=":material/speed:",
        )


def chosen(say: Words) -> Workload:
    """Return the chosen workload: one that measures what the reader asks, or an uploaded one."""
    label, key = say("What do you want to know?"), "measures"
    kind = st.pills(label, kinds(), format_func=lambda kind: say(KINDS[kind].title), key=key, persist_state="session")
    own: Workload | None = st.session_state.get("own-workload")
    names = [*([OWN] if own else []), *measuring(kind)]
    if st.session_state.get("preset") not in names:
        choose("preset", names[0])
    titles = {name: say(PRESETS[name].title) for name in names if name != OWN}
    if own:
        titles[OWN] = say("{name}, from your file", name=own.name)
    name = from_list(say("Workload"), names, "preset", titles.__getitem__)
    if own and name == OWN:
        return own
    preset = PRESETS[name]
    st.markdown(escape(f"{say(preset.description)} {say('It takes {time}.', time=say(preset.seconds_estimate))}"))
    return preset.workload


def kinds() -> list[str]:
    """Return the kinds of cases in the shipped workloads."""
    known = {case.kind for preset in PRESETS.values() for case in preset.workload.cases}
    return [kind for kind in KINDS if kind in known]


def measuring(kind: str | None) -> list[str]:
    """Return the names of the workloads with a case of that kind, or of all workloads."""
    found = ((name, {case.kind for case in preset.workload.cases}) for name, preset in PRESETS.items())
    return [name for name, kinds in found if kind is None or kind in kinds]


def _upload(say: Words) -> None:
    """Let the reader upload a workload file, which joins the list if it is valid."""
    with st.expander(say("Upload a workload"), key="upload-workload"):
        look = {"type": "json", "max_upload_size": LARGEST_UPLOAD_MEGABYTES, "key": "workload-file"}
        st.file_uploader(say("Workload (JSON)"), on_change=_uploaded, **look)
        small(say("To write one, choose a workload above and edit its file."))
        preset = PRESETS.get(st.session_state.get("preset", ""))
        if preset:
            st.download_button(
                say("Download this workload's file"),
                data=lambda: as_json(preset.workload),
                file_name=f"{preset.name}.json",
                mime="application/json",
                on_click="ignore",
            )
    if error := st.session_state.get("workload-error"):
        st.error(of_run(error, say))


def as_json(workload: Workload) -> str:
    """Return a workload as the text of its file."""
    return json.dumps(workload.to_json(), indent=1) + "\n"


@whole
def _uploaded() -> None:
    """Read the file at once, so that workload or error survive a switch of pages."""
    file = st.session_state["workload-file"]
    st.session_state["workload-error"] = None
    if file is None:
        return
    try:
        st.session_state["own-workload"] = read(file.getvalue(), file.name)
        choose("preset", OWN)
    except WorkloadError as error:
        st.session_state["workload-error"] = error.with_traceback(None)


def read(content: bytes, name: str) -> Workload:
    """Return the workload in a file; raises WorkloadError with the place of a mistake."""
    try:
        plain = parse_json(content)
    except ValueError as error:
        raise WorkloadError(
            Phrase("not a JSON file ({error})", error=error), where=name, todo="take an unedited copy"
        ) from None
    check_reach(plain)
    return Workload.parse(plain, name)


def adjusted(base: Workload, say: Words) -> Workload:
    """Return the workload with changed fields, and with a case for each combination of the sweep's values.

    Raises WorkloadError for an invalid value.
    """
    changed = _fields(base, sweep.fields_to_change(base), say("Fields to change"), "set", say)
    values = {name: _value(base, name, f"set:{base.name}:{name}", say) for name in changed}
    workload = sweep.change(base, *(f"{name}={value}" for name, value in values.items() if value))
    axes = []
    for name in _fields(base, sweep.fields_to_sweep(base), say("Fields to sweep over"), "sweep", say):
        if swept := _values(workload, name, f"sweep:{base.name}:{name}", say):
            axes.append(Axis.parse(f"{name}={swept}"))
    return sweep.expand(workload, axes) if axes else workload


def _fields(base: Workload, names: Sequence[str], label: str, key: str, say: Words) -> list[str]:
    return several_from_list(label, names, f"{key}:{base.name}", placeholder=say("none"))


def _value(workload: Workload, name: str, key: str, say: Words) -> str:
    """Return the typed value of a field; empty if it keeps its value."""
    now = sweep.present(workload, name)
    if name in CHOICES:
        first = CHOICES[name].index(now[0]) if now and now[0] in CHOICES[name] else 0
        return from_list(name, CHOICES[name], key, index=first)
    return st.text_input(name, placeholder=_listed(now) or say("a value"), key=key, persist_state="session").strip()


def _values(workload: Workload, name: str, key: str, say: Words) -> str:
    """Return the typed values of a field, separated by commas; empty if none were typed."""
    now = sweep.present(workload, name)
    if name in CHOICES:
        return ",".join(several_from_list(name, CHOICES[name], key, placeholder=_listed(now)))
    example = say("now {values}; type several as 1, 2, 4", values=_listed(now) or "–")
    return st.text_input(name, placeholder=example, key=key, persist_state="session").strip().strip(",")


def _listed(values: Sequence[Any]) -> str:
    return ", ".join(map(str, values))


@whole
def _start(workload: Workload) -> None:
    """Start the run; a second click on the same button, before the page is drawn again, starts no second one."""
    if going_on(workload) is not None:
        return
    try:
        check_run(workload)
        st.session_state["started-run"] = start(workload)
        st.session_state["started-hash"] = workload.hash
    except ProfilingError as error:
        st.session_state["run-error"] = error.with_traceback(None)
