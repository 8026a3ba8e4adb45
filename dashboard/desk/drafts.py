"""Drafts: a scenario file with the edits made to it, step by step.

A draft is a frozen value: each edit, undo and redo makes a new one. The shelf keeps each draft as a small JSON file in
the user's data folder, so that closing the tab or restarting the server loses nothing.
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

from profiling.places import home

FORMAT = "breakeven-draft"
# Steps that can be undone; older ones are merged into the first.
LONGEST_HISTORY = 200
# An id returns in the address of a page, so it is restricted to characters that cannot form another path.
DRAFT_ID = re.compile(r"[A-Za-z0-9_-]{8,32}")

Edits = Mapping[str, Any]


@dataclass(frozen=True)
class Draft:
    """The text and folder of a scenario, and the edits after each step; `position` is the current step."""

    id: str
    file: str
    folder: Path
    text: str
    steps: tuple[Edits, ...] = ({},)
    position: int = 0
    updated: datetime | None = None

    @classmethod
    def of(cls, file: str, folder: Path, text: str) -> Draft:
        """Return a draft of a file without changes."""
        return cls(new_id(), file, folder, text)

    @property
    def edits(self) -> Edits:
        """The current changes to the file: path of the assumption → new literal."""
        return self.steps[self.position]

    @property
    def can_undo(self) -> bool:
        """Whether there is a step to undo."""
        return self.position > 0

    @property
    def can_redo(self) -> bool:
        """Whether there is a step to redo."""
        return self.position + 1 < len(self.steps)

    def edited(self, edits: Edits) -> Draft:
        """Return the draft after a step to these edits; undone steps are dropped."""
        steps = (*self.steps[: self.position + 1], dict(edits))[-LONGEST_HISTORY:]
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
        """Return the draft with this id, or None."""
        if not DRAFT_ID.fullmatch(draft_id):
            return None
        try:
            return _draft(draft_id, json.loads(self._path(draft_id).read_text(encoding="utf-8")))
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def discard(self, draft_id: str) -> None:
        """Delete the draft; raises OSError."""
        self._path(draft_id).unlink(missing_ok=True)

    def latest(self) -> Draft | None:
        """Return the most recent draft with changes, or None."""
        found = (self.load(path.stem) for path in self.folder.glob("*.json"))
        changed = [draft for draft in found if draft and draft.edits and draft.updated]
        return max(changed, key=lambda draft: draft.updated, default=None)

    def _path(self, draft_id: str) -> Path:
        return self.folder / f"{draft_id}.json"


def _draft(draft_id: str, fields: Mapping[str, Any]) -> Draft:
    """Return a draft from the fields of its file; raises ValueError, KeyError or TypeError."""
    steps = tuple(unpacked(step) for step in fields["steps"])
    if fields["format"] != FORMAT or fields["version"] != 1 or not 0 <= fields["position"] < len(steps):
        raise ValueError("not a draft of this version")
    updated = datetime.fromisoformat(fields["updated"]) if fields["updated"] else None
    return Draft(draft_id, fields["file"], Path(fields["folder"]), fields["text"], steps, fields["position"], updated)
