"""The desk: the draft that a session works on, mirrored to disk and to the address of the page.

A draft belongs to the browser that made it. Session state holds the draft, the refused values, and the draft's state on
disk: `address` is its id in the address of the page, or else `example` the scenario that ships and was opened; `stamp`
is the version that this session last read or wrote, `disk_refusal` the reason why the last write failed. On a read-only
server the draft lives in the session alone.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import streamlit as st

from dashboard.desk.ageing import tidied
from dashboard.desk.cached import begin, projected
from dashboard.desk.drafts import DRAFT_ID, Draft, Shelf, Stamp, Step, Summary, packed, read, unpacked
from dashboard.desk.owner import adopt, drafts_root, folder_of, kept_token, new_token
from dashboard.desk.permission import may_write
from dashboard.desk.whole import wait, whole
from profiling.files import within
from simulator.errors import BreakevenError, Problem, ScenarioError, about
from simulator.scenario.reading import parse
from simulator.scenario.scenario import Scenario

SHIPPED = Path(__file__).parents[2] / "scenarios"
DEFAULT = "catalogue-texts.yaml"
# Between looking whether another tab has written a draft and writing it, no other session may write.
WRITING = threading.Lock()


@dataclass(frozen=True)
class Refusal:
    """A typed value that the scenario cannot take, and the reasons."""

    typed: Any
    problems: tuple[Problem, ...]


@st.cache_resource(max_entries=32, show_spinner=False)
def _opened(text: str, folder: str, file: str) -> Scenario:
    """Return the scenario in a text; scenarios are frozen, so sessions share it."""
    return parse(text, folder=Path(folder), file=file)


@st.cache_resource(max_entries=128, show_spinner=False)
def _edited(text: str, folder: str, file: str, edits: str) -> Scenario:
    """Return the scenario in a text with packed edits, which serve as the key of the cache."""
    return _opened(text, folder, file).with_values(unpacked(edits))


def scenario_at(step: Step, file: str) -> Scenario:
    """Return the scenario after a step."""
    return _edited(step.text, str(step.folder), file, packed(step.edits))


class Desk:
    """The actions of a session on its draft. Only `open` and `continue_in` raise."""

    def __init__(self, shelf: Shelf | None = None) -> None:
        wait()
        # Step by its id → itself and its scenario: a page asks a hundred times, and the cache hashes the text.
        self._known: dict[int, tuple[Step, Scenario]] = {}
        # A browser without cookies gets a token for this session; then, only the address leads back to a draft.
        token = st.session_state.setdefault("owner", kept_token() or new_token())
        self.shelf = shelf or Shelf(folder_of(token))
        if "draft" not in st.session_state:
            self._begin()
        else:
            # Another page of the menu has its own address, and the browser's way back leads to an earlier draft's.
            self._write_address()

    @whole
    def _begin(self) -> None:
        """Begin with the draft in the address, or else with the scenario that ships."""
        if may_write():
            tidied(drafts_root())
            if kept_token():
                adopt(self.shelf.folder)
        asked = st.query_params.get("draft", "")
        stamp = self.shelf.stamp(asked) if DRAFT_ID.fullmatch(asked) else None
        found = self._found(asked)
        example = "" if found else st.query_params.get("example", "")
        st.session_state.example = example if example in {path.stem for path in shipped_files()} else ""
        st.session_state.draft = found or shipped(f"{st.session_state.example or Path(DEFAULT).stem}.yaml")
        st.session_state.address, st.session_state.stamp = asked if found else "", stamp
        st.session_state.disk_refusal = ""
        st.session_state.is_lost = bool(asked) and may_write() and not found
        st.session_state.refused = {}
        st.session_state.revision = 0
        changed = [one for one in self.drafts() if one.is_changed]
        st.session_state.offered = changed[0] if changed and not found else None

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
        return self._after(self.draft.now)

    @property
    def original(self) -> Scenario:
        """The scenario as in its file."""
        return self._after(self.draft.opened)

    def _after(self, step: Step) -> Scenario:
        """Return the scenario after a step of the draft."""
        if id(step) not in self._known:
            self._known[id(step)] = step, scenario_at(step, self.draft.file)
        return self._known[id(step)][1]

    @property
    def has_begun(self) -> bool:
        """Whether the address names a draft or an example, or something was opened in this session."""
        return bool(st.session_state.address or st.session_state.example) or self.revision > 0

    @property
    def path(self) -> Path:
        """The file that was opened."""
        return self.draft.opened.folder / self.draft.file

    @property
    def is_example(self) -> bool:
        """Whether a file that ships was opened; on a read-only server one that was sent may have its name."""
        return self.path in shipped_files() and shipped(self.draft.file).opened.text == self.draft.opened.text

    @whole
    def change(self, path: str, typed: Any, edit: Callable[[Scenario], Scenario]) -> bool:
        """Make one change and return whether it was accepted; a refused value is kept with the reason.

        A change may edit assumptions, make a new text, and move the scenario to the folder of the records it refers to.
        """
        try:
            changed = edit(self.scenario)
            begin(changed)  # beside the base case, which tells whether it can be computed
            projected(changed, 0)
        except BreakevenError as error:
            self.refused[path] = Refusal(typed, problems_of(error))
            return False
        self.refused.pop(path, None)
        step = Step(changed.text, changed.folder, changed.edits, path)
        if step != replace(self.draft.now, name=path):
            self._keep(self.draft.stepped(step))
        return True

    @whole
    def undo(self) -> None:
        """Undo the last step."""
        self._turn(self.draft.undone())

    @whole
    def redo(self) -> None:
        """Redo the last undone step."""
        self._turn(self.draft.redone())

    @whole
    def open(self, file: str, text: str, folder: Path = SHIPPED) -> None:
        """Open another file; raises BreakevenError if it is not a scenario or cannot be computed."""
        projected(_opened(text, str(folder), file), 0)
        self._turn(Draft.of(file, folder, text), save=folder != SHIPPED)

    @whole
    def revert(self) -> None:
        """Take all changes back, as one step that can be undone."""
        self._turn(self.draft.reverted())

    @whole
    def continue_in(self, file: Path, text: str) -> None:
        """Open the file that the scenario was saved to; the draft goes to the bin. Raises as `open` does."""
        saved, stamp = self.draft, st.session_state.stamp
        self.open(file.name, text, file.parent)
        if self.shelf.stamp(saved.id) == stamp:  # otherwise another tab has gone on with it
            self.discard(saved.id)

    def drafts(self) -> list[Summary]:
        """Return the drafts of this browser that hold work, newest first."""
        return self.shelf.listed() if may_write() else []

    @whole
    def take_up(self, draft_id: str) -> None:
        """Continue a draft of this browser; if another tab has it, too, the second to write gets a copy."""
        stamp = self.shelf.stamp(draft_id)
        draft = self.shelf.load(draft_id)
        if draft is None:
            what, todo = "this draft is gone or damaged", "choose another one, or look in the bin"
            st.session_state.problems = (Problem("", 0, what, todo),)
        elif self._stands(draft):
            self._show(draft, draft_id, stamp)

    def discard(self, draft_id: str) -> None:
        """Move a draft of this browser to the bin."""
        self._on_disk(lambda: self.shelf.discard(draft_id))

    def bring_back(self, draft_id: str) -> None:
        """Move a draft out of the bin."""
        self._on_disk(lambda: self.shelf.restore(draft_id))

    @property
    def offered(self) -> Summary | None:
        """The draft to offer: the last one with changes, until the session has changes of its own or declines."""
        return None if self.draft.is_changed or self.draft.can_redo else st.session_state.offered

    @property
    def is_copy(self) -> bool:
        """Whether the draft is a copy, still without changes, of what another browser has at this address."""
        return st.session_state.address not in ("", self.draft.id)

    @property
    def is_lost(self) -> bool:
        """Whether the address named a draft that is no longer there, until another one is shown."""
        return st.session_state.is_lost

    def decline(self) -> None:
        """Offer no draft in this session; the list keeps all of them."""
        st.session_state.offered = None

    def _turn(self, draft: Draft, save: bool = True) -> None:
        """Replace the draft: tables are reset and refusals dropped."""
        if save:
            self._show(draft, st.session_state.address, st.session_state.stamp)
            self._keep(draft)
        else:
            self._show(draft, "", None)

    def _show(self, draft: Draft, address: str, stamp: Stamp | None) -> None:
        """Put a draft on the desk, with its state on disk."""
        st.session_state.refused, st.session_state.problems = {}, ()
        st.session_state.revision += 1
        st.session_state.is_lost = False
        st.session_state.draft, st.session_state.stamp, st.session_state.disk_refusal = draft, stamp, ""
        self._address(address)

    def _address(self, draft_id: str) -> None:
        """Name a draft in the address of the page, or else the example that is open."""
        example = self.path.stem if self.is_example and not draft_id else ""
        st.session_state.address, st.session_state.example = draft_id, example
        self._write_address()

    def _write_address(self) -> None:
        for name, wanted in (("draft", st.session_state.address), ("example", st.session_state.example)):
            if not wanted:
                st.query_params.pop(name, None)
            elif st.query_params.get(name) != wanted:
                st.query_params[name] = wanted

    def _keep(self, draft: Draft) -> None:
        """Replace and save the draft; if another tab has written it meanwhile, continue with a copy."""
        if not may_write():
            st.session_state.draft = draft
            return
        with WRITING:
            there = self.shelf.stamp(draft.id)
            if there and there != st.session_state.stamp:
                draft = draft.copied()
            st.session_state.draft = draft
            self._address(draft.id)
            if self._on_disk(lambda: self.shelf.save(draft)):
                st.session_state.stamp, st.session_state.disk_refusal = self.shelf.stamp(draft.id), ""

    def _on_disk(self, act: Callable[[], None]) -> bool:
        """Act on the disk and return whether that worked; a failure is kept to be shown."""
        try:
            act()
        except OSError as error:
            st.session_state.disk_refusal = error.strerror or str(error)
            return False
        return True

    def _found(self, draft_id: str) -> Draft | None:
        """Return the draft of an address: one's own, or a copy of what another browser has there."""
        if not may_write() or not DRAFT_ID.fullmatch(draft_id):
            return None
        draft = self.shelf.load(draft_id)
        if draft is None:
            elsewhere = [*within(drafts_root(), f"*/{draft_id}.json"), drafts_root() / f"{draft_id}.json"]
            draft = next((found.copied() for path in elsewhere if (found := read(path))), None)
        return draft if draft and self._stands(draft) else None

    def _stands(self, draft: Draft) -> bool:
        """Return whether a draft can be computed; its problems are kept to be shown."""
        try:
            projected(scenario_at(draft.now, draft.file), 0)
        except BreakevenError as error:
            st.session_state.problems = problems_of(error)
            return False
        return True


def problems_of(error: BreakevenError) -> tuple[Problem, ...]:
    """Return the problems of an error; an error other than ScenarioError has one."""
    if isinstance(error, ScenarioError):
        return error.problems
    what = about(error.where, error.what) if error.where else error.what
    return (Problem("", 0, what, error.todo),)


def shipped(file: str) -> Draft:
    """Return a draft of a shipped scenario."""
    path = SHIPPED / file
    return Draft.of(file, SHIPPED, path.read_text(encoding="utf-8"))


def shipped_files() -> list[Path]:
    """Return the shipped scenarios, the default first."""
    return sorted(SHIPPED.glob("*.yaml"), key=lambda path: (path.name != DEFAULT, path.name))
