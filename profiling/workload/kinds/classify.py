"""Classifying: one step is one batch answered in one forward pass, by classes, numbers, or the items that come next."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from profiling.architecture import Architecture
from profiling.workload.kinds.kind import Counts, Kind
from profiling.workload.kinds.work import Quotient, Quotients, Setting, Work, Works


def work(setting: Setting, sizes: Architecture) -> Works:
    """Return the work of one batch."""
    tokens = setting.point.get("tokens", 0)
    # Of a history, items are ranked once, after its end.
    each = sizes.prefill_flops(tokens) if setting.task == "recommend" else sizes.forward_flops(tokens)
    flops = setting.point["batch"] * each
    return {"step": Work(flops, sizes.matmul_parameters * setting.weight_bytes)}


def quotients(setting: Setting, needed: Works, run: Any) -> Quotients:
    """Return the metrics of one repeat."""
    requests, seconds = run["count"] * setting.point["batch"], run["seconds"]
    found = {"requests_per_second": Quotient(requests, seconds), "batch_seconds": Quotient(seconds, run["count"])}
    if "tokens" in setting.point:
        found["tokens_per_second"] = Quotient(requests * setting.point["tokens"], seconds)
    if "step" in needed:
        found["mfu"] = Quotient(run["count"] * needed["step"].flops, seconds * setting.flops_per_second)
    return found


def by_step(point: Mapping[str, Any], _: Mapping[str, Any], __: Mapping[str, Any]) -> Mapping[str, Counts]:
    """Return what each step counts: a batch of texts with their tokens."""
    batch, tokens = point.get("batch", 0), point.get("tokens", 0)
    return {"batch_seconds": None, "requests_per_second": [batch], "tokens_per_second": [batch * tokens]}


CLASSIFY = Kind(
    name="classify",
    title="Classifying",
    order=3,
    tasks=("text", "image", "recommend", "regress"),
    coordinates=("batch", "tokens"),
    way="steps",
    runner="profiling.serving.answering:Classification",
    fields=("compile", "pruned_percent", "pruning", "memory_format", "knee"),
    rates=("tokens_per_second", "requests_per_second"),
    utilisation="mfu",
    stages={"step": ("requests_per_second", "batch_seconds")},
    work=work,
    quotients=quotients,
    by_step=by_step,
)
