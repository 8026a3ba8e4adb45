"""A workload with the words that a person chooses it by, and short forms of its cases."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from profiling.workload.workload import Case, Workload


@dataclass(frozen=True)
class Preset:
    """A workload with the words that a person chooses it by."""

    title: str
    description: str
    seconds_estimate: str
    workload: Workload

    @property
    def name(self) -> str:
        """The name that commands take."""
        return self.workload.name


def train(method: str, batch: int, tokens: int | None = None, **changes: Any) -> Case:
    """Training steps by one method; `changes` name fields of the workload or of the model."""
    return Case("train", _point({"method": method, "batch": batch, "tokens": tokens, **changes}))


def learn(method: str, batch: int, steps: int, tokens: int | None = None, **changes: Any) -> Case:
    """Training from the start, its learning followed."""
    return Case("learn", _point({"method": method, "batch": batch, "tokens": tokens, "steps": steps, **changes}))


def classify(batch: int, tokens: int | None = None, **changes: Any) -> Case:
    """Forward passes over whole batches."""
    return Case("classify", _point({"batch": batch, "tokens": tokens, **changes}))


def generate(batch: int, prompt_tokens: int | None, new_tokens: int, **changes: Any) -> Case:
    """Requests that are answered word by word; speech has no prompt."""
    point = {"batch": batch, "prompt_tokens": prompt_tokens, "new_tokens": new_tokens, **changes}
    return Case("generate", _point(point))


def _point(coordinates: dict[str, Any]) -> dict[str, Any]:
    """Only what has a meaning for the task."""
    return {name: value for name, value in coordinates.items() if value is not None}
