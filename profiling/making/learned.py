"""What a case of learning reports: means over repeats, and the curves.  No torch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from profiling.measure import summary
from profiling.results import intervals
from profiling.results.metrics import METRICS
from profiling.results.record import CaseResult, Estimate
from profiling.workload.workload import Case

Run = Mapping[str, Any]


def case(asked: Case, runs: Sequence[dict[str, Any]]) -> CaseResult:
    """Return the case that the repeats of learning make, which has a curve instead of steady steps."""
    beside, extra = summary.beside_metrics(runs)
    return CaseResult(
        *(asked.kind, asked.point, "ok", None, estimates(runs)),
        **beside,
        samples={"learning": [run["curve"] for run in runs]},
        extra={"seconds": [run["seconds"] for run in runs], **extra},
    )


def estimates(runs: Sequence[Run]) -> dict[str, Estimate]:
    """Return every metric of learning that all repeats tell, with its interval over them."""
    repeats = [_values(run) for run in runs]
    known = [METRICS[name] for name in repeats[0] if all(repeat[name] is not None for repeat in repeats)]
    return {
        metric.name: intervals.mean([repeat[metric.name] for repeat in repeats], metric.unit, metric.least, metric.most)
        for metric in known
    }


def _values(run: Run) -> dict[str, Any]:
    """Return one repeat's value of each metric; None where it tells none."""
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
