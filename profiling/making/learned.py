"""What is reported of learning: means over repeats, and the curves.  No torch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from profiling.measure import statistics
from profiling.results.metrics import METRICS, Metric
from profiling.results.record import Estimate

Run = Mapping[str, Any]


def estimates(runs: Sequence[Run]) -> dict[str, Estimate]:
    """Every metric of learning that all repeats tell, with its interval over them."""
    found = [_values(run) for run in runs]
    shared = [name for name in found[0] if all(repeat[name] is not None for repeat in found)]
    return {name: _mean(METRICS[name], [repeat[name] for repeat in found]) for name in shared}


def _mean(metric: Metric, values: Sequence[float]) -> Estimate:
    return statistics.mean(values, metric.unit, metric.least, metric.most)


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
