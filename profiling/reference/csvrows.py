"""Typed rows from CSV files; every error names file and line.  Only the standard library is imported."""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from io import TextIOWrapper
from pathlib import Path
from typing import Any, ClassVar, TypeVar

from profiling.checks import parse_json
from profiling.errors import TableError, brief
from profiling.files import open_regular

# A date is as precise as its source: a year, a month or a day.
DATE = re.compile(r"[0-9]{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01]))?)?")


@dataclass(frozen=True)
class Row:
    """Base of the rows of all tables: the file, the key columns, which are unique, and the columns that all have."""

    FILE: ClassVar[str]
    KEY: ClassVar[tuple[str, ...]]

    verified: str
    source: str

    @property
    def key(self) -> tuple[str, ...]:
        """Key of the row in its table, without regard to case."""
        return tuple(str(getattr(self, name)).casefold() for name in self.KEY)


AnyRow = TypeVar("AnyRow", bound=Row)


def read(path: Path, kind: type[AnyRow]) -> tuple[AnyRow, ...]:
    """Return the rows of one file; a column may be absent where its values may be unknown.

    Raise TableError with file and line for an unknown column, and for a missing or wrong number or date.
    """
    try:
        with TextIOWrapper(open_regular(path), encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            known = {field.name for field in fields(kind)}
            if unknown := [name for name in reader.fieldnames or [] if name not in known]:
                raise TableError(
                    f"{path}, line 1: there is no column {_shown(unknown[0])}",
                    todo=f"{kind.FILE} has {', '.join(sorted(known))}",
                )
            return tuple(_row(kind, cells, f"{path}, line {reader.line_num}") for cells in reader)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise TableError(
            f"cannot be read ({error})", todo="repair the file, or move it away", where=str(path)
        ) from error


def _row(kind: type[AnyRow], cells: Mapping[str | None, Any], where: str) -> AnyRow:
    """Return one row; raise TableError for a missing or wrong value."""
    if None in cells:
        raise TableError("has more cells than columns", todo="put a text with a comma in quotes", where=where)
    values = {}
    for field in fields(kind):
        text = (cells.get(field.name) or "").strip()
        try:
            values[field.name] = _PARSERS[str(field.type)](text)
        except ValueError as error:
            raise TableError(f"{where}: {field.name} is {_shown(text)}, {error}") from error
        if not text and field.name in (kind.KEY[0], "source"):
            raise TableError(f"{field.name} is empty", todo="a row needs it", where=where)
    for name in ("date", "as_of"):
        if name in values and not DATE.fullmatch(str(values[name])):
            raise TableError(
                f"{name} is {_shown(values[name])}", todo="write it as 2026, 2026-11 or 2026-11-09", where=where
            )
    try:
        return kind(**values)
    except ValueError as error:
        raise TableError(f"{where}: {error}") from error


def _shown(text: str) -> str:
    """Return the beginning of a cell, which leaves room for what is wrong with it."""
    return brief(repr(text), 80)


def _number(text: str) -> float:
    """Return a finite number above 0, since figures are divided by; raise ValueError with half a sentence."""
    try:
        value = float(text)
    except ValueError:
        raise ValueError("which is not a number; write it as 3.35") from None
    if not (math.isfinite(value) and value > 0):
        raise ValueError("which is infinite, NaN, 0 or below 0; correct it, or leave out what is not known")
    return value


def _whole(text: str) -> int:
    value = _number(text)
    if value != int(value):
        raise ValueError("which is not a whole number; correct it")
    return int(value)


def _flag(text: str) -> bool:
    if text not in ("yes", ""):
        raise ValueError("which is neither yes nor empty; correct it")
    return text == "yes"


def _config(text: str) -> dict[str, Any]:
    try:
        found = parse_json(text.encode())
    except ValueError as error:
        raise ValueError(f"which is not JSON ({error}); write it as in config.json") from None
    if not isinstance(found, dict):
        raise ValueError("which is not an object; write it as in config.json")
    return found


def _optional(parse: Callable[[str], Any]) -> Callable[[str], Any]:
    return lambda text: parse(text) if text else None


_PARSERS: dict[str, Callable[[str], Any]] = {
    "str": str,
    "bool": _flag,
    "float": _number,
    "float | None": _optional(_number),
    "int | None": _optional(_whole),
    "tuple[str, ...]": lambda text: tuple(part.strip() for part in text.split("|") if part.strip()),
    "Mapping[str, Any]": _config,
}
