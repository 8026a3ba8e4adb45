"""Carrying a scenario to another folder, together with the records that it cites."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from profiling.errors import RecordError
from profiling.results.record import load as load_record
from simulator.errors import PlanError
from simulator.scenario.records.attach import keep_record
from simulator.scenario.records.measured import MEASUREMENTS
from simulator.scenario.scenario import Scenario


def records_of(scenario: Scenario) -> list[str]:
    """Return the records that a scenario refers to, as paths relative to its folder."""
    return sorted({name for one in scenario.assumptions.values() for name in _named(one.literal)})


def _named(literal: Any) -> Iterator[str]:
    """Yield the records in the literal of one assumption, in any month of a schedule."""
    if isinstance(literal, Mapping):
        if "measured" in literal:
            yield literal["measured"]
        for part in literal.values():
            yield from _named(part)


def _renamed(literal: Any, names: Mapping[str, str]) -> Any:
    """Return the literal of one assumption with its records under other names."""
    if not isinstance(literal, Mapping):
        return literal
    return {key: names[part] if key == "measured" else _renamed(part, names) for key, part in literal.items()}


def carried(scenario: Scenario, folder: Path) -> Scenario:
    """Return the scenario in another folder, with its records copied there under their ids; raises BreakevenError."""
    names = {name: _copied(scenario.folder / name, folder) for name in records_of(scenario)}
    there = replace(scenario, folder=folder)
    for path, one in scenario.assumptions.items():
        literal = _renamed(one.literal, names)
        if literal != one.literal:
            origin = {"source": one.source, "as_of": one.as_of, "note": one.note}
            there = there.with_value(path, {"value": literal, **{key: text for key, text in origin.items() if text}})
    return there


def _copied(record: Path, folder: Path) -> str:
    """Copy a record into another folder and return its path relative to that folder; raises PlanError."""
    keep_record(record, folder)
    try:
        return f"{MEASUREMENTS}/{load_record(record).id}.json"
    except RecordError as error:
        raise PlanError(error.told, error.todo) from None
