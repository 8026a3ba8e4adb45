"""Whether device and software are still those that a resumed run began on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from profiling.results.record import Record


def changes(begun: Record, look: Mapping[str, Any]) -> list[str]:
    """Return what differs between the record as it was begun and a new look: `torch was 2.12.0 and is 2.13.0`."""
    return [*_differences(begun.device, look["device"]), *_differences(begun.software, look["software"])]


def _differences(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    names = {**before, **now}
    return [
        f"{name.replace('_', ' ')} was {_shown(before.get(name))} and is {_shown(now.get(name))}"
        for name in names
        if before.get(name) != now.get(name)
    ]


def _shown(value: object) -> str:
    return "not known" if value is None else str(value)
