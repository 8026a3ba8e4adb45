"""Texts with labels from a user's file, read line by line; every error names the file and the line.

The file may be anything on the computer, so that no error repeats what stands in it."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, NoReturn

from profiling.checks import parse_json
from profiling.errors import WorkloadError
from profiling.examples.example import Example
from profiling.files import open_regular

# A text of a megabyte is a whole book; a longer line means a file of another kind.
LONGEST_LINE_BYTES = 1_000_000


def jsonl(path: Path, text: str, label: str) -> Iterator[Example]:
    """Yield the example of each line, a JSON object with the fields `text` and `label`; skip empty lines."""
    with _opened(path) as file:
        number = 0
        while line := file.readline(LONGEST_LINE_BYTES + 1):
            number += 1
            if len(line) > LONGEST_LINE_BYTES:
                _fail(path, number, "is longer than a megabyte; write one example on each line")
            if line.strip():
                yield _example(_object(line, path, number), text, label, path, number)


def table(path: Path, text: str, label: str) -> Iterator[Example]:
    """Yield the examples of a CSV file whose first line names the columns."""
    with _opened(path) as file, _long_fields():
        lines = _Lines(path, file)
        rows = csv.DictReader(lines, strict=True)
        try:
            if text not in (rows.fieldnames or ()):
                count = len(rows.fieldnames or ())
                _fail(path, 1, f"has no column {text!r} among its {count} columns; name one of them as `text`")
            lines.row_bytes = 0
            for row in rows:
                if None in row or None in row.values():
                    _fail(path, rows.line_num, "has more or fewer values than the first line has names; correct it")
                yield _example(row, text, label, path, rows.line_num)
                lines.row_bytes = 0
        except csv.Error as error:
            _fail(path, rows.line_num + 1, f"is not CSV ({error}); quote texts with commas, quotes or line breaks")


@contextmanager
def _long_fields() -> Iterator[None]:
    """Let a field of CSV have a megabyte, where Python's own limit, which all readers of a process share, is less."""
    usual = csv.field_size_limit(LONGEST_LINE_BYTES)
    try:
        yield
    finally:
        csv.field_size_limit(usual)


class _Lines:
    """The lines of a CSV file as text; a row, which may take several lines, is as long as a line of JSON at most."""

    def __init__(self, path: Path, file: BinaryIO) -> None:
        self.path, self.file = path, file
        self.number = self.row_bytes = 0

    def __iter__(self) -> Iterator[str]:
        while line := self.file.readline(LONGEST_LINE_BYTES + 1):
            self.number += 1
            self.row_bytes += len(line)
            if self.row_bytes > LONGEST_LINE_BYTES:
                _fail(self.path, self.number, "belongs to a row that is longer than a megabyte; write shorter texts")
            try:
                yield line.decode("utf-8-sig" if self.number == 1 else "utf-8")
            except UnicodeDecodeError as error:
                _fail(self.path, self.number, f"is not UTF-8 ({error.reason}); save the file as UTF-8")


def _opened(path: Path) -> BinaryIO:
    try:
        return open_regular(path)
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
        _fail(path, number, f"has no label in {label!r}; a label is a word or a whole number")
    return Example(content, None if name is None else str(name), content.strip())


def _fail(path: Path, number: int, what: str) -> NoReturn:
    raise WorkloadError(f"{path}: line {number} {what}")
