"""A preset: a workload with a title and a description, and short forms of its cases."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from profiling.workload.workload import Case, Effort, Workload


@dataclass(frozen=True)
class Preset:
    """A workload with a title and a description for the person who chooses it."""

    title: str
    description: str
    seconds_estimate: str
    workload: Workload

    @property
    def name(self) -> str:
        """The name that commands take."""
        return self.workload.name


def preset(
    title: str,
    description: str,
    seconds_estimate: str,
    name: str,
    shape: dict[str, Any],
    *,
    cases: tuple[Case, ...],
    effort: Effort,
    **fields: Any,
) -> Preset:
    """Return the preset of a shape's config; `fields` are further fields of the workload."""
    return Preset(title, description, seconds_estimate, Workload(name, {"config": shape}, cases, effort, **fields))


def train(method: str, batch: int, tokens: int | None = None, **changes: Any) -> Case:
    """Return a case of training steps by one method; `changes` name fields of the workload or of the model."""
    return Case("train", _point({"method": method, "batch": batch, "tokens": tokens, **changes}))


def learn(method: str, batch: int, steps: int, tokens: int | None = None, **changes: Any) -> Case:
    """Return a case of training from the start, whose learning is followed."""
    return Case("learn", _point({"method": method, "batch": batch, "tokens": tokens, "steps": steps, **changes}))


def classify(batch: int, tokens: int | None = None, **changes: Any) -> Case:
    """Return a case of forward passes over whole batches."""
    return Case("classify", _point({"batch": batch, "tokens": tokens, **changes}))


def generate(batch: int, prompt_tokens: int | None, new_tokens: int, **changes: Any) -> Case:
    """Return a case of requests answered token by token; speech has no prompt."""
    point = {"batch": batch, "prompt_tokens": prompt_tokens, "new_tokens": new_tokens, **changes}
    return Case("generate", _point(point))


def _point(coordinates: dict[str, Any]) -> dict[str, Any]:
    """Return the coordinates that were given; None stands for one without a meaning for the task."""
    return {name: value for name, value in coordinates.items() if value is not None}
