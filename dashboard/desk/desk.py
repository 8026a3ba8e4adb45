"""The desk: the draft that a session works on, mirrored to disk and to the address of the page.

Session state holds the draft, the refused values, and the draft's state on disk: `written` is the time of the version
that this session last read or wrote, `disk_refusal` the reason why the last write failed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import streamlit as st

from dashboard.desk.cached import projected
from dashboard.desk.drafts import Draft, Shelf, Step, packed, unpacked
from dashboard.desk.whole import wait, whole
from simulator.errors import BreakevenError, Problem, ScenarioError
from simulator.scenario.reading import parse
from simulator.scenario.scenario import Scenario

SHIPPED = Path(__file__).parents[2] / "scenarios"
DEFAULT = "support-copilot.yaml"


@dataclass(frozen=True)
class Refusal:
    """A typed value that the scenario cannot take, and the reason."""

    typed: Any
    why: str


@st.cache_resource(max_entries=32, show_spinner=False)
def _opened(text: str, folder: str, file: str) -> Scenario:
    """Return the scenario in a text; scenarios are frozen, so sessions share it."""
    return parse(text, folder=Path(folder), file=file)


@st.cache_resource(max_entries=128, show_spinner=False)
def _edited(text: str, folder: str, file: str, edits: str) -> Scenario:
    """Return the scenario in a text with packed edits, which serve as the key of the cache."""
    return _opened(text, folder, file).with_values(unpacked(edits))


def _scenario_at(step: Step, file: str) -> Scenario:
    """Return the scenario after a step."""
    return _edited(step.text, str(step.folder), file, packed(step.edits))


class Desk:
    """The actions of a session on its draft. Only `open` and `continue_in` raise."""

    def __init__(self, shelf: Shelf | None = None) -> None:
        wait()
        self.shelf = shelf or Shelf()
        if "draft" not in st.session_state:
            found = self._from_address()
            st.session_state.draft, st.session_state.kept = found or shipped(DEFAULT), found is not None
            st.session_state.written = st.session_state.draft.updated
            st.session_state.disk_refusal = ""
            st.session_state.refused = {}
            st.session_state.revision = 0
        elif st.session_state.get("kept") and "draft" not in st.query_params:
            st.query_params["draft"] = self.draft.id  # another page of the menu has its own address

    @property
    def draft(self) -> Draft:
        """The current draft."""
        return st.session_state.draft

    @property
    def refused(self) -> dict[str, Refusal]:
        """Path of an assumption → the value last refused there."""
        return st.session_state.refused

    @property
    def disk_refusal(self) -> str:
        """Why the last write to disk failed; empty if it succeeded."""
        return st.session_state.disk_refusal

    @property
    def revision(self) -> int:
        """The number of undos and openings so far; part of a table's key, since Streamlit cannot set its state."""
        return st.session_state.revision

    @property
    def scenario(self) -> Scenario:
        """The scenario with all accepted edits."""
        return _scenario_at(self.draft.now, self.draft.file)

    @property
    def original(self) -> Scenario:
        """The scenario as in its file."""
        return _scenario_at(self.draft.opened, self.draft.file)

    @property
    def path(self) -> Path:
        """The file that was opened."""
        return self.draft.opened.folder / self.draft.file

    @whole
    def change(self, path: str, typed: Any, edit: Callable[[Scenario], Scenario]) -> bool:
        """Make one change and return whether it was accepted; a refused value is kept with the reason.

        A change may edit assumptions, make a new text, and move the scenario to the folder of the records it refers to.
        """
        try:
            changed = edit(self.scenario)
            projected(changed, 0)
        except BreakevenError as error:
            self.refused[path] = Refusal(typed, sentence_of(error))
            return False
        self.refused.pop(path, None)
        step = Step(changed.text, changed.folder, changed.edits, path)
        if step != replace(self.draft.now, name=path):
            self._keep(self.draft.stepped(step))
        return True

    def undo(self) -> None:
        """Undo the last step."""
        self._turn(self.draft.undone())

    def redo(self) -> None:
        """Redo the last undone step."""
        self._turn(self.draft.redone())

    def open(self, file: str, text: str, folder: Path = SHIPPED) -> None:
        """Open another file; raises BreakevenError if it is not a scenario or cannot be computed."""
        projected(_opened(text, str(folder), file), 0)
        self._turn(Draft.of(file, folder, text), save=folder != SHIPPED)

    def continue_in(self, file: Path, text: str) -> None:
        """Open the file that the scenario was saved to and drop the draft; raises as `open` does."""
        saved = self.draft
        self.open(file.name, text, file.parent)
        self.decline(saved)

    def restore(self, draft: Draft) -> None:
        """Open a copy of a draft from the shelf, since another tab may still work on the draft."""
        if self._stands(draft):
            self._turn(draft.copied())

    def unsaved_elsewhere(self) -> Draft | None:
        """Return the latest draft with changes if this session has no changes of its own."""
        if self.draft.is_changed or self.draft.can_redo:
            return None
        latest = self.shelf.latest()
        return latest if latest and latest.id != self.draft.id else None

    def decline(self, draft: Draft) -> None:
        """Delete a draft."""
        self._on_disk(lambda: self.shelf.discard(draft.id))

    @whole
    def _turn(self, draft: Draft, save: bool = True) -> None:
        """Replace the draft: tables are reset and refusals dropped."""
        st.session_state.refused = {}
        st.session_state.revision += 1
        if save:
            self._keep(draft)
        else:
            st.session_state.draft, st.session_state.disk_refusal, st.session_state.kept = draft, "", False
            st.query_params.pop("draft", None)

    def _keep(self, draft: Draft) -> None:
        """Replace and save the draft; if another tab has written it meanwhile, continue with a copy."""
        there = self.shelf.load(draft.id)
        if there and there.updated != st.session_state.written:
            draft = draft.copied()
        st.session_state.draft, st.session_state.kept = draft, True
        st.query_params["draft"] = draft.id
        if self._on_disk(lambda: self.shelf.save(draft)):
            st.session_state.written, st.session_state.disk_refusal = draft.updated, ""

    def _on_disk(self, act: Callable[[], None]) -> bool:
        """Act on the disk and return whether that worked; a failure is kept to be shown."""
        try:
            act()
        except OSError as error:
            st.session_state.disk_refusal = error.strerror or str(error)
            return False
        return True

    def _from_address(self) -> Draft | None:
        """Return the draft in the address of the page, if it can be read."""
        draft = self.shelf.load(st.query_params.get("draft", ""))
        return draft if draft and self._stands(draft) else None

    def _stands(self, draft: Draft) -> bool:
        """Return whether a draft can be computed; its problems are kept to be shown."""
        try:
            projected(_scenario_at(draft.now, draft.file), 0)
        except BreakevenError as error:
            st.session_state.problems = problems_of(error)
            return False
        return True


def problems_of(error: BreakevenError) -> tuple[Problem, ...]:
    """Return the problems of an error; an error other than ScenarioError has one."""
    if isinstance(error, ScenarioError):
        return error.problems
    return (Problem("", 0, ": ".join(filter(None, (error.where, error.what))), error.todo),)


def sentence_of(error: BreakevenError) -> str:
    """Return what is wrong and what to do, as text for a page."""
    return " ".join("; ".join(filter(None, (problem.what, problem.todo))) + "." for problem in problems_of(error))


def shipped(file: str) -> Draft:
    """Return a draft of a shipped scenario."""
    path = SHIPPED / file
    return Draft.of(file, SHIPPED, path.read_text(encoding="utf-8"))


def shipped_files() -> list[Path]:
    """Return the shipped scenarios, the default first."""
    return sorted(SHIPPED.glob("*.yaml"), key=lambda path: (path.name != DEFAULT, path.name))
