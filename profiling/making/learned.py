"""What a case of learning reports: means over repeats, and the curves.  No torch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from profiling.measure import summary
from profiling.results import intervals
from profiling.results.metrics import METRICS, Metric
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
    return {metric.name: _estimate(metric, [repeat[metric.name] for repeat in repeats], runs[0]) for metric in known}


def _estimate(metric: Metric, values: Sequence[float], run: Run) -> Estimate:
    """Return a metric over the repeats; a share of right answers also tells how few examples were held out."""
    if metric.name.startswith("held_out_accuracy") and (asked := run["after"].get("answers")):
        return intervals.share(values, asked)
    return intervals.mean(values, metric.unit, metric.least, metric.most)


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
        "course_seconds": run.get("seconds"),
        "labels": run.get("labels"),
    }
