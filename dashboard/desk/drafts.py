"""Drafts: a scenario file, what a person changed in it, and each step on the way.

A draft is a frozen value; an edit, an undo and a redo are new drafts. The shelf keeps each draft as one small
JSON in the user's own data folder, so that closing the tab or restarting the server loses nothing.
"""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from profiling.runs.places import home

FORMAT = "breakeven-draft"
# Steps that can be undone; older ones are merged into the first.
LONGEST_HISTORY = 200
# An id comes back in the address of the page: letters and digits only, so that it names no other file.
DRAFT_ID = re.compile(r"[A-Za-z0-9_-]{8,32}")

Edits = Mapping[str, Any]


@dataclass(frozen=True)
class Draft:
    """A scenario's text and folder, and the edits after each step; `position` is the step that counts."""

    id: str
    file: str
    folder: Path
    text: str
    steps: tuple[Edits, ...] = ({},)
    position: int = 0
    updated: datetime | None = None

    @classmethod
    def of(cls, file: str, folder: Path, text: str) -> Draft:
        """A draft of a file, nothing changed yet."""
        return cls(new_id(), file, folder, text)

    @property
    def edits(self) -> Edits:
        """What differs from the file now: path of the assumption → what stands in its place."""
        return self.steps[self.position]

    @property
    def can_undo(self) -> bool:
        """Whether there is a step to take back."""
        return self.position > 0

    @property
    def can_redo(self) -> bool:
        """Whether a step was taken back."""
        return self.position + 1 < len(self.steps)

    def edited(self, edits: Edits) -> Draft:
        """The draft one step on, with these edits in all; what had been undone is forgotten."""
        steps = (*self.steps[: self.position + 1], dict(edits))[-LONGEST_HISTORY:]
        return replace(self, steps=steps, position=len(steps) - 1, updated=datetime.now(UTC))

    def undone(self) -> Draft:
        """The draft one step back."""
        return replace(self, position=max(0, self.position - 1), updated=datetime.now(UTC))

    def redone(self) -> Draft:
        """The draft one step on again."""
        return replace(self, position=min(len(self.steps) - 1, self.position + 1), updated=datetime.now(UTC))

    def copied(self) -> Draft:
        """The same draft under an id of its own, so that two tabs do not write over one another."""
        return replace(self, id=new_id(), updated=datetime.now(UTC))


def new_id() -> str:
    """An id that no other draft has."""
    return secrets.token_urlsafe(9)


def packed(edits: Edits) -> str:
    """Edits as text, which can be kept on disk and be the key of a cache."""
    return json.dumps(list(edits.items()))


def unpacked(text: str) -> Edits:
    """Edits from their text; the months of a schedule, which JSON makes text, are whole numbers again."""
    return dict(json.loads(text, object_pairs_hook=lambda pairs: {_month(key): value for key, value in pairs}))


def _month(key: str) -> str | int:
    return int(key) if key.isdigit() else key


class Shelf:
    """The drafts on disk, one file each; a file that cannot be read is as good as none."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or home() / "drafts"

    def save(self, draft: Draft) -> None:
        """Write the draft; a reader sees the old one or the new one, never half of it. Raises OSError."""
        self.folder.mkdir(parents=True, exist_ok=True)
        fields = {
            "format": FORMAT,
            "version": 1,
            "file": draft.file,
            "folder": str(draft.folder),
            "text": draft.text,
            "steps": [packed(step) for step in draft.steps],
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
        """The draft with this id, or None where there is no such draft."""
        if not DRAFT_ID.fullmatch(draft_id):
            return None
        try:
            return _draft(draft_id, json.loads(self._path(draft_id).read_text(encoding="utf-8")))
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def discard(self, draft_id: str) -> None:
        """Forget the draft; raises OSError."""
        self._path(draft_id).unlink(missing_ok=True)

    def latest(self) -> Draft | None:
        """The draft with changes that was touched last, or None."""
        found = (self.load(path.stem) for path in self.folder.glob("*.json"))
        changed = [draft for draft in found if draft and draft.edits and draft.updated]
        return max(changed, key=lambda draft: draft.updated, default=None)

    def _path(self, draft_id: str) -> Path:
        return self.folder / f"{draft_id}.json"


def _draft(draft_id: str, fields: Mapping[str, Any]) -> Draft:
    """A draft from what its file holds; raises ValueError, KeyError or TypeError where that is no draft."""
    steps = tuple(unpacked(step) for step in fields["steps"])
    if fields["format"] != FORMAT or fields["version"] != 1 or not 0 <= fields["position"] < len(steps):
        raise ValueError("not a draft of this version")
    updated = datetime.fromisoformat(fields["updated"]) if fields["updated"] else None
    return Draft(draft_id, fields["file"], Path(fields["folder"]), fields["text"], steps, fields["position"], updated)
