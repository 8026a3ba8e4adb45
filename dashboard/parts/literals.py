"""Literals: conversion between a value of the scenario file and one line of text."""

from __future__ import annotations

from typing import Any

from simulator.scenario.document import plain, read
from simulator.scenario.literals import as_text

__all__ = ["as_text", "literal_of"]


def literal_of(text: str) -> Any:
    """Parse typed text with the safety checks of a scenario file; raises ScenarioError."""
    return plain(read(f"value: {text}", "table")["value"])
