"""Recorded traffic: when each request came, and how long its prompt and its answer were where the trace tells.

A trace is a file of offsets in seconds, one a line, or a CSV with a line of names.  Files are strangers': bounded, and
no message repeats what stands in them.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any, NoReturn

from profiling.errors import WorkloadError
from profiling.files import open_regular
from profiling.workload.limits import MOST_TOKENS

LARGEST_TRACE_BYTES = 20_000_000  # a million arrivals
# The end of the year 9999, the last of dates in ISO 8601; times in milliseconds since 1970 lie beyond it.
LAST_SECOND = 253_402_300_800
# Columns by what they hold, as the public Azure traces name them (P. Patel et al., Splitwise, ISCA 2024).
COLUMNS = {"time_column": "TIMESTAMP", "prompt_column": "ContextTokens", "new_column": "GeneratedTokens"}
# Spreadsheets of much of Europe write semicolons.
SEPARATORS = ",;\t"


@dataclass(frozen=True)
class Arrival:
    """One request of a trace: seconds after the first one, and its tokens where the trace tells them."""

    offset: float
    prompt_tokens: int | None = None
    new_tokens: int | None = None


def read(path: Path, names: Mapping[str, Any]) -> tuple[Arrival, ...]:
    """Return the arrivals in a file, from its first one on; raise WorkloadError for any other file.

    `names` may hold the `time_column`, `prompt_column` and `new_column` of a CSV that calls them otherwise.
    """
    try:
        lines = _lines(path)
        separator = max(SEPARATORS, key=lines[0].count) if lines else ","
        rows = list(csv.reader(lines, delimiter=separator))
    except csv.Error:
        _refuse("it is no CSV", path, "choose another file")
    columns = [cell.strip() for cell in rows[0]] if rows else []
    headed = len(columns) > 1 or any(names.get(name) for name in COLUMNS)
    places = _places(columns, names, path) if headed else {"time_column": 0}
    found = [
        _arrival(row, places, line, path) for line, row in enumerate(rows, 1) if row and not (headed and line == 1)
    ]
    if not found:
        _refuse("it has no arrivals", path, "choose another file")
    if any(later.offset < sooner.offset for sooner, later in pairwise(found)):
        _refuse("its arrivals are not in ascending order", path, "sort them")
    return tuple(Arrival(one.offset - found[0].offset, one.prompt_tokens, one.new_tokens) for one in found)


def _lines(path: Path) -> list[str]:
    """Return the lines of a file of text; raise WorkloadError where it is none, or too large."""
    try:
        with open_regular(path) as file:
            content = file.read(LARGEST_TRACE_BYTES + 1)
        text = content.decode("utf-8-sig")
    except OSError as error:
        _refuse(f"it cannot be read ({error.strerror})", path, "check the path")
    except UnicodeDecodeError:
        _refuse("it is not text in UTF-8", path, "choose another file")
    if len(content) > LARGEST_TRACE_BYTES:
        _refuse(f"it is larger than {LARGEST_TRACE_BYTES // 1_000_000} MB", path, "take a part of it")
    return text.splitlines()


def _places(columns: Sequence[str], names: Mapping[str, Any], path: Path) -> dict[str, int]:
    """Return the place of each column that the file has; one that was named has to be there, and so has the time."""
    found = {}
    for field, usual in COLUMNS.items():
        name = str(names.get(field, usual))
        if name in columns:
            found[field] = columns.index(name)
        elif field in names or field == "time_column":
            _refuse(f"it has no column {name[:60]!r}", path, f"name the column that it has as {field}")
    return found


def _arrival(row: Sequence[str], places: Mapping[str, int], line: int, path: Path) -> Arrival:
    try:
        told = {field: row[place].strip() for field, place in places.items()}
        counts = [_tokens(told.get(field)) for field in ("prompt_column", "new_column")]
        return Arrival(_seconds(told["time_column"]), *counts)
    except (ValueError, IndexError, OverflowError):
        todo = "give a time in seconds or as a date, and whole numbers of tokens from 1"
        _refuse(f"line {line} is no arrival", path, todo)


def _seconds(text: str) -> float:
    """Return a number of seconds, or the seconds of a date since 1970; raise ValueError for any other text."""
    try:
        seconds = float(text)
    except ValueError:
        at = datetime.fromisoformat(text)
        seconds = (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()
    if not abs(seconds) <= LAST_SECOND:
        raise ValueError("no time in seconds")
    return seconds


def _tokens(text: str | None) -> int | None:
    if text is None:
        return None
    if not 1 <= int(text) <= MOST_TOKENS:
        raise ValueError("no length")
    return int(text)


def _refuse(what: str, path: Path, todo: str) -> NoReturn:
    raise WorkloadError(what, where=str(path), todo=todo) from None
