"""What a measurement says of itself while it runs: its last values, and a series that never grows too long.

Any of: `step`, `tokens_per_second`, `loss`, `memory_bytes`, `watts`, `celsius`.  These are for watching: the
record is made of other, complete, numbers.  Standard library only.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Any

from profiling.files import write_atomic
from profiling.runs.journal import read_lines

Report = Callable[[Mapping[str, Any]], None]

# Faster than a page is drawn, and so slow that a step is not held up.
EVERY_SECONDS = 0.5
# A quarter of an hour at that pace; a longer run keeps every second value, then every fourth.
MOST_POINTS = 2_000


def nothing(_values: Mapping[str, Any]) -> None:
    """Tells nobody."""


@dataclass
class Reporter:
    """Gathers values by name and sends them on together, twice a second at most; for any thread."""

    send: Callable[[dict[str, Any]], None]
    every_seconds: float = EVERY_SECONDS

    def __post_init__(self) -> None:
        self._lock = Lock()
        self._values: dict[str, Any] = {}
        self._sent = -math.inf

    def __call__(self, values: Mapping[str, Any]) -> None:
        """Takes the values; most calls only keep them."""
        with self._lock:
            self._values.update(values)
            now = time.monotonic()
            if now - self._sent < self.every_seconds:
                return
            self._sent = now
            self.send({name: _shown(value) for name, value in self._values.items()})

    def last(self, end: Callable[[], None]) -> None:
        """Says no more once `end`, which may use the same channel, has run."""
        with self._lock:
            self._sent = math.inf
            end()


def _shown(value: Any) -> Any:
    """A loss that has gone beyond any number is none that JSON knows."""
    return None if isinstance(value, float) and not math.isfinite(value) else value


@dataclass
class Series:
    """The values of a run in its folder: `live.json` has the last ones, `live.jsonl` their course."""

    folder: Path
    most_points: int = MOST_POINTS
    every: int = 1  # of so many values one is kept
    lines: list[str] = field(default_factory=list)
    seen: int = 0

    def __post_init__(self) -> None:
        self.lines = [json.dumps(point) + "\n" for point in read_series(self.folder)]
        self._write()

    def add(self, values: Mapping[str, Any]) -> None:
        """Shows the values as the last ones, and keeps them where it is their turn."""
        line = json.dumps({"at": time.time(), **values}, allow_nan=False) + "\n"
        write_atomic(self.folder / "live.json", line, durable=False)
        self.seen += 1
        if self.seen % self.every:
            return
        self.lines.append(line)
        if len(self.lines) > self.most_points:
            self.lines, self.every = self.lines[::2], 2 * self.every
            self._write()
            return
        with (self.folder / "live.jsonl").open("a", encoding="utf-8") as file:
            file.write(line)

    def _write(self) -> None:
        if self.lines:
            write_atomic(self.folder / "live.jsonl", "".join(self.lines), durable=False)


def read_last(folder: Path) -> dict[str, Any] | None:
    """The last values that the run in a folder told; None before any."""
    return next(iter(_points(folder / "live.json")), None)


def read_series(folder: Path) -> list[dict[str, Any]]:
    """The values over the run, oldest first; a line that was left half written is passed over."""
    return _points(folder / "live.jsonl")


def _points(path: Path) -> list[dict[str, Any]]:
    return [point for point in read_lines(path) if point is not None]
