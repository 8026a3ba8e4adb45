"""Live values of a measurement: the last ones, and a series of bounded length. Standard library only.

Names are `step`, `tokens_per_second`, `loss`, `memory_bytes`, `watts` and `celsius`. Live values are for watching a
run; the record is computed from complete samples.
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

from profiling.errors import JobError
from profiling.files import write_atomic
from profiling.runs.journal import read_lines

VALUES = ("step", "tokens_per_second", "loss", "memory_bytes", "watts", "celsius")

Report = Callable[[Mapping[str, Any]], None]

# Faster than a page is drawn, and slow enough not to delay steps.
EVERY_SECONDS = 0.5
# About 17 minutes at two values a second; a longer run keeps every second value, then every fourth.
MOST_POINTS = 2_000


def nothing(_values: Mapping[str, Any]) -> None:
    """Ignore the values."""


@dataclass
class Reporter:
    """Collector of values by name, sent together at most twice a second; safe for threads."""

    send: Callable[[dict[str, Any]], None]
    every_seconds: float = EVERY_SECONDS

    def __post_init__(self) -> None:
        self._lock = Lock()
        self._values: dict[str, Any] = {}
        self._sent = -math.inf

    def __call__(self, values: Mapping[str, Any]) -> None:
        """Take values, and send all of them if the last sending is long enough ago."""
        with self._lock:
            self._values.update(values)
            now = time.monotonic()
            if now - self._sent < self.every_seconds:
                return
            self._sent = now
            # JSON cannot hold an infinite or NaN loss.
            lost = [one for one, value in self._values.items() if isinstance(value, float) and not math.isfinite(value)]
            self.send({**self._values, **dict.fromkeys(lost)})

    def last(self, end: Callable[[], None]) -> None:
        """Run `end`, which may use the same channel, and send nothing after it."""
        with self._lock:
            self._sent = math.inf
            end()


@dataclass
class Series:
    """Live values of a run in its folder: the last ones in `live.json`, the series in `live.jsonl`."""

    folder: Path
    most_points: int = MOST_POINTS
    every: int = 1  # keeps every n-th value
    lines: list[str] = field(default_factory=list)
    seen: int = 0

    def __post_init__(self) -> None:
        self.lines = [json.dumps(point) + "\n" for point in read_series(self.folder)]
        self._write()

    def add(self, values: Mapping[str, Any]) -> None:
        """Write the values as the last ones, and add every n-th to the series."""
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
    """Return the last live values of the run in a folder; None before the first."""
    return next(iter(_points(folder / "live.json")), None)


def read_series(folder: Path) -> list[dict[str, Any]]:
    """Return the series of live values, oldest first, without a half-written line."""
    return _points(folder / "live.jsonl")


def _points(path: Path) -> list[dict[str, Any]]:
    """Return the values on each line; watching a run needs no more than what can be read, so all else is left out."""
    try:
        return [_numbers(point) for point in read_lines(path) if point is not None]
    except JobError:
        return []


def _numbers(point: Mapping[str, Any]) -> dict[str, Any]:
    """Return a point without values of the names above that are no numbers."""
    return {name: value for name, value in point.items() if name not in VALUES or type(value) in (int, float)}
