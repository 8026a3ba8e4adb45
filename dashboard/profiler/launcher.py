"""Starting a run: a workload that ships or one's own, its fields, a sweep over some of them, and what it will take."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from typing import Any

import streamlit as st

from dashboard.parts.tiles import small
from dashboard.parts.words import Words, escape
from dashboard.profiler import foresight
from profiling.checks import parse_json
from profiling.errors import ProfilingError, WorkloadError
from profiling.methods import METHODS
from profiling.runs.jobs import start
from profiling.workload import sweep
from profiling.workload.kinds import KINDS
from profiling.workload.presets import PRESETS
from profiling.workload.sweep import Axis
from profiling.workload.workload import WORDS, Workload

OWN = "own"
LARGEST_UPLOAD_MEGABYTES = 1
CHOICES = {**WORDS, "method": tuple(METHODS)}


def panel(say: Words) -> None:
    """Choose a workload, change it, see what it will take, and start it."""
    st.subheader(say("Measure this machine"))
    base = chosen(say)
    _upload(say)
    try:
        with st.expander(say("Change fields, or sweep over them")):
            workload = adjusted(base, say)
    except ProfilingError as error:
        st.error(escape(str(error)))
        return
    foresight.show(workload, say)
    _driver(say)
    label, icon = say("Start the run"), ":material/play_arrow:"
    st.button(label, icon=icon, type="primary", on_click=_start, args=(workload,), key="start-run")
    if error := st.session_state.pop("run-error", None):
        st.error(escape(error))


def chosen(say: Words) -> Workload:
    """The workload to begin with: one of those that measure what is asked for, or the reader's own."""
    kind = st.pills(
        say("What do you want to know?"),
        kinds(),
        format_func=lambda kind: say(KINDS[kind].title),
        key="measures",
        persist_state="session",
    )
    own: Workload | None = st.session_state.get("own-workload")
    names = [*([OWN] if own else []), *measuring(kind)]
    if st.session_state.get("preset") not in names:
        st.session_state["preset"] = names[0]
    name = st.selectbox(
        say("Workload"),
        names,
        format_func=lambda name: (
            say("{name}, from your file", name=own.name) if own and name == OWN else say(PRESETS[name].title)
        ),
        key="preset",
        persist_state="session",
    )
    if own and name == OWN:
        return own
    preset = PRESETS[name]
    st.markdown(escape(f"{say(preset.description)} {say('It takes {time}.', time=say(preset.seconds_estimate))}"))
    return preset.workload


def kinds() -> list[str]:
    """The kinds of cases that the workloads that ship have."""
    known = {case.kind for preset in PRESETS.values() for case in preset.workload.cases}
    return [kind for kind in KINDS if kind in known]


def measuring(kind: str | None) -> list[str]:
    """The names of the workloads that have a case of that kind, or of all."""
    return [
        name
        for name, preset in PRESETS.items()
        if kind is None or any(case.kind == kind for case in preset.workload.cases)
    ]


def _upload(say: Words) -> None:
    """A file of the reader's own, which joins the list once it can be run."""
    with st.expander(say("A workload file of your own")):
        st.file_uploader(
            say("Workload, a JSON file"),
            type="json",
            max_upload_size=LARGEST_UPLOAD_MEGABYTES,
            on_change=_uploaded,
            key="workload-file",
        )
        small(say("To begin with one, choose a workload above and take its file as a pattern."))
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
        st.error(escape(error))


def as_json(workload: Workload) -> str:
    """A workload as the file that it may be read from."""
    return json.dumps(workload.to_json(), indent=1) + "\n"


def _uploaded() -> None:
    """Read the file at once: what it held stays when the page is left, and so does what is wrong with it."""
    file = st.session_state["workload-file"]
    st.session_state["workload-error"] = ""
    if file is None:
        return
    try:
        st.session_state["own-workload"] = read(file.getvalue(), file.name)
        st.session_state["preset"] = OWN
    except WorkloadError as error:
        st.session_state["workload-error"] = str(error)


def read(content: bytes, name: str) -> Workload:
    """The workload in a file; raises WorkloadError with the place of what does not fit."""
    try:
        plain = parse_json(content)
    except ValueError as error:
        raise WorkloadError(f"{name}: not a JSON file ({error}); take an unedited copy") from None
    return Workload.parse(plain, name)


def adjusted(base: Workload, say: Words) -> Workload:
    """The workload with the fields that were changed, and a case at each combination of the sweep's values.

    Raises WorkloadError for what does not fit.
    """
    changed = _fields(base, sweep.fields_to_change(base), say("Fields to change"), "set", say)
    workload = base
    for name in changed:
        if value := _value(workload, name, f"set:{base.name}:{name}", say):
            workload = sweep.change(workload, f"{name}={value}")
    axes = []
    for name in _fields(base, sweep.fields_to_sweep(base), say("Fields to sweep over"), "sweep", say):
        if values := _values(workload, name, f"sweep:{base.name}:{name}", say):
            axes.append(Axis.parse(f"{name}={values}"))
    return sweep.expand(workload, axes) if axes else workload


def _fields(base: Workload, names: Sequence[str], label: str, key: str, say: Words) -> list[str]:
    return st.multiselect(
        label, names, key=f"{key}:{base.name}", placeholder=say("as the workload has them"), persist_state="session"
    )


def _value(workload: Workload, name: str, key: str, say: Words) -> str:
    """One value of a field; empty where it stays as it is."""
    now = sweep.present(workload, name)
    if name in CHOICES:
        return st.selectbox(name, CHOICES[name], index=_place(CHOICES[name], now), key=key, persist_state="session")
    return st.text_input(name, placeholder=_listed(now) or say("a value"), key=key, persist_state="session").strip()


def _values(workload: Workload, name: str, key: str, say: Words) -> str:
    """The values of a field, parted by commas; empty where none was given."""
    now = sweep.present(workload, name)
    if name in CHOICES:
        return ",".join(st.multiselect(name, CHOICES[name], key=key, placeholder=_listed(now), persist_state="session"))
    example = say("now {values}; several as 1, 2, 4", values=_listed(now) or "–")
    return st.text_input(name, placeholder=example, key=key, persist_state="session").strip().strip(",")


def _place(known: Sequence[str], now: Sequence[Any]) -> int:
    return known.index(now[0]) if now and now[0] in known else 0


def _listed(values: Sequence[Any]) -> str:
    return ", ".join(map(str, values))


def _driver(say: Words) -> None:
    """Who starts a run is told beforehand that it may measure the CPU."""
    if shutil.which("nvidia-smi") is None:
        small(
            say(
                "No NVIDIA driver was found on this machine. Unless torch finds another accelerator, the run measures "
                "the CPU, and its record says so wherever it is shown."
            )
        )


def _start(workload: Workload) -> None:
    try:
        start(workload)
    except ProfilingError as error:
        st.session_state["run-error"] = str(error)
