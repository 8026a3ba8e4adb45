"""Typed rows from CSV files, with file and line for whatever does not fit.  Standard library only."""

from __future__ import annotations

import csv
import json
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any, ClassVar, TypeVar

from profiling.errors import TableError

# A date is as exact as its source: a year, a month or a day.
DATE = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?")


class Row:
    """What the rows of all tables share, each a frozen dataclass: the file, and the columns that tell rows apart."""

    FILE: ClassVar[str]
    KEY: ClassVar[tuple[str, ...]]

    @property
    def key(self) -> tuple[str, ...]:
        """The row's name in its table, whatever the case of its letters."""
        return tuple(str(getattr(self, name)).casefold() for name in self.KEY)


AnyRow = TypeVar("AnyRow", bound=Row)


def read(path: Path, kind: type[AnyRow]) -> tuple[AnyRow, ...]:
    """The rows of one file; a column may be left out where nothing need be known.

    Raises TableError with file and line for what is unknown, missing, no number or no date.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            known = {field.name for field in fields(kind)}  # type: ignore[arg-type]
            if unknown := [name for name in reader.fieldnames or [] if name not in known]:
                raise TableError(
                    f"{path}, line 1: no column is called {unknown[0]!r}; {kind.FILE} has {', '.join(sorted(known))}"
                )
            return tuple(_row(kind, cells, f"{path}, line {reader.line_num}") for cells in reader)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise TableError(f"{path}: cannot be read ({error}); mend the file, or move it away") from error


def _row(kind: type[AnyRow], cells: Mapping[str | None, Any], where: str) -> AnyRow:
    """One row; raises TableError for what is missing, no number, or no date."""
    if None in cells:
        raise TableError(f"{where}: has more cells than columns; put a text with a comma in quotes")
    values = {}
    for field in fields(kind):  # type: ignore[arg-type]
        text = (cells.get(field.name) or "").strip()
        try:
            values[field.name] = _PARSERS[str(field.type)](text)
        except ValueError as error:
            raise TableError(f"{where}: {field.name} is {text!r}, {error}") from error
        if not text and field.name in (kind.KEY[0], "source"):
            raise TableError(f"{where}: {field.name} is empty; a row needs it")
    _check_dates(values, where)
    return kind(**values)


def _check_dates(values: Mapping[str, Any], where: str) -> None:
    for name in ("date", "as_of"):
        if name in values and not DATE.fullmatch(values[name]):
            raise TableError(f"{where}: {name} is {values[name]!r}; write it as 2026, 2026-11 or 2026-11-09")


def _number(text: str) -> float:
    """A finite number that is not negative."""
    try:
        value = float(text)
    except ValueError:
        raise ValueError("which is no number; write it as 3.35") from None
    if not (math.isfinite(value) and value >= 0):
        raise ValueError("which is not finite or below 0; correct it")
    return value


def _whole(text: str) -> int:
    value = _number(text)
    if value != int(value):
        raise ValueError("which is no whole number; correct it")
    return int(value)


def _config(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except ValueError as error:
        raise ValueError(f"which is not JSON ({error}); write it as in config.json") from None
    if not isinstance(found, dict):
        raise ValueError("which is no object; write it as in config.json")
    return found


def _optional(parse: Callable[[str], Any]) -> Callable[[str], Any]:
    return lambda text: parse(text) if text else None


_PARSERS: dict[str, Callable[[str], Any]] = {
    "str": str,
    "float": _number,
    "float | None": _optional(_number),
    "int | None": _optional(_whole),
    "tuple[str, ...]": lambda text: tuple(part.strip() for part in text.split("|") if part.strip()),
    "Mapping[str, Any]": _config,
}
