"""Files: choosing, opening and saving plans, and the offer of changes that an earlier session left."""

from __future__ import annotations

import io
import re
import shutil
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import streamlit as st

from dashboard.desk import SHIPPED, Desk, problems_of, shipped_files
from dashboard.tiles import small
from dashboard.words import Words, escape
from profiling.places import home
from simulator.attach import keep_record
from simulator.errors import BreakevenError, PlanError, Problem, ScenarioError
from simulator.measured import MEASUREMENTS
from simulator.scenario import Scenario

LARGEST_UPLOAD_MEGABYTES = 1
SAFE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 _-]{0,60}")


def menu(desk: Desk, say: Words) -> None:
    """The name of the plan, undo and redo, and a popover with everything about files."""
    st.markdown(f"**{escape(desk.scenario.title)}**")
    with st.container(horizontal=True, gap="small"):
        st.button(say("Undo"), on_click=desk.undo, disabled=not desk.draft.can_undo, key="undo")
        st.button(say("Redo"), on_click=desk.redo, disabled=not desk.draft.can_redo, key="redo")
        with st.popover(say("File")):
            _choose(desk, say)
            _open(desk, say)
            _save(desk, say)
    if desk.draft.edits:
        count = len(desk.draft.edits)
        small(
            say("1 change, kept as a draft.")
            if count == 1
            else say("{count} changes, kept as a draft.", count=str(count))
        )


def _choose(desk: Desk, say: Words) -> None:
    paths = [*shipped_files(), *sorted(own_folder().glob("*.yaml"))]
    here = desk.draft.folder / desk.draft.file
    st.session_state["choice"] = here if here in paths else None

    def chosen() -> None:
        path = st.session_state["choice"]
        if path in paths:
            _opened(desk, path.name, path.read_text(encoding="utf-8"), path.parent)

    def named(path: Path) -> str:
        name = path.stem.replace("-", " ").capitalize()
        return name if path.parent == SHIPPED else say("{name} (mine)", name=name)

    st.selectbox(
        say("Plan"), paths, key="choice", on_change=chosen, placeholder=say("Choose a plan"), format_func=named
    )


def _open(desk: Desk, say: Words) -> None:
    def uploaded() -> None:
        sent = sorted(st.session_state["upload"], key=lambda file: not file.name.endswith(".json"))
        st.session_state["problems"] = ()
        for file in sent:
            try:
                _take(desk, file.name, file.getvalue())
            except BreakevenError as error:
                st.session_state["problems"] = problems_of(error)
                return

    st.file_uploader(
        say("Open a plan, with the records it refers to"),
        type=["yaml", "yml", "json"],
        accept_multiple_files=True,
        key="upload",
        on_change=uploaded,
        max_upload_size=LARGEST_UPLOAD_MEGABYTES,
    )


def _take(desk: Desk, name: str, content: bytes) -> None:
    """Keep a record among the user's own, or put a plan on the desk; raises BreakevenError."""
    if name.endswith(".json"):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "record.json"
            path.write_bytes(content)
            keep_record(path, own_folder())
        return
    # A plan that grew out of a shipped one refers to records that ship.
    for record in SHIPPED.glob(f"{MEASUREMENTS}/*.json"):
        keep_record(record, own_folder())
    try:
        desk.open(name, content.decode("utf-8"), own_folder())
    except UnicodeDecodeError:
        raise ScenarioError(Problem(name, 0, "this is not a text file", "choose a plan in YAML")) from None


def _opened(desk: Desk, file: str, text: str, folder: Path) -> None:
    """Put a file on the desk, or keep the list of what is wrong with it."""
    try:
        desk.open(file, text, folder)
        st.session_state["problems"] = ()
    except BreakevenError as error:
        st.session_state["problems"] = problems_of(error)


def _save(desk: Desk, say: Words) -> None:
    stem = Path(desk.draft.file).stem
    _download(say("Download as YAML"), desk.scenario.to_yaml, f"{stem}.yaml", "application/yaml")
    if references(desk.scenario):
        _download(
            say("Download with its records"), lambda: bundled(desk.scenario, stem), f"{stem}.zip", "application/zip"
        )
    name = st.text_input(say("Save under the name"), value=stem, key=f"name:{desk.draft.id}", max_chars=60)
    if st.button(say("Save to my plans"), icon=":material/save:", width="stretch", key="save"):
        if not SAFE_NAME.fullmatch(name):
            st.error(say("Use letters, digits, spaces, hyphens and underscores for the name."))
        else:
            try:
                path = keep(desk.scenario, name)
                st.success(escape(say("Saved as {path}.", path=str(path))))
            except (OSError, PlanError) as error:
                st.error(escape(str(error)))


def _download(label: str, data: Callable[[], str | bytes], file_name: str, mime: str) -> None:
    st.download_button(
        label,
        data=data,
        file_name=file_name,
        mime=mime,
        icon=":material/download:",
        width="stretch",
        on_click="ignore",
        key=f"download:{mime}",
    )


def references(scenario: Scenario) -> list[str]:
    """The records that a plan refers to, as paths from its folder."""
    return sorted({one.literal["measured"] for one in scenario.assumptions.values() if one.measured})


def bundled(scenario: Scenario, stem: str) -> bytes:
    """A plan with its records as a zip file, for somebody who has neither."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as bundle:
        bundle.writestr(f"{stem}.yaml", scenario.to_yaml())
        for reference in references(scenario):
            bundle.write(scenario.folder / reference, reference)
    return content.getvalue()


def keep(scenario: Scenario, name: str) -> Path:
    """Save a plan into the user's own folder, with the records that it refers to."""
    folder = own_folder()
    folder.mkdir(parents=True, exist_ok=True)
    for reference in references(scenario):
        (folder / reference).parent.mkdir(parents=True, exist_ok=True)
        if not (folder / reference).exists():
            shutil.copyfile(scenario.folder / reference, folder / reference)
    scenario.save(folder / f"{name}.yaml")
    return folder / f"{name}.yaml"


def own_folder() -> Path:
    """Where a user's own plans are saved."""
    return home() / "scenarios"


def problems(say: Words) -> None:
    """What is wrong with the file that was to be opened, each with its line and what to do."""
    found = st.session_state.get("problems")
    if not found:
        return
    with st.container(border=True):
        st.error(say("This file cannot be opened yet; the plan on the page is the one from before."))
        st.table(
            {
                say("Line"): [str(problem.line or "–") for problem in found],
                say("What is wrong"): [escape(problem.what) for problem in found],
                say("What to do"): [escape(problem.todo) for problem in found],
            },
            hide_index=True,
            alt=say("Mistakes in the file"),
        )
        st.button(say("Close"), on_click=lambda: st.session_state.update(problems=()), key="close-problems")


def offer(desk: Desk, say: Words) -> None:
    """Changes that an earlier session left: take them up, or let them go."""
    draft = desk.unsaved_elsewhere()
    if draft is None or draft.updated is None:
        return
    when = say.moment(draft.updated.astimezone())
    with st.container(border=True):
        st.markdown(escape(say("You have unsaved changes to {file} from {when}.", file=draft.file, when=when)))
        with st.container(horizontal=True):
            st.button(say("Restore"), on_click=desk.restore, args=(draft,), key="restore")
            st.button(say("Discard"), on_click=desk.decline, args=(draft,), key="discard")
