"""Drafts: a scenario file with the changes made to it, step by step.

A draft is a frozen value: each edit, undo and redo makes a new one. The shelf keeps each draft as a small JSON file in
the user's data folder, so that closing the tab or restarting the server loses nothing.
"""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from profiling.places import home

FORMAT = "breakeven-draft"
VERSION = 2
# Steps that can be undone; older ones are merged into the first.
LONGEST_HISTORY = 200
# An id returns in the address of a page, so it is restricted to characters that cannot form another path.
DRAFT_ID = re.compile(r"[A-Za-z0-9_-]{8,32}")

Edits = Mapping[str, Any]


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
        return replace(self, steps=steps, position=len(steps) - 1, updated=datetime.now(UTC))

    def undone(self) -> Draft:
        """Return the draft one step back."""
        return replace(self, position=max(0, self.position - 1), updated=datetime.now(UTC))

    def redone(self) -> Draft:
        """Return the draft one step forward."""
        return replace(self, position=min(len(self.steps) - 1, self.position + 1), updated=datetime.now(UTC))

    def copied(self) -> Draft:
        """Return a copy under a new id, so that two tabs do not overwrite each other."""
        return replace(self, id=new_id(), updated=datetime.now(UTC))


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
    return int(key) if key.isdigit() else key


class Shelf:
    """The drafts on disk, one file each; an unreadable file counts as missing."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or home() / "drafts"

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
        if not DRAFT_ID.fullmatch(draft_id):
            return None
        try:
            return _draft(draft_id, json.loads(self._path(draft_id).read_text(encoding="utf-8")))
        except (OSError, ValueError, KeyError, IndexError, TypeError):
            return None

    def discard(self, draft_id: str) -> None:
        """Delete the draft; raises OSError."""
        self._path(draft_id).unlink(missing_ok=True)

    def latest(self) -> Draft | None:
        """Return the most recent draft with changes, or None."""
        found = (self.load(path.stem) for path in self.folder.glob("*.json"))
        changed = [draft for draft in found if draft and draft.is_changed and draft.updated]
        return max(changed, key=lambda draft: draft.updated, default=None)

    def _path(self, draft_id: str) -> Path:
        return self.folder / f"{draft_id}.json"


def _stored(step: Step, texts: list[str]) -> dict[str, Any]:
    """Return a step as plain data; steps that share a text name its place in `texts`."""
    place = texts.index(step.text)
    return {"text": place, "folder": str(step.folder), "edits": packed(step.edits), "name": step.name}


def _step(fields: Mapping[str, Any], texts: list[str]) -> Step:
    return Step(texts[fields["text"]], Path(fields["folder"]), unpacked(fields["edits"]), fields["name"])


def _draft(draft_id: str, fields: Mapping[str, Any]) -> Draft:
    """Return a draft from the fields of its file; raises ValueError, KeyError, IndexError or TypeError."""
    if fields["format"] != FORMAT or fields["version"] not in {1, VERSION}:
        raise ValueError("not a draft of this version")
    updated = datetime.fromisoformat(fields["updated"]) if fields["updated"] else None
    if fields["version"] == 1:  # one text and one folder for all steps
        opened = Step(fields["text"], Path(fields["folder"]))
        steps = tuple(replace(opened, edits=unpacked(edits)) for edits in fields["steps"])
    else:
        opened = _step(fields["opened"], fields["texts"])
        steps = tuple(_step(step, fields["texts"]) for step in fields["steps"])
    if not 0 <= fields["position"] < len(steps):
        raise ValueError("the current step is missing")
    return Draft(draft_id, fields["file"], opened, steps, fields["position"], updated)
