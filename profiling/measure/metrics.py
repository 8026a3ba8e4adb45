"""The metrics of a case, each one quotient.

Every metric is a numerator over a denominator per repeat, so that `intervals.ratio` gives all of them the
same interval.  The kind of case knows its own quotients; energy and quality are common to all.  No torch.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from profiling.architecture import source
from profiling.results import intervals
from profiling.results.metrics import METRICS
from profiling.results.record import Estimate
from profiling.workload.kinds import KINDS
from profiling.workload.kinds.work import Ceiling, Quotient, Quotients, Setting, Works
from profiling.workload.workload import Case, Workload


def setting(workload: Workload, case: Case, ceiling: Ceiling, run: Mapping[str, Any]) -> Setting:
    """Return the setting that one repeat of a case found itself in."""
    here = workload.at(case)
    config = source.config_of(here.model)
    if config is not None and here.pruning == "columns":
        config = source.with_fewer_columns(config, here.pruned_percent)
    return Setting(
        config=config,
        task=here.purpose,
        point=case.point,
        arithmetic=run["arithmetic"],
        weight_bytes=run["weight_bytes"],
        ceiling=ceiling,
        activations=run.get("activations", ""),
        weights=here.weights,
        accumulation=here.accumulation,
        example_tokens=run.get("example_tokens"),
        row_examples=run.get("row_examples", 1.0),
        epoch_examples=here.epoch_examples,
        evaluation_examples=here.evaluation_examples,
    )


def work(case: Case, here: Setting) -> Works:
    """Return the work of one step of a case by stage; none where the model's sizes are not known."""
    kind, sizes = KINDS[case.kind], here.architecture
    return {} if kind.work is None or sizes is None else kind.work(here, sizes)


def estimates(case: Case, here: Setting, runs: Sequence[Any]) -> dict[str, Estimate]:
    """Return every metric of a case from its repeats, beside the ceiling that the same run measured."""
    own = KINDS[case.kind].quotients
    needed = work(case, here)
    quotients = [{**(own(here, needed, run) if own else {}), **_energy(here, run), **_quality(run)} for run in runs]
    shared = [name for name in quotients[0] if all(name in repeat for repeat in quotients)]
    return {name: _estimate(name, [repeat[name] for repeat in quotients]) for name in shared}


def ceiling_estimates(looks: Sequence[Mapping[str, Any]]) -> dict[str, Estimate]:
    """Return the device's own limits from every repeat; matrix products in each precision of the cases."""
    products = {
        name: _estimate(name, [Quotient(look["matmul_flops"], look[seconds][precision]) for look in looks])
        for seconds, end in (("matmul_seconds", "matmul"), ("matmul_sustained_seconds", "matmul_sustained"))
        for precision in looks[0].get(seconds, ())
        for name in [f"{precision}_{end}_flops_per_second"]
    }
    if not looks[0]["copy_bytes"]:  # a server's device cannot be measured from here
        return products
    copies = [Quotient(look["copy_bytes"], look["copy_seconds"]) for look in looks]
    return {**products, "copy_bytes_per_second": _estimate("copy_bytes_per_second", copies)}


def _estimate(name: str, repeats: Sequence[Quotient]) -> Estimate:
    """Return the metric's ratio of sums; its interval ends where the quantity does."""
    metric = METRICS[name]
    found = intervals.ratio([q.above for q in repeats], [q.below for q in repeats], metric.unit)
    return replace(found, high=min(metric.most, found.high))


def _energy(here: Setting, run: Mapping[str, Any]) -> Quotients:
    """Return joules for an example, and for a token where there are any, if a sensor could tell."""
    if run["energy"] is None:
        return {}
    # Energy is the whole window's, with the steps whose times were left out.
    examples = run.get("window_count", run["count"]) * here.step_rows * run.get("row_examples", 1.0)
    tokens = here.point.get("new_tokens", run.get("example_tokens", here.point.get("tokens")))
    joules = {"joules_per_example": Quotient(run["energy"]["joules"], examples)}
    if tokens is not None:
        joules["joules_per_token"] = Quotient(run["energy"]["joules"], examples * tokens)
    return joules


def _quality(run: Mapping[str, Any]) -> Quotients:
    """Return how often fewer bits or weights kept the first choice, where the answers were compared."""
    found = run.get("quality", {})
    if "top1_agreement" not in found:
        return {}
    return {"top1_agreement": Quotient(found["same_first_choice"], found["answers"])}
