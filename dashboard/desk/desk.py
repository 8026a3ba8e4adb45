"""The desk: the one draft that a session works on, mirrored to disk and to the address of the page.

Session state holds the draft, what was typed but refused, and how the draft stands on disk: `written` is the
moment of what this session last read or wrote there, `disk_refusal` why the disk did not take the last step.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import streamlit as st

from dashboard.desk.cached import projected
from dashboard.desk.drafts import Draft, Shelf, packed, unpacked
from simulator.errors import BreakevenError, Problem, ScenarioError
from simulator.scenario.reading import parse
from simulator.scenario.scenario import Scenario

SHIPPED = Path(__file__).parents[2] / "scenarios"
DEFAULT = "support-copilot.yaml"


@dataclass(frozen=True)
class Refusal:
    """What was typed and could not stand, and why."""

    typed: Any
    why: str


@st.cache_resource(max_entries=32, show_spinner=False)
def _opened(text: str, folder: str, file: str) -> Scenario:
    """The scenario in a file; read once, because scenarios are frozen."""
    return parse(text, folder=Path(folder), file=file)


@st.cache_resource(max_entries=128, show_spinner=False)
def _edited(text: str, folder: str, file: str, edits: str) -> Scenario:
    """The scenario in a file with a draft's edits, packed so that they can be a key."""
    scenario = _opened(text, folder, file)
    for path, literal in unpacked(edits).items():
        scenario = scenario.with_value(path, literal)
    return scenario


class Desk:
    """What a session may do with its draft. Only `open` and `continue_in` raise."""

    def __init__(self, shelf: Shelf | None = None) -> None:
        self.shelf = shelf or Shelf()
        if "draft" not in st.session_state:
            found = self._from_address()
            st.session_state.draft, st.session_state.kept = found or shipped(DEFAULT), found is not None
            st.session_state.written = st.session_state.draft.updated
            st.session_state.disk_refusal = ""
            st.session_state.refused = {}
            st.session_state.revision = 0
        elif st.session_state.get("kept") and "draft" not in st.query_params:
            st.query_params["draft"] = self.draft.id  # another page of the menu has an address of its own

    @property
    def draft(self) -> Draft:
        """The draft as it stands."""
        return st.session_state.draft

    @property
    def refused(self) -> dict[str, Refusal]:
        """Path of an assumption → what was last typed there in vain."""
        return st.session_state.refused

    @property
    def disk_refusal(self) -> str:
        """Why the disk did not take the last step; empty where it did."""
        return st.session_state.disk_refusal

    @property
    def revision(self) -> int:
        """Counts what happens behind a table's back; part of its key, since its state cannot be set."""
        return st.session_state.revision

    @property
    def scenario(self) -> Scenario:
        """The plan as it stands: the file and the edits that were accepted."""
        draft = self.draft
        return _edited(draft.text, str(draft.folder), draft.file, packed(draft.edits))

    @property
    def original(self) -> Scenario:
        """The plan as the file has it, without any edit."""
        return _opened(self.draft.text, str(self.draft.folder), self.draft.file)

    def change(self, path: str, typed: Any, edit: Callable[[Scenario], Scenario]) -> bool:
        """Make one edit; where it cannot stand, keep what was typed and the reason, and leave the plan alone.

        An edit may also move the plan to another folder, where the records are that it refers to.
        """
        try:
            changed = edit(self.scenario)
            projected(changed, 0)
        except BreakevenError as error:
            self.refused[path] = Refusal(typed, sentence_of(error))
            return False
        self.refused.pop(path, None)
        if changed.edits != self.draft.edits:
            self._keep(replace(self.draft.edited(changed.edits), folder=changed.folder))
        return True

    def undo(self) -> None:
        """Take the last step back."""
        self._turn(self.draft.undone())

    def redo(self) -> None:
        """Take the step again that was taken back."""
        self._turn(self.draft.redone())

    def open(self, file: str, text: str, folder: Path = SHIPPED) -> None:
        """Work on another file; raises BreakevenError where it is not a plan, or one that cannot be computed."""
        projected(_opened(text, str(folder), file), 0)
        self._turn(Draft.of(file, folder, text), save=folder != SHIPPED)

    def continue_in(self, file: Path, text: str) -> None:
        """Go on in the file that the plan was saved to; nothing is left unsaved, so the draft is dropped.

        Raises as `open` does.
        """
        saved = self.draft
        self.open(file.name, text, file.parent)
        self.decline(saved)

    def restore(self, draft: Draft) -> None:
        """Go on with a copy of a draft from the shelf, which another tab may still be working on."""
        if self._stands(draft):
            self._turn(draft.copied())

    def unsaved_elsewhere(self) -> Draft | None:
        """The last draft with changes, to be offered to a session that has none of its own."""
        if self.draft.edits or self.draft.can_redo:
            return None
        latest = self.shelf.latest()
        return latest if latest and latest.id != self.draft.id else None

    def decline(self, draft: Draft) -> None:
        """Forget a draft."""
        self._on_disk(lambda: self.shelf.discard(draft.id))

    def _turn(self, draft: Draft, save: bool = True) -> None:
        """Put another state of affairs on the desk: tables start anew, refusals are forgotten."""
        st.session_state.refused = {}
        st.session_state.revision += 1
        if save:
            self._keep(draft)
        else:
            st.session_state.draft, st.session_state.disk_refusal, st.session_state.kept = draft, "", False
            st.query_params.pop("draft", None)

    def _keep(self, draft: Draft) -> None:
        """Take the draft, then write it; where another tab wrote this one meanwhile, go on with a copy."""
        there = self.shelf.load(draft.id)
        if there and there.updated != st.session_state.written:
            draft = draft.copied()
        st.session_state.draft, st.session_state.kept = draft, True
        st.query_params["draft"] = draft.id
        if self._on_disk(lambda: self.shelf.save(draft)):
            st.session_state.written, st.session_state.disk_refusal = draft.updated, ""

    def _on_disk(self, act: Callable[[], None]) -> bool:
        """Do something on disk; where the disk refuses, keep the reason, to be shown."""
        try:
            act()
        except OSError as error:
            st.session_state.disk_refusal = error.strerror or str(error)
            return False
        return True

    def _from_address(self) -> Draft | None:
        """The draft that the page's address names, where it can still be read."""
        draft = self.shelf.load(st.query_params.get("draft", ""))
        return draft if draft and self._stands(draft) else None

    def _stands(self, draft: Draft) -> bool:
        """Whether a draft can still be computed; where it cannot, its problems are kept, to be shown."""
        try:
            projected(_edited(draft.text, str(draft.folder), draft.file, packed(draft.edits)), 0)
        except BreakevenError as error:
            st.session_state.problems = problems_of(error)
            return False
        return True


def problems_of(error: BreakevenError) -> tuple[Problem, ...]:
    """What is wrong, one problem at a time, whatever kind of error it was."""
    return error.problems if isinstance(error, ScenarioError) else (Problem("", 0, *_halves(str(error))),)


def sentence_of(error: BreakevenError) -> str:
    """What is wrong and what to do, in words for the page."""
    return " ".join("; ".join(filter(None, (problem.what, problem.todo))) + "." for problem in problems_of(error))


def _halves(sentence: str) -> tuple[str, str]:
    """What is wrong and what to do, which an error's sentence parts by a colon or a semicolon."""
    what, _, todo = sentence.replace("; ", ": ", 1).partition(": ")
    return what, todo


def shipped(file: str) -> Draft:
    """A draft of a scenario that comes with the product."""
    path = SHIPPED / file
    return Draft.of(file, SHIPPED, path.read_text(encoding="utf-8"))


def shipped_files() -> list[Path]:
    """The plans that come with the product, the default first."""
    return sorted(SHIPPED.glob("*.yaml"), key=lambda path: (path.name != DEFAULT, path.name))
