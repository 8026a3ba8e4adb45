"""Versions: every state of a scenario that its owner saved, kept beside the user's scenarios, newest first.

A version is a small JSON file with the text and a name. Records are never deleted from the folder of the scenarios, so
an old text still finds those that it cites.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from dashboard.desk.drafts import moment
from dashboard.desk.permission import may_write
from profiling.checks import TEXT, check, fields, integer, parse_json
from profiling.errors import Phrase, RecordError
from profiling.files import open_regular, within, write_atomic
from profiling.places import home
from simulator.errors import PlanError
from simulator.scenario.document import LARGEST_BYTES

FORMAT, VERSION = "breakeven-version", 1
RULE = fields({"format": {"enum": [FORMAT]}, "version": integer(VERSION, VERSION), "name": {"type": "string"},
               "saved": TEXT, "text": TEXT})  # fmt: skip
# Of a scenario, whoever saves every day for a quarter keeps each of them.
MOST_KEPT = 100
LONGEST_NAME = 80
LARGEST_FILE_BYTES = 6 * LARGEST_BYTES  # JSON writes some letters as six


@dataclass(frozen=True)
class Version:
    """One saved state of a scenario; the name is empty where its owner gave none."""

    id: str
    name: str
    saved: datetime
    text: str


def folder_of(stem: str) -> Path:
    """Return the folder of the versions of one of the user's scenarios."""
    return home() / "versions" / stem


def kept(stem: str, text: str, name: str = "", now: datetime | None = None) -> None:
    """Keep a text as the newest version unless it already is; the oldest beyond `MOST_KEPT` go. Raises PlanError."""
    if text == next((one.text for one in versions(stem)), None):
        return
    now = now or datetime.now(UTC)
    digits = hashlib.sha256(text.encode()).hexdigest()[:8]
    path = folder_of(stem) / f"{now:%Y%m%dT%H%M%S%f}-{digits}.json"
    content = {
        "format": FORMAT,
        "version": VERSION,
        "name": name[:LONGEST_NAME],
        "saved": now.isoformat(),
        "text": text,
    }
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomic(path, json.dumps(content, ensure_ascii=False) + "\n")
        for old in _paths(stem)[MOST_KEPT:]:
            old.unlink(missing_ok=True)
    except OSError as error:
        what = Phrase("the scenario is saved, but not as a version ({reason})", reason=error.strerror)
        raise PlanError(what, "free space on the disk, and save again", where=str(path.parent)) from None


def versions(stem: str) -> Iterator[Version]:
    """Yield the versions of a scenario, newest first; a damaged file is left out.

    None where the scenario has no name of its own, or on a read-only server.
    """
    for path in _paths(stem) if stem and may_write() else ():
        with suppress(OSError, ValueError, RecordError):
            yield _read(path)


def _paths(stem: str) -> list[Path]:
    """Return the files of the versions, newest first: their names begin with the time."""
    return sorted(within(folder_of(stem), "*.json"), reverse=True)


def _read(path: Path) -> Version:
    with open_regular(path) as file:
        content = file.read(LARGEST_FILE_BYTES)
    plain = check(parse_json(content), RULE, path.name, RecordError)
    return Version(path.stem, plain["name"], moment(plain["saved"]), plain["text"])
