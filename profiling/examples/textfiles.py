"""Texts with labels from a user's file, read line by line; every error names the file and the line."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Any, NoReturn

from profiling.checks import parse_json
from profiling.errors import WorkloadError
from profiling.examples.example import Example

# A text of a megabyte is a whole book; a longer line means a file of another kind.
LONGEST_LINE_BYTES = 1_000_000


def jsonl(path: Path, text: str, label: str) -> Iterator[Example]:
    """Yield the example of each line, a JSON object with the fields `text` and `label`; skip empty lines."""
    with _opened(path, "rb") as file:
        number = 0
        while line := file.readline(LONGEST_LINE_BYTES + 1):
            number += 1
            if len(line) > LONGEST_LINE_BYTES:
                _fail(path, number, "is longer than a megabyte; write one example on each line")
            if line.strip():
                yield _example(_object(line, path, number), text, label, path, number)


def table(path: Path, text: str, label: str) -> Iterator[Example]:
    """Yield the examples of a CSV file whose first line names the columns."""
    with _opened(path, "r", encoding="utf-8-sig", newline="") as file:
        rows = csv.DictReader(file, strict=True)
        try:
            if text not in (rows.fieldnames or ()):
                columns = ", ".join(rows.fieldnames or ("none",))
                _fail(path, 1, f"has no column {text!r}; it has {columns}: name one of them as `text`")
            for row in rows:
                if None in row or None in row.values():
                    _fail(path, rows.line_num, "has more or fewer values than the first line has names; correct it")
                yield _example(row, text, label, path, rows.line_num)
        except csv.Error as error:
            _fail(path, rows.line_num + 1, f"is not CSV ({error}); quote texts with commas, quotes or line breaks")
        except UnicodeDecodeError as error:
            _fail(
                path, rows.line_num + 1, f"or one soon after it is not UTF-8 ({error.reason}); save the file as UTF-8"
            )


def _opened(path: Path, mode: str, **options: Any) -> IO[Any]:
    try:
        return path.open(mode, **options)
    except OSError as error:
        raise WorkloadError(f"cannot be read ({error.strerror})", todo="check the path", where=str(path)) from error


def _object(line: bytes, path: Path, number: int) -> Mapping[str, Any]:
    """Return the JSON object of a line."""
    try:
        value = parse_json(line)
    except ValueError as error:
        _fail(path, number, f"is not JSON ({error}); write one object on each line")
    if not isinstance(value, dict):
        _fail(path, number, "is not an object; write fields and values in braces")
    return value


def _example(row: Mapping[str, Any], text: str, label: str, path: Path, number: int) -> Example:
    """Return an example with its text, which is required, and its label: a word, a number, or none."""
    content, name = row.get(text), row.get(label)
    if not isinstance(content, str) or not content.strip():
        _fail(path, number, f"has no text in {text!r}; fill it, or name another field as `text`")
    if not isinstance(name, str | int | None) or name == "":
        _fail(path, number, f"has {name!r:.40} as {label!r}; a label is a word or a whole number")
    return Example(content, None if name is None else str(name), content.strip())


def _fail(path: Path, number: int, what: str) -> NoReturn:
    raise WorkloadError(f"{path}: line {number} {what}")
