"""Time between two synchronisations, on a monotonic clock, with the steps in between.

On an accelerator the device itself records an event at the end of each step.  The events are read after the last
step, so that the host does not wait in between.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from itertools import pairwise
from types import TracebackType
from typing import Any, Self

import torch

from profiling.hardware import device as devices


@dataclass
class Window:
    """A stretch of work that begins and ends with an idle device; `mark` ends a step."""

    device: torch.device
    seconds: float = 0.0
    step_seconds: list[float] = field(default_factory=list)

    def __enter__(self) -> Self:
        devices.synchronise(self.device)
        self._marks: list[float | torch.Event] = []
        self._start = time.perf_counter()
        self.mark()
        return self

    def mark(self) -> None:
        """Mark the end of a step."""
        if self.device.type == "cpu":
            self._marks.append(time.perf_counter())
            return
        event = torch.Event(self.device, enable_timing=True)
        event.record()
        self._marks.append(event)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None:
            return
        devices.synchronise(self.device)
        self.seconds = time.perf_counter() - self._start
        self.step_seconds = [_seconds_between(sooner, later) for sooner, later in pairwise(self._marks)]


def _seconds_between(sooner: Any, later: Any) -> float:
    """Return the seconds between two marks of one device."""
    if isinstance(sooner, torch.Event):
        return sooner.elapsed_time(later) / 1000  # torch gives milliseconds
    return float(later - sooner)
