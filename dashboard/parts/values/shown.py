"""What a field or a list shows, and what a busy browser may still send of what stood there before."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, field
from typing import Any

# A busy browser may take this long to show a field that was drawn anew, and sends until then what it showed before.
ECHO_SECONDS = 2.0


@dataclass
class Shown:
    """What stands in a field, and until when a browser may still send each of the values that stood there before.

    A value that the page sets takes a while to reach the browser; `arriving` tells until when. It is infinite until the
    field is drawn with it.
    """

    value: Any
    echoes: dict[Any, float] = field(default_factory=dict)
    arriving: float = -math.inf

    def moved(self, value: Any) -> Shown:
        """Return the field with a value that nobody typed into it, or that the browser does not show yet."""
        before = dict.fromkeys((*self.echoes, self.value), math.inf)
        return Shown(value, {old: until for old, until in before.items() if old != value}, math.inf)

    def typed(self, value: Any) -> Shown:
        """Return the field with a value that somebody typed.

        The one before may still arrive and take its place on the screen, so that the browser is told the new one, too.
        """
        return Shown(self.value).moved(value) if time.monotonic() < self.arriving else Shown(value)

    def drawn(self, is_set: bool) -> None:
        """Note that the browser has been told what stands here; `is_set` if that takes the place of what it shows."""
        latest = time.monotonic() + ECHO_SECONDS
        self.echoes = {value: min(until, latest) for value, until in self.echoes.items()}
        self.arriving = latest if is_set else min(self.arriving, latest)

    def has(self, arrived: Any) -> bool:
        """Return whether a value from the browser is no change: what stands there, or an echo of what stood before."""
        return bool(arrived == self.value or time.monotonic() < self.echoes.get(arrived, -math.inf))
