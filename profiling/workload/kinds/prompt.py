"""Prompting: a pretrained model answers what another way would train it for, from a few examples or none."""

from __future__ import annotations

from typing import Any

from profiling.checks import check, fields, integer
from profiling.errors import WorkloadError
from profiling.workload import limits
from profiling.workload.kinds.kind import Kind

POINT = fields(
    {
        "batch": integer(1, limits.MOST_EXAMPLES),
        "tokens": integer(1, limits.MOST_TOKENS),
        "examples": integer(0, limits.MOST_EXAMPLES),
    }
)


def check_point(point: dict[str, Any], where: str) -> None:
    """Raise WorkloadError unless the point has a batch, tokens of a text, and labelled examples of each class."""
    check(point, POINT, where, WorkloadError)


PROMPT = Kind(
    name="prompt",
    title="Prompted, not trained",
    order=6,
    tasks=("text",),
    coordinates=("batch", "tokens", "examples"),
    way="course",
    runner="profiling.serving.prompting:prompt",
    check=check_point,
    needs_labels=True,
    utilisation="mfu",
    outcomes=("held_out_accuracy", "request_seconds", "request_tokens"),
    result="profiling.serving.prompted:case",
    informs="features",
)
