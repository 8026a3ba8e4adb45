"""What is reported of learning: means over repeats, and the curves.  No torch."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from profiling.measure import statistics
from profiling.results.record import Estimate

Run = Mapping[str, Any]

DEFINITIONS = {
    "held_out_accuracy": "Share of the answers on examples held out that are right, after training.",
    "held_out_accuracy_before": "The same before the first step.",
    "held_out_loss": "Mean loss on examples held out, after training.",
    "held_out_loss_before": "The same before the first step.",
    "explained_variance": "Of the numbers held out, 1 - squared errors over squared deviations from their mean.",
    "forgotten_accuracy": "Accuracy on the first task, before the second one less after it; below 0, more is known.",
    "first_task_accuracy_before": "Accuracy on the first task's examples held out, before the second task.",
    "first_task_accuracy_after": "The same after the second task.",
    "teacher_accuracy": "The teacher's accuracy on the same examples held out.",
    "distance_to_solution": "Linear regression: distance of the weights from the least-squares solution over the same"
    " examples, relative to its length.",
}


def estimates(runs: Sequence[Run]) -> dict[str, Estimate]:
    """Every metric of learning that all repeats tell, with its interval over them."""
    found = [_values(run) for run in runs]
    shared = [name for name in found[0] if all(repeat[name] is not None for repeat in found)]
    return {name: statistics.mean([repeat[name] for repeat in found], "1", *_bounds(name)) for name in shared}


def samples(runs: Sequence[Run]) -> dict[str, Any]:
    """The learning curve of each repeat."""
    return {"learning": [run["curve"] for run in runs]}


def _values(run: Run) -> dict[str, Any]:
    before, after = run["before"], run["after"]
    known, left = run.get("first_task_accuracy_before"), run.get("first_task_accuracy_after")
    return {
        "held_out_accuracy": after["accuracy"],
        "held_out_accuracy_before": before["accuracy"],
        "held_out_loss": after["loss"],
        "held_out_loss_before": before["loss"],
        "explained_variance": after["explained_variance"],
        "first_task_accuracy_before": known,
        "first_task_accuracy_after": left,
        "forgotten_accuracy": None if known is None or left is None else known - left,
        "teacher_accuracy": run.get("teacher_accuracy"),
        "distance_to_solution": run.get("distance_to_solution"),
    }


def _bounds(name: str) -> tuple[float, float]:
    """What the metric can be at all: no interval goes beyond."""
    if name == "forgotten_accuracy":
        return -1.0, 1.0
    if name == "explained_variance":
        return -math.inf, 1.0
    return 0.0, 1.0 if "accuracy" in name else math.inf
