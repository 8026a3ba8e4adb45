"""Progress of work that takes a while: what is told to whoever waits, and may end it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

# Told the share of the work that is done, from 0 to 1; whatever it raises ends the work.
Progress = Callable[[float], None]


def quietly(done: float) -> None:
    """Tell nobody."""


def within(progress: Progress, low: float, high: float) -> Progress:
    """Return what tells the share of a part of some work, which goes from one share of the whole to another."""
    return lambda done: progress(low + (high - low) * done)


@dataclass
class Meter:
    """Progress of work of which only an estimate of the size is known; it never goes back, and ends below the whole."""

    tell: Progress = quietly
    expected: float = 1.0
    done: float = 0.0
    told: float = 0.0

    def part(self, work: float) -> Progress:
        """Return what is told the share of one part that is done; `work` is its size."""
        before = self.done

        def tell(share: float) -> None:
            self.done = before + work * share
            self.told = max(self.told, min(self.done / self.expected, 0.99))
            self.tell(self.told)

        return tell
