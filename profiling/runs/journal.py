"""Events of a run: one JSON object per line, flushed to disk before the writer continues."""

from __future__ import annotations

import errno
import json
import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from profiling.checks import parse_json
from profiling.errors import JobError
from profiling.files import is_file, open_regular

# The record, which the events hold case by case, has 10 MB at most; resuming adds a little each time.
LARGEST_BYTES = 40_000_000


@dataclass(frozen=True)
class Journal:
    """The events of one run, oldest first."""

    path: Path

    def append(self, event: str, **data: Any) -> None:
        """Append one event, whole or not at all; raise OSError where the disk is full."""
        line = (json.dumps({"event": event, "at": time.time(), **data}, allow_nan=False) + "\n").encode()
        with self.path.open("ab", buffering=0) as file:
            size = file.tell()
            try:
                if file.write(line) != len(line):
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(self.path))
                os.fsync(file.fileno())
            except OSError:
                file.truncate(size)
                raise

    def events(self) -> list[dict[str, Any]]:
        """Return every readable event, without a last line that a killed process left half written."""
        return [event for event in read_lines(self.path) if event is not None and _is_event(event)]

    def unreadable(self) -> int:
        """Return how many complete lines hold no event: another program wrote there, or the disk fails."""
        lines = read_lines(self.path) if self._ends_whole() else read_lines(self.path)[:-1]
        return sum(event is None or not _is_event(event) for event in lines)

    def mend(self) -> None:
        """Cut off a last line that was left half written."""
        if not self._ends_whole():
            content = self.path.read_bytes()
            os.truncate(self.path, content.rfind(b"\n") + 1)

    def _ends_whole(self) -> bool:
        if not is_file(self.path) or self.path.stat().st_size == 0:
            return True
        with self.path.open("rb") as file:
            file.seek(-1, os.SEEK_END)
            return file.read() == b"\n"


def _is_event(value: dict[str, Any]) -> bool:
    return isinstance(value.get("event"), str)


def read_lines(path: Path) -> list[dict[str, Any] | None]:
    """Return the object on each line of a file, None where a line holds none; no file has no lines.

    Raise JobError where the file cannot be read, or is larger than any run makes one.
    """
    try:
        with open_regular(path) as file:
            content = file.read(LARGEST_BYTES + 1)
    except FileNotFoundError:
        return []
    except OSError as error:
        raise JobError(f"cannot be read ({error.strerror})", where=str(path), todo="move it away") from error
    if len(content) > LARGEST_BYTES:
        raise JobError(
            f"larger than {LARGEST_BYTES // 10**6} MB, as no run makes it", where=str(path), todo="move it away"
        )
    return [_object(line) for line in content.splitlines()]


def _object(line: bytes) -> dict[str, Any] | None:
    try:
        value = parse_json(line)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None
