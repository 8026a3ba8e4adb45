"""Files: choosing, opening and saving plans, and the offer of changes that an earlier session left."""

from __future__ import annotations

import io
import re
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import streamlit as st

from dashboard.desk.desk import SHIPPED, Desk, problems_of, sentence_of, shipped_files
from dashboard.parts.tiles import small
from dashboard.parts.words import Words, escape
from profiling.errors import RecordError
from profiling.results.record import load as load_record
from profiling.runs.places import home
from simulator.errors import BreakevenError, PlanError, Problem, ScenarioError
from simulator.scenario.attach import keep_record
from simulator.scenario.measured import MEASUREMENTS
from simulator.scenario.reading import load
from simulator.scenario.scenario import Scenario

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
    # Drawn even when it is empty, or the levers below would be drawn anew and lose the focus.
    with st.container():
        _kept(desk, say)


def _kept(desk: Desk, say: Words) -> None:
    """What became of the changes: kept as a draft, or refused by the disk."""
    if desk.disk_refusal:
        why = say(
            "Not saved to disk: {why}. Make room in {folder}, or download the plan; the next change is saved again.",
            why=desk.disk_refusal,
            folder=str(desk.shelf.folder),
        )
        st.warning(escape(why), icon=":material/save:")
    elif desk.draft.edits:
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
            _opened(desk, path)

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
        try:
            # A plan that grew out of a shipped one refers to records that ship; none that is sent takes their place.
            for record in SHIPPED.glob(f"{MEASUREMENTS}/*.json"):
                keep_record(record, own_folder())
            for file in sent:
                _take(desk, file.name, file.getvalue())
        except BreakevenError as error:
            st.session_state["problems"] = problems_of(error)

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
    try:
        desk.open(name, content.decode("utf-8"), own_folder())
    except UnicodeDecodeError:
        raise ScenarioError(Problem(name, 0, "this is not a text file", "choose a plan in YAML")) from None


def _opened(desk: Desk, path: Path) -> None:
    """Put a file on the desk, or keep the list of what is wrong with it."""
    try:
        desk.open(path.name, load(path).text, path.parent)
        st.session_state["problems"] = ()
    except BreakevenError as error:
        st.session_state["problems"] = problems_of(error)


def _save(desk: Desk, say: Words) -> None:
    scenario, stem = desk.scenario, Path(desk.draft.file).stem
    # A download is made when it is asked for, outside of any session: it may read the scenario, never the desk.
    _download(say("Download as YAML"), scenario.to_yaml, f"{stem}.yaml", "application/yaml")
    if references(scenario):
        bundle = partial(bundled, scenario, stem)
        _download(say("Download with its records"), bundle, f"{stem}.zip", "application/zip")
    key = f"name:{desk.draft.id}"
    name = st.text_input(say("Save under the name"), value=stem, key=key, max_chars=60)
    agreed = taken(desk, name) and st.checkbox(say("Replace the plan of this name"), key=f"replace:{name}")

    def saved() -> None:
        st.session_state["saved"] = _saved(desk, say, st.session_state[key], name if agreed else None)

    st.button(say("Save to my plans"), icon=":material/save:", width="stretch", key="save", on_click=saved)
    if outcome := st.session_state.pop("saved", None):
        show, sentence = outcome
        show(escape(sentence))


def _saved(desk: Desk, say: Words, name: str, replaceable: str | None) -> tuple[Callable[[str], Any], str]:
    """Save the plan and go on in its file; another plan gives way only where its name is `replaceable`."""
    if not SAFE_NAME.fullmatch(name):
        return st.error, say("Use letters, digits, spaces, hyphens and underscores for the name.")
    if taken(desk, name) and name != replaceable:
        return st.warning, say(
            "You already have a plan named {name}: tick the box to replace it, or change the name.", name=name
        )
    try:
        path = keep(desk.scenario, name)
        desk.continue_in(path, load(path).text)
    except BreakevenError as error:
        return st.error, sentence_of(error)
    return st.success, say("Saved as {path}.", path=str(path))


def taken(desk: Desk, name: str) -> bool:
    """Whether a plan of this name is among the user's own, other than the one on the desk as it was opened."""
    path = own_folder() / f"{name}.yaml"
    if not SAFE_NAME.fullmatch(name) or not path.exists():
        return False
    opened = desk.draft.folder / desk.draft.file
    return path != opened or path.read_text(encoding="utf-8", errors="replace") != desk.draft.text


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
    return sorted({name for one in scenario.assumptions.values() for name in _named(one.literal)})


def _named(literal: Any) -> Iterator[str]:
    """The records in what stands for one assumption, in any month of a schedule."""
    if isinstance(literal, Mapping):
        if "measured" in literal:
            yield literal["measured"]
        for part in literal.values():
            yield from _named(part)


def _renamed(literal: Any, names: Mapping[str, str]) -> Any:
    """What stands for one assumption, its records under other names."""
    if not isinstance(literal, Mapping):
        return literal
    return {key: names[part] if key == "measured" else _renamed(part, names) for key, part in literal.items()}


def carried(scenario: Scenario, folder: Path) -> Scenario:
    """The plan as it stands in another folder, its records copied there under their ids; raises BreakevenError."""
    names = {name: _copied(scenario.folder / name, folder) for name in references(scenario)}
    there = replace(scenario, folder=folder)
    for path, one in scenario.assumptions.items():
        literal = _renamed(one.literal, names)
        if literal != one.literal:
            origin = {"source": one.source, "as_of": one.as_of, "note": one.note}
            there = there.with_value(path, {"value": literal, **{key: text for key, text in origin.items() if text}})
    return there


def _copied(record: Path, folder: Path) -> str:
    """Copy a record below another folder; its path from there. Raises PlanError."""
    keep_record(record, folder)
    try:
        return f"{MEASUREMENTS}/{load_record(record).id}.json"
    except RecordError as error:
        raise PlanError(str(error)) from None


def bundled(scenario: Scenario, stem: str) -> bytes:
    """A plan with its records as a zip file, for somebody who has neither; raises BreakevenError."""
    content = io.BytesIO()
    with tempfile.TemporaryDirectory() as name, zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as bundle:
        folder = Path(name)
        carried(scenario, folder).save(folder / f"{stem}.yaml")
        for path in sorted(folder.rglob("*.*")):
            bundle.write(path, path.relative_to(folder))
    return content.getvalue()


def keep(scenario: Scenario, name: str) -> Path:
    """Save a plan into the user's own folder, with the records that it refers to; raises BreakevenError."""
    folder = own_folder()
    path = folder / f"{name}.yaml"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise PlanError(f"{folder} cannot be made: {error.strerror}; download the plan instead") from None
    carried(scenario, folder).save(path)
    return path


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
