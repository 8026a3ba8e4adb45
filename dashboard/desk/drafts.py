"""Drafts: a scenario file with the changes made to it, step by step.

A draft is a frozen value: each edit, undo and redo makes a new one. A shelf keeps the drafts of one browser, each as a
small JSON file in the user's data folder, so that closing the tab or restarting the server loses nothing. What is
discarded goes to a bin below the shelf.
"""

from __future__ import annotations

import json
import os
import re
import secrets
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

from profiling.checks import parse_json
from profiling.files import is_file, moment_of, open_regular, within
from profiling.places import home
from simulator.errors import ScenarioError
from simulator.scenario import document

FORMAT = "breakeven-draft"
VERSION = 2
# Steps that can be undone; older ones are merged into the first.
LONGEST_HISTORY = 200
# A change of members makes a new text. Each edit writes the whole draft, and 4 MB take some 30 ms.
LONGEST_TEXTS = 4_000_000
LARGEST_BYTES = 5 * LONGEST_TEXTS  # JSON writes some letters as six
LONGEST_TITLE = 100
# At both ends of what Python can count, a time has no equivalent in other zones.
YEARS = range(1970, 9000)
# A month of a schedule; texts such as 007 or ² are names.
MONTH = re.compile(r"0|[1-9][0-9]{0,5}")
# The line of the title, and those that go on with it.
TITLE = re.compile(r"^title[ \t]*:.*(?:\n[ \t]+.*)*", re.MULTILINE)
# An id returns in the address of a page, so it is restricted to characters that cannot form another path.
DRAFT_ID = re.compile(r"[A-Za-z0-9_-]{8,32}")

# The name of the step that takes all changes back.
REVERTED = "Revert all changes"

Edits = Mapping[str, Any]
Stamp = tuple[int, int, int]
T = TypeVar("T")


@dataclass(frozen=True)
class Step:
    """A state of the scenario: its text and folder, the edits to it, and the name of the change that led here.

    A change of members or settings makes a new text; a change of an assumption is an edit of the text.
    """

    text: str
    folder: Path
    edits: Edits = field(default_factory=dict)
    name: str = ""


@dataclass(frozen=True)
class Draft:
    """A file as it was opened, and the scenario after each step; `position` is the current step."""

    id: str
    file: str
    opened: Step
    steps: tuple[Step, ...]
    position: int = 0
    updated: datetime | None = None

    @classmethod
    def of(cls, file: str, folder: Path, text: str) -> Draft:
        """Return a draft of a file without changes."""
        opened = Step(text, folder)
        return cls(new_id(), file, opened, (opened,))

    @property
    def now(self) -> Step:
        """The current step."""
        return self.steps[self.position]

    @property
    def is_changed(self) -> bool:
        """Whether the scenario differs from the file as it was opened."""
        return replace(self.now, name="") != self.opened

    @property
    def can_undo(self) -> bool:
        """Whether there is a step to undo."""
        return self.position > 0

    @property
    def can_redo(self) -> bool:
        """Whether there is a step to redo."""
        return self.position + 1 < len(self.steps)

    def stepped(self, step: Step) -> Draft:
        """Return the draft after another step; undone steps are dropped."""
        steps = (*self.steps[: self.position + 1], step)[-LONGEST_HISTORY:]
        while len(steps) > 1 and sum(map(len, {one.text for one in steps})) > LONGEST_TEXTS:
            steps = steps[1:]
        return replace(self, steps=steps, position=len(steps) - 1, updated=datetime.now(UTC))

    def undone(self) -> Draft:
        """Return the draft one step back."""
        return replace(self, position=max(0, self.position - 1), updated=datetime.now(UTC))

    def redone(self) -> Draft:
        """Return the draft one step forward."""
        return replace(self, position=min(len(self.steps) - 1, self.position + 1), updated=datetime.now(UTC))

    @property
    def title(self) -> str:
        """The title in the scenario's text, or else the name of its file."""
        return (title_in(self.now.text) or self.file)[:LONGEST_TITLE]

    def reverted(self) -> Draft:
        """Return the draft after one more step, back to the file as it was opened."""
        return self.stepped(replace(self.opened, name=REVERTED))

    def copied(self) -> Draft:
        """Return a copy under a new id, so that two tabs do not overwrite each other."""
        return replace(self, id=new_id(), updated=datetime.now(UTC))


def title_in(text: str) -> str:
    """Return the title that a scenario's text gives it; empty where there is none to be read."""
    try:
        found = TITLE.search(text)
        return str(document.read(found[0], "")["title"] or "") if found else ""
    except ScenarioError:
        return ""


def new_id() -> str:
    """Return a new unique id."""
    return secrets.token_urlsafe(9)


def packed(edits: Edits) -> str:
    """Return edits as text, for the disk and as the key of a cache."""
    return json.dumps(list(edits.items()))


def unpacked(text: str) -> Edits:
    """Return edits from their text; JSON turns the months of a schedule into text, so they become numbers again."""
    return dict(json.loads(text, object_pairs_hook=lambda pairs: {_month(key): value for key, value in pairs}))


def _month(key: str) -> str | int:
    return int(key) if MONTH.fullmatch(key) else key


@dataclass(frozen=True)
class Summary:
    """What a list shows of a draft on disk."""

    id: str
    title: str
    file: str
    changes: int
    updated: datetime
    is_changed: bool
    original: Path


class Shelf:
    """The drafts of one browser on disk, one file each; an unreadable file counts as missing."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or home() / "drafts"

    @property
    def bin(self) -> Path:
        """The folder of discarded drafts."""
        return self.folder / "bin"

    def save(self, draft: Draft) -> None:
        """Write the draft atomically; raises OSError."""
        self.folder.mkdir(parents=True, exist_ok=True)
        texts = list(dict.fromkeys(step.text for step in (draft.opened, *draft.steps)))
        fields = {
            "format": FORMAT,
            "version": VERSION,
            "file": draft.file,
            "texts": texts,
            "opened": _stored(draft.opened, texts),
            "steps": [_stored(step, texts) for step in draft.steps],
            "position": draft.position,
            "updated": draft.updated.isoformat() if draft.updated else None,
        }
        path = self._path(draft.id)
        scratch = path.with_suffix(f".{secrets.token_hex(4)}.part")
        try:
            scratch.write_text(json.dumps(fields), encoding="utf-8")
            scratch.replace(path)
        except OSError:
            scratch.unlink(missing_ok=True)
            raise

    def load(self, draft_id: str) -> Draft | None:
        """Return the draft with this id, or None."""
        return read(self._path(draft_id)) if DRAFT_ID.fullmatch(draft_id) else None

    def stamp(self, draft_id: str) -> Stamp | None:
        """Return what changes with each write of a draft; None if it is not on disk."""
        return _stamp(self._path(draft_id))

    def discard(self, draft_id: str) -> None:
        """Move the draft to the bin, where its age counts from now; raises OSError."""
        if not self._path(draft_id).exists():
            return
        self.bin.mkdir(exist_ok=True)
        there = self.bin / f"{draft_id}.json"
        self._path(draft_id).replace(there)
        os.utime(there)

    def restore(self, draft_id: str) -> None:
        """Move a draft from the bin back; under a new id where another tab has saved it again. Raises OSError."""
        free = new_id() if self._path(draft_id).exists() else draft_id
        with suppress(FileNotFoundError):  # another tab has brought it back
            (self.bin / f"{draft_id}.json").replace(self._path(free))

    def listed(self) -> list[Summary]:
        """Return the drafts that hold work, newest first: those with changes, and those of a file that is nowhere."""
        return [one for one in _summaries(self.folder) if one.is_changed or not is_file(one.original)]

    def binned(self) -> list[Summary]:
        """Return the discarded drafts, newest first."""
        return _summaries(self.bin)

    def _path(self, draft_id: str) -> Path:
        return self.folder / f"{draft_id}.json"


def _stamp(path: Path) -> Stamp | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size


def _summaries(folder: Path) -> list[Summary]:
    stamps = ((path, _stamp(path)) for path in within(folder, "*.json"))
    found = (_summary(path, stamp) for path, stamp in stamps if stamp)
    return sorted(filter(None, found), key=lambda one: one.updated, reverse=True)


@lru_cache(maxsize=2000)
def _summary(path: Path, stamp: Stamp) -> Summary | None:
    """Return the summary of a draft's file, read once for each state of the file."""
    draft = read(path)
    if draft is None:
        return None
    updated = draft.updated or moment_of(stamp[1] / 1e9)
    original = draft.opened.folder / draft.file
    return Summary(draft.id, draft.title, draft.file, draft.position, updated, draft.is_changed, original)


def read(path: Path) -> Draft | None:
    """Return the draft in a file; None if it cannot be read or is damaged."""
    try:
        with open_regular(path) as file:
            content = file.read(LARGEST_BYTES + 1)
        return _draft(path.stem, json.loads(content)) if len(content) <= LARGEST_BYTES else None
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return None


def moment(text: str) -> datetime:
    """Return a time that was written down; raises ValueError or TypeError for one that no reader's zone can show."""
    found = datetime.fromisoformat(text)
    if found.tzinfo is None or found.year not in YEARS:
        raise ValueError("the time has no zone, or cannot be shown in the reader's")
    return found


def _stored(step: Step, texts: list[str]) -> dict[str, Any]:
    """Return a step as plain data; steps that share a text name its place in `texts`."""
    place = texts.index(step.text)
    return {"text": place, "folder": str(step.folder), "edits": packed(step.edits), "name": step.name}


def _step(fields: Mapping[str, Any], texts: list[str]) -> Step:
    """Return a step from its fields; raises ValueError, LookupError, TypeError or AttributeError."""
    place = _of(fields["text"], int)
    if place < 0:
        raise ValueError("a text is missing")
    return Step(_of(texts[place], str), _folder(fields["folder"]), _edits(fields["edits"]), _of(fields["name"], str))


def _of(value: Any, kind: type[T]) -> T:
    """Return a value of the right type; raises TypeError, or ValueError for text that no file can hold."""
    if type(value) is not kind:
        raise TypeError(f"not a {kind.__name__}")
    if isinstance(value, str):
        value.encode()
    return value


def _folder(value: Any) -> Path:
    """Return a folder from its name; raises TypeError or ValueError."""
    folder = Path(_of(value, str))
    if "\0" in str(folder):
        raise ValueError("not the name of a folder")
    return folder


def _edits(text: Any) -> Edits:
    """Return edits whose paths are text, and which no reader finds too deep; raises ValueError or TypeError."""
    parse_json(_of(text, str).encode())
    found = unpacked(text)
    for path in found:
        _of(path, str)
    return found


def _draft(draft_id: str, fields: Mapping[str, Any]) -> Draft:
    """Return a draft from the fields of its file; raises what `read` catches."""
    if fields["format"] != FORMAT or fields["version"] not in {1, VERSION}:
        raise ValueError("not a draft of this version")
    updated = moment(fields["updated"]) if fields["updated"] else None
    if fields["version"] == 1:  # one text and one folder for all steps
        opened = Step(_of(fields["text"], str), _folder(fields["folder"]))
        steps = tuple(replace(opened, edits=_edits(edits)) for edits in fields["steps"])
    else:
        texts = _of(fields["texts"], list)
        opened = _step(fields["opened"], texts)
        steps = tuple(_step(step, texts) for step in fields["steps"])
    position, file = _of(fields["position"], int), _of(fields["file"], str)
    if not 0 <= position < len(steps) or "\0" in file:
        raise ValueError("the current step or the file is missing")
    return Draft(draft_id, file, opened, steps, position, updated)
