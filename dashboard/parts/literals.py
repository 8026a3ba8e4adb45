"""Literals: a value as it stands in the file, on one line, and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from simulator.scenario.document import plain, read


def as_text(literal: Any) -> str:
    """A literal as it stands in the file, on one line."""
    if isinstance(literal, Mapping):
        return "{" + ", ".join(f"{key}: {as_text(value)}" for key, value in literal.items()) + "}"
    if isinstance(literal, list | tuple):
        return "[" + ", ".join(map(as_text, literal)) + "]"
    return f"{literal:.12g}" if isinstance(literal, float) else str(literal)


def literal_of(text: str) -> Any:
    """What a typed text stands for, read with the same care as a file; raises ScenarioError."""
    return plain(read(f"value: {text}", "table")["value"])
