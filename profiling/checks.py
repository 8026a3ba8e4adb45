"""Strict reading of JSON objects, with sentences for whatever does not fit.  Standard library only."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from profiling.errors import ProfilingError

# Records and workloads nest six deep; a reader or writer that follows more would run out of stack.
DEEPEST = 40


def read_json(path: Path, limit_bytes: int, error: type[ProfilingError]) -> Any:
    """The JSON in `path`; raises `error` where it is missing, larger than the limit, or not JSON."""
    try:
        with path.open("rb") as file:
            content = file.read(limit_bytes + 1)
    except OSError as problem:
        raise error(f"{path}: cannot be read ({problem.strerror}); check the path") from problem
    if len(content) > limit_bytes:
        raise error(f"{path}: larger than {limit_bytes // 1_000_000} MB; no file of this kind is, so look at it first")
    try:
        return parse_json(content)
    except ValueError as problem:
        raise error(f"{path}: not a JSON file ({problem}); take an unedited copy") from problem


def parse_json(content: bytes) -> Any:
    """The value that is written there; raises ValueError for what could not be shown, reckoned with, or written."""
    try:
        value = json.loads(content.decode("utf-8"), parse_constant=_refuse_constant)
    except RecursionError as problem:
        raise ValueError(f"nested more than {DEEPEST} deep") from problem
    _check(value)
    return value


def _check(value: object, depth: int = 0) -> None:
    """Raises ValueError for wells without a bottom, numbers beyond any float, and halves of characters."""
    if depth > DEEPEST:
        raise ValueError(f"nested more than {DEEPEST} deep")
    if isinstance(value, str):
        value.encode("utf-8")
    elif isinstance(value, int | float) and not _is_finite(value):
        raise ValueError("a number is too large")
    elif isinstance(value, list | dict):
        for part in value if isinstance(value, list) else [*value, *value.values()]:
            _check(part, depth + 1)


def _is_finite(value: float) -> bool:
    """Whether a float can hold the number; `math.isfinite` fails where a whole number is too large to tell."""
    return -sys.float_info.max <= value <= sys.float_info.max


def _refuse_constant(name: str) -> NoReturn:
    """JSON has no NaN or Infinity, though Python's reader takes them."""
    raise ValueError(f"{name} is not a number")


@dataclass(frozen=True)
class Fields:
    """One JSON object, read field by field; `where` opens each complaint, which is raised as `error`."""

    values: Mapping[str, Any]
    where: str
    error: type[ProfilingError]

    @classmethod
    def of(cls, value: object, where: str, error: type[ProfilingError]) -> Fields:
        """The fields of `value`, which must be an object."""
        if not isinstance(value, dict):
            raise error(f"{where}: must be an object with named fields, not {_kind(value)}")
        return cls(value, where, error)

    def fail(self, name: str, what: str) -> NoReturn:
        """Raises the error about one field."""
        raise self.error(f"{self.where}: {name!r} {what}")

    def __getitem__(self, name: str) -> Any:
        if name not in self.values:
            self.fail(name, "is missing; add it")
        return self.values[name]

    def text(self, name: str) -> str:
        """A text that is not empty."""
        value = self[name]
        if not isinstance(value, str) or not value:
            self.fail(name, f"must be a text, not {_kind(value)}")
        return value

    def optional_text(self, name: str) -> str | None:
        """A text, or None where the field is absent or null."""
        return None if self.values.get(name) is None else self.text(name)

    def one_of(self, name: str, allowed: tuple[str, ...]) -> str:
        """One of a few words."""
        value = self[name]
        if value not in allowed:
            self.fail(name, f"is {value!r}; it must be one of {', '.join(allowed)}")
        return str(value)

    def number(self, name: str) -> float:
        """A finite number, which a truth value is not."""
        value = self[name]
        if isinstance(value, bool) or not isinstance(value, int | float) or not _is_finite(value):
            self.fail(name, f"must be a finite number, not {_kind(value)}")
        return float(value)

    def optional_number(self, name: str) -> float | None:
        """A number, or None where the field is absent or null."""
        return None if self.values.get(name) is None else self.number(name)

    def integer(self, name: str, least: int, most: int = 2**53) -> int:
        """A whole number from `least` to `most`."""
        value = self[name]
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            self.fail(name, f"is {value!r}; it must be a whole number from {least} to {most}")
        return value

    def optional_flag(self, name: str) -> bool | None:
        """True, False, or None where nobody knows."""
        value = self.values.get(name)
        if value is not None and not isinstance(value, bool):
            self.fail(name, f"must be true, false or null, not {_kind(value)}")
        return value

    def mapping(self, name: str) -> dict[str, Any]:
        """A nested object."""
        value = self[name]
        if not isinstance(value, dict):
            self.fail(name, f"must be an object, not {_kind(value)}")
        return value

    def optional_mapping(self, name: str) -> dict[str, Any] | None:
        """A nested object, or None where the field is absent or null."""
        return None if self.values.get(name) is None else self.mapping(name)

    def items(self, name: str) -> list[Any]:
        """A list."""
        value = self[name]
        if not isinstance(value, list):
            self.fail(name, f"must be a list, not {_kind(value)}")
        return value

    def optional_texts(self, name: str) -> list[str] | None:
        """A list of texts, or None where the field is absent or null."""
        if self.values.get(name) is None:
            return None
        for value in self.items(name):
            if not isinstance(value, str):
                self.fail(name, f"must hold texts, not {_kind(value)}")
        return self.items(name)

    def beyond(self, known: tuple[str, ...]) -> dict[str, Any]:
        """The fields that are not in `known`."""
        return {name: value for name, value in self.values.items() if name not in known}


def _kind(value: object) -> str:
    """What a reader of JSON calls a value."""
    names = {dict: "an object", list: "a list", str: f"the text {value!r:.40}", type(None): "null"}
    return names.get(type(value), f"{value!r:.40}")
