"""Whether device and software are still those that a resumed run began on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from profiling.results.record import Record


def changes(begun: Record, look: Mapping[str, Any]) -> list[str]:
    """Return what differs between the record as it was begun and a new look: `torch was 2.12.0 and is 2.13.0`."""
    found = []
    for before, now in ((begun.device, look["device"]), (begun.software, look["software"])):
        for name in {**before, **now}:
            was, is_now = (("not known" if one.get(name) is None else str(one[name])) for one in (before, now))
            if before.get(name) != now.get(name):
                found.append(f"{name.replace('_', ' ')} was {was} and is {is_now}")
    return found
