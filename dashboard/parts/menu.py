"""The menu of the sidebar: opening, saving and sharing scenarios, undo and redo, and the drafts."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import streamlit as st

from dashboard.desk.desk import Desk, problems_of, shipped_files
from dashboard.desk.files import LARGEST_BUNDLE_MEGABYTES, SAFE_NAME, keep, named, own_files, taken
from dashboard.desk.permission import may_write
from dashboard.desk.uploads import opened
from dashboard.desk.versions import LONGEST_NAME
from dashboard.desk.whole import unstopped, whole
from dashboard.parts.business.comparable import listed
from dashboard.parts.choices import select
from dashboard.parts.explaining.refusals import said, why
from dashboard.parts.kept import changes, sharing, versions
from dashboard.parts.kept.drafts import MENUS, SHOWN, close_menu, dialog, drafts, offer
from dashboard.parts.tiles import download, small
from dashboard.parts.words import Words, escape
from simulator.errors import BreakevenError
from simulator.scenario.reading import load

__all__ = ["drafts", "menu", "offer", "problems"]


def menu(desk: Desk, say: Words) -> None:
    """Draw the title of the scenario, undo and redo, and the file menu."""
    st.markdown(f"**{escape(desk.scenario.title)}**")
    with st.container(horizontal=True, gap="small"):
        changes.undo_and_redo(desk, say)
    with st.container(horizontal=True, gap="xsmall"):
        with st.popover(say("Changes")):
            changes.listing(desk, say)
        with st.popover(say("File"), key=f"file:{st.session_state.get(MENUS, 0)}"):
            _choose(desk, say)
            upload(desk, say)
            look = {"icon": ":material/history:", "width": "stretch", "key": "drafts", "disabled": not may_write()}
            st.button(say("Drafts and bin"), on_click=_drafts_opened, **look)
            versions.button(desk, say)
            _save(desk, say)
        sharing.share(desk, say)
    if st.session_state.get(SHOWN):
        dialog(desk, say)
    if st.session_state.get(versions.SHOWN):
        versions.dialog(desk, say)
    # Always drawn, even empty: otherwise its appearance would redraw the levers below, and they would lose focus.
    with st.container():
        _kept(desk, say)


@unstopped
def _drafts_opened() -> None:
    st.session_state[SHOWN] = True
    close_menu()


def _kept(desk: Desk, say: Words) -> None:
    """Say whether the changes are kept as a draft, or refused by the disk."""
    if desk.disk_refusal:
        why = say(
            "Not saved to disk: {why}. Free space in {folder} or download the scenario; the next change tries again.",
            why=desk.disk_refusal,
            folder=str(desk.shelf.folder),
        )
        st.warning(escape(why), icon=":material/save:")
    elif desk.draft.is_changed and may_write():
        count = desk.draft.position
        small(
            say("1 change, kept as a draft")
            if count == 1
            else say("{count} changes, kept as a draft", count=str(count))
        )


def _choose(desk: Desk, say: Words) -> None:
    """Let the reader choose a shipped scenario or one of their own."""
    own = own_files()
    paths = [*shipped_files(), *own]
    st.session_state["choice"] = desk.path if desk.path in own or desk.is_example else None

    @whole
    def chosen() -> None:
        path = st.session_state["choice"]
        if path in paths:
            open_file(desk, path)

    def name(path: Path) -> str:
        return listed(path, say)

    select(say("Scenario"), paths, "choice", name, on_change=chosen, placeholder=say("Choose a scenario"))


def upload(desk: Desk, say: Words) -> None:
    """Let the reader upload a scenario, alone, with its records, or as the file that was downloaded to share."""
    # Another key empties the field: what it showed would be opened again with the next file, refused or not.
    key = f"upload:{st.session_state.get('uploads', 0)}"

    @whole
    def uploaded() -> None:
        sent = [(file.name, file.getvalue()) for file in st.session_state[key]]
        st.session_state["problems"] = ()
        st.session_state["uploads"] = st.session_state.get("uploads", 0) + 1
        try:
            arrived = opened(desk, sent)
        except BreakevenError as error:
            st.session_state["problems"] = problems_of(error)
            st.toast(say("Nothing was opened: the page says why."), icon=":material/error:", duration="long")
        else:
            close_menu()
            st.session_state["arrived"] = desk.draft.id, arrived

    st.file_uploader(
        say("Open a scenario, with its measurements, or a shared file"),
        type=["yaml", "yml", "json", "zip"],
        accept_multiple_files=True,
        key=key,
        on_change=uploaded,
        max_upload_size=LARGEST_BUNDLE_MEGABYTES,
    )


@whole
def open_file(desk: Desk, path: Path) -> None:
    """Open a file, or keep its mistakes to show them."""
    try:
        desk.open(path.name, load(path).text, path.parent)
    except BreakevenError as error:
        st.session_state["problems"] = problems_of(error)


def _save(desk: Desk, say: Words) -> None:
    """Offer to download the scenario, or to save it under a name."""
    scenario, stem = desk.scenario, Path(desk.draft.file).stem
    label = say("Download as YAML")
    download(label, scenario.to_yaml, f"{stem}.yaml", "application/yaml", width="stretch", key="download:yaml")
    if not may_write():
        small(say("This server is read-only: it keeps no scenarios, versions or drafts. Download yours to keep it."))
        return
    key = f"name:{desk.draft.id}"
    name = st.text_input(say("Save as"), value=stem, key=key, max_chars=60)
    version = f"version:{desk.draft.id}"
    st.text_input(say("Name of this version"), key=version, max_chars=LONGEST_NAME)
    agreed = taken(desk, name) and st.checkbox(say("Replace the scenario of this name"), key=f"replace:{name}")

    fields = (lambda: st.session_state[key]), (lambda: st.session_state[version])
    # Above the button: on a phone, what stands below it is outside the menu until one scrolls.
    if outcome := st.session_state.pop("saved", None):
        show, sentence = outcome
        show(sentence)
    save = saving(desk, say, fields, name if agreed else None)
    st.button(say("Save to my scenarios"), icon=":material/save:", width="stretch", key="save", on_click=save)


def saving(
    desk: Desk, say: Words, fields: tuple[Callable[[], str], Callable[[], str]], replaceable: str | None
) -> Callable[[], None]:
    """Return the action that saves the scenario, and keeps what to say about it.

    The fields are the name and the name of the version, read when the action begins.
    """

    @whole
    def saved() -> None:
        name, version = (field() for field in fields)
        st.session_state["saved"] = _saved(desk, say, name, version, replaceable)

    return saved


def _saved(
    desk: Desk, say: Words, name: str, version: str, replaceable: str | None
) -> tuple[Callable[[str], Any], str]:
    """Save the scenario and open its file; an existing one is replaced only if its name is `replaceable`."""
    if not SAFE_NAME.fullmatch(name):
        return st.error, escape(say("Use only letters, digits, spaces, hyphens and underscores in the name."))
    if taken(desk, name) and name != replaceable:
        text = "You already have a scenario named {name}. Tick the box to replace it, or change the name."
        return st.warning, escape(say(text, name=name))
    try:
        path = keep(named(desk, name), name, version)
        desk.continue_in(path, load(path).text)
    except BreakevenError as error:
        return st.error, why(error, desk.scenario, say)
    return st.success, escape(say("Saved as {path}.", path=str(path)))


def problems(desk: Desk, say: Words) -> None:
    """List the mistakes in the file that could not be opened, with line and what to do."""
    found = st.session_state.get("problems")
    if not found:
        return
    scenario = desk.scenario
    with st.container(border=True):
        one = (
            say("{file} cannot be opened.", file=found[0].file) if found[0].file else say("This file cannot be opened.")
        )
        st.error(f"{escape(one)} {say('What was open before is unchanged.')}")
        columns = {
            say("Line"): [str(problem.line or "–") for problem in found],
            say("What is wrong"): [escape(said(problem.what, scenario, say)) for problem in found],
            say("What to do"): [escape(said(problem.todo, scenario, say)) for problem in found],
        }
        st.table(columns, hide_index=True, alt=say("Mistakes in the file"))
        st.button(say("Close"), on_click=lambda: st.session_state.update(problems=()), key="close-problems")
