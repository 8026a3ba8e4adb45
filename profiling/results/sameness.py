"""Whether device and software are those that a resumed run began on, or that another part of a sweep had."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from profiling.results.record import Record

# Equal computers differ a little in the memory that their systems leave over, and by the release of the kernel.
MEMORY, MEMORY_TOLERANCE = "memory_capacity_bytes", 0.05
KERNEL = "platform"


def changes(begun: Record, look: Mapping[str, Any]) -> list[str]:
    """Return what differs between the record as it was begun and a new look: `torch was 2.12.0 and is 2.13.0`."""
    return [f"{name} was {was} and is {now}" for name, was, now in _differing(vars(begun), look)]


def unlike(one: Record, other: Record) -> list[str]:
    """Return what makes the hosts of two records unlike: `torch is 2.12.0 and 2.13.0`."""
    memory, others = (record.device.get(MEMORY) for record in (one, other))
    alike = {KERNEL} | ({MEMORY} if memory and others and abs(others / memory - 1) <= MEMORY_TOLERANCE else set())
    before, now = (
        {part: {name: value for name, value in whole.items() if name not in alike} for part, whole in _parts(record)}
        for record in (one, other)
    )
    return [f"{name} is {here} and {there}" for name, here, there in _differing(before, now)]


def _parts(record: Record) -> tuple[tuple[str, Mapping[str, Any]], ...]:
    return ("device", record.device), ("software", record.software)


def _differing(one: Mapping[str, Any], other: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Yield what differs in device and software, by name, with both values in words."""
    for part in ("device", "software"):
        before, now = one[part], other[part]
        for name in {**before, **now}:
            if before.get(name) != now.get(name):
                was, is_now = ("not known" if each.get(name) is None else str(each[name]) for each in (before, now))
                yield name.replace("_", " "), was, is_now
