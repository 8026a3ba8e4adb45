"""The protocol of what can be measured step by step, and the times of a stretch of steps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import torch


@dataclass(frozen=True)
class Timing:
    """The times of a stretch of steps, in seconds."""

    seconds: float  # the whole stretch
    steps: list[float]  # each step, or each decoding step
    parts: Mapping[str, list[float]] = field(default_factory=dict)  # further times by name, one a request

    def __add__(self, more: Timing) -> Timing:
        """Return two stretches, each with its own windows, as one."""
        parts = {name: [*seconds, *more.parts[name]] for name, seconds in self.parts.items()}
        return Timing(self.seconds + more.seconds, [*self.steps, *more.steps], parts)

    @property
    def totals(self) -> dict[str, float]:
        """The further times, each over the whole stretch."""
        return {name: sum(seconds) for name, seconds in self.parts.items()}

    def without_first(self, rounds: int, of: int) -> Timing:
        """Return the stretch after its first `rounds` of `of` steps or requests."""
        if rounds == 0:
            return self
        steps = self.steps[rounds * len(self.steps) // of :]
        parts = {name: seconds[rounds:] for name, seconds in self.parts.items()}
        return Timing(sum(map(sum, parts.values())) if parts else sum(steps), steps, parts)


class Method(Protocol):
    """Something that can be measured step by step."""

    device: torch.device

    def run(self, steps: int) -> Timing:
        """Run a number of steps and return their times."""

    def finish(self, scratch: Path) -> dict[str, Any]:
        """Measure, after the steps, what a run needs apart from them: seconds, bytes and counts by name."""
