"""The menu of the sidebar: opening and saving scenarios, undo and redo, and the offer of an unsaved draft."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import streamlit as st

from dashboard.desk.desk import SHIPPED, Desk, problems_of, sentence_of, shipped_files
from dashboard.desk.files import LARGEST_UPLOAD_MEGABYTES, SAFE_NAME, bundled, keep, own_folder, references, taken
from dashboard.parts.tiles import download, small
from dashboard.parts.words import Words, escape
from simulator.errors import BreakevenError, Problem, ScenarioError
from simulator.scenario.attach import keep_record
from simulator.scenario.measured import MEASUREMENTS
from simulator.scenario.reading import load


def menu(desk: Desk, say: Words) -> None:
    """Draw the title of the scenario, undo and redo, and the file menu."""
    st.markdown(f"**{escape(desk.scenario.title)}**")
    with st.container(horizontal=True, gap="small"):
        st.button(say("Undo"), on_click=desk.undo, disabled=not desk.draft.can_undo, key="undo")
        st.button(say("Redo"), on_click=desk.redo, disabled=not desk.draft.can_redo, key="redo")
        with st.popover(say("File")):
            _choose(desk, say)
            _open(desk, say)
            _save(desk, say)
    # Always drawn, even empty: otherwise its appearance would redraw the levers below, and they would lose focus.
    with st.container():
        _kept(desk, say)


def _kept(desk: Desk, say: Words) -> None:
    """Say whether the changes are kept as a draft or refused by the disk."""
    if desk.disk_refusal:
        why = say(
            "Not saved to disk: {why}. Free space in {folder} or download the scenario; the next change tries again.",
            why=desk.disk_refusal,
            folder=str(desk.shelf.folder),
        )
        st.warning(escape(why), icon=":material/save:")
    elif desk.draft.is_changed:
        count = desk.draft.position
        small(
            say("1 change, kept as a draft")
            if count == 1
            else say("{count} changes, kept as a draft", count=str(count))
        )


def _choose(desk: Desk, say: Words) -> None:
    """Let the reader choose a shipped scenario or one of their own."""
    paths = [*shipped_files(), *sorted(own_folder().glob("*.yaml"))]
    st.session_state["choice"] = desk.path if desk.path in paths else None

    def chosen() -> None:
        path = st.session_state["choice"]
        if path in paths:
            _opened(desk, path)

    def named(path: Path) -> str:
        name = path.stem.replace("-", " ").capitalize()
        return name if path.parent == SHIPPED else say("{name} (mine)", name=name)

    st.selectbox(
        say("Scenario"), paths, key="choice", on_change=chosen, placeholder=say("Choose a scenario"), format_func=named
    )


def _open(desk: Desk, say: Words) -> None:
    """Let the reader upload a scenario with its records."""

    def uploaded() -> None:
        sent = sorted(st.session_state["upload"], key=lambda file: not file.name.endswith(".json"))
        st.session_state["problems"] = ()
        try:
            # Shipped records come first, so that an uploaded scenario finds them and no upload replaces them.
            for record in SHIPPED.glob(f"{MEASUREMENTS}/*.json"):
                keep_record(record, own_folder())
            for file in sent:
                _take(desk, file.name, file.getvalue())
        except BreakevenError as error:
            st.session_state["problems"] = problems_of(error)

    st.file_uploader(
        say("Open a scenario with its records"),
        type=["yaml", "yml", "json"],
        accept_multiple_files=True,
        key="upload",
        on_change=uploaded,
        max_upload_size=LARGEST_UPLOAD_MEGABYTES,
    )


def _take(desk: Desk, name: str, content: bytes) -> None:
    """Keep an uploaded record, or open an uploaded scenario; raises BreakevenError."""
    if name.endswith(".json"):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / Path(name).name
            path.write_bytes(content)
            keep_record(path, own_folder())
        return
    try:
        desk.open(name, content.decode("utf-8"), own_folder())
    except UnicodeDecodeError:
        raise ScenarioError(Problem(name, 0, "this is not a text file", "choose a scenario in YAML")) from None


def _opened(desk: Desk, path: Path) -> None:
    """Open a file, or keep its mistakes to show them."""
    try:
        desk.open(path.name, load(path).text, path.parent)
        st.session_state["problems"] = ()
    except BreakevenError as error:
        st.session_state["problems"] = problems_of(error)


def _save(desk: Desk, say: Words) -> None:
    """Offer to download the scenario, or to save it under a name."""
    scenario, stem = desk.scenario, Path(desk.draft.file).stem
    # Streamlit makes a download on demand outside any session, so it may read the scenario but not the desk.
    files = [(say("Download as YAML"), scenario.to_yaml, f"{stem}.yaml", "application/yaml")]
    if references(scenario):
        files += [(say("Download with records"), partial(bundled, scenario, stem), f"{stem}.zip", "application/zip")]
    for label, data, file, mime in files:
        download(label, data, file, mime, width="stretch", key=f"download:{mime}")
    key = f"name:{desk.draft.id}"
    name = st.text_input(say("Save as"), value=stem, key=key, max_chars=60)
    agreed = taken(desk, name) and st.checkbox(say("Replace the scenario of this name"), key=f"replace:{name}")

    def saved() -> None:
        st.session_state["saved"] = _saved(desk, say, st.session_state[key], name if agreed else None)

    st.button(say("Save to my scenarios"), icon=":material/save:", width="stretch", key="save", on_click=saved)
    if outcome := st.session_state.pop("saved", None):
        show, sentence = outcome
        show(escape(sentence))


def _saved(desk: Desk, say: Words, name: str, replaceable: str | None) -> tuple[Callable[[str], Any], str]:
    """Save the scenario and open its file; an existing one is replaced only if its name is `replaceable`."""
    if not SAFE_NAME.fullmatch(name):
        return st.error, say("Use only letters, digits, spaces, hyphens and underscores in the name.")
    if taken(desk, name) and name != replaceable:
        return st.warning, say(
            "You already have a scenario named {name}. Tick the box to replace it, or change the name.", name=name
        )
    try:
        path = keep(desk.scenario, name)
        desk.continue_in(path, load(path).text)
    except BreakevenError as error:
        return st.error, sentence_of(error)
    return st.success, say("Saved as {path}.", path=str(path))


def problems(say: Words) -> None:
    """List the mistakes in the file that could not be opened, with line and what to do."""
    found = st.session_state.get("problems")
    if not found:
        return
    with st.container(border=True):
        st.error(say("This file cannot be opened. The page still shows the scenario from before."))
        columns = {
            say("Line"): [str(problem.line or "–") for problem in found],
            say("What is wrong"): [escape(problem.what) for problem in found],
            say("What to do"): [escape(problem.todo) for problem in found],
        }
        st.table(columns, hide_index=True, alt=say("Mistakes in the file"))
        st.button(say("Close"), on_click=lambda: st.session_state.update(problems=()), key="close-problems")


def offer(desk: Desk, say: Words) -> None:
    """Offer to restore or discard the unsaved changes of an earlier session."""
    draft = desk.unsaved_elsewhere()
    if draft is None or draft.updated is None:
        return
    when = say.moment(draft.updated.astimezone())
    with st.container(border=True):
        st.markdown(escape(say("You have unsaved changes to {file} from {when}.", file=draft.file, when=when)))
        with st.container(horizontal=True):
            st.button(say("Restore"), on_click=desk.restore, args=(draft,), key="restore")
            st.button(say("Discard"), on_click=desk.decline, args=(draft,), key="discard")
