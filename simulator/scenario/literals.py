"""Literals of a scenario file as one line of text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def as_text(literal: Any) -> str:
    """Return a literal as one line of YAML."""
    if isinstance(literal, Mapping):
        return "{" + ", ".join(f"{key}: {as_text(value)}" for key, value in literal.items()) + "}"
    if isinstance(literal, list | tuple):
        return "[" + ", ".join(map(as_text, literal)) + "]"
    return f"{literal:.12g}" if isinstance(literal, float) else str(literal)
