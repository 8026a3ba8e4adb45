"""Literals: conversion between a value of the scenario file and one line of text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from simulator.scenario.document import plain, read


def as_text(literal: Any) -> str:
    """Return a literal as one line of YAML."""
    if isinstance(literal, Mapping):
        return "{" + ", ".join(f"{key}: {as_text(value)}" for key, value in literal.items()) + "}"
    if isinstance(literal, list | tuple):
        return "[" + ", ".join(map(as_text, literal)) + "]"
    return f"{literal:.12g}" if isinstance(literal, float) else str(literal)


def literal_of(text: str) -> Any:
    """Parse typed text with the safety checks of a scenario file; raises ScenarioError."""
    return plain(read(f"value: {text}", "table")["value"])
