"""What is reported of a case, each metric as one quotient.

Every metric is a numerator over a denominator per repeat, so that `statistics.ratio` gives all of them the
same interval.  No torch.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from profiling.measure import statistics, work
from profiling.measure.work import Setting, Work
from profiling.results.metrics import METRICS
from profiling.results.record import Estimate
from profiling.workload.workload import Case, Workload


@dataclass(frozen=True)
class Quotient:
    """One repeat's part in a metric: a numerator over a denominator, in the metric's own unit."""

    above: float
    below: float


Quotients = dict[str, Quotient]
Works = Mapping[str, Work]


def estimates(plan: Case, setting: Setting, runs: Sequence[Any]) -> dict[str, Estimate]:
    """Every metric of a case from its repeats, beside the ceiling that the same run measured."""
    needed = work.of(plan.kind, setting)
    parts = [(QUOTIENTS[plan.kind](setting, needed, run), _energy(setting, run), _quality(run)) for run in runs]
    quotients = [{**rates, **energy, **quality} for rates, energy, quality in parts]
    shared = [name for name in quotients[0] if all(name in repeat for repeat in quotients)]
    return {name: _estimate(name, [repeat[name] for repeat in quotients]) for name in shared}


def ceiling_estimates(looks: Sequence[Mapping[str, Any]]) -> dict[str, Estimate]:
    """The device's own limits from every repeat; matrix products in each precision that the cases compute in."""
    products = {
        name: _estimate(name, [Quotient(look["matmul_flops"], look["matmul_seconds"][precision]) for look in looks])
        for precision in looks[0]["matmul_seconds"]
        for name in [f"{precision}_matmul_flops_per_second"]
    }
    if not looks[0]["copy_bytes"]:  # a server's device is not ours to measure
        return products
    copies = [Quotient(look["copy_bytes"], look["copy_seconds"]) for look in looks]
    return {**products, "copy_bytes_per_second": _estimate("copy_bytes_per_second", copies)}


def _estimate(name: str, repeats: Sequence[Quotient]) -> Estimate:
    """Return the metric's ratio of sums; its interval ends where the quantity does."""
    metric = METRICS[name]
    found = statistics.ratio([q.above for q in repeats], [q.below for q in repeats], metric.unit)
    return replace(found, high=min(metric.most, found.high))


def _train(setting: Setting, needed: Works, run: Any) -> Quotients:
    # With several processes each has a batch of its own; on GPUs, each has a device.
    point, seconds, together, devices = setting.point, run["seconds"], run.get("processes", 1), run.get("devices", 1)
    examples = run["count"] * point["batch"] * together
    epoch_steps = math.ceil(setting.workload.epoch_examples / (point["batch"] * together))
    epoch_seconds = epoch_steps * seconds / run["count"]
    found = {
        "training_examples_per_second": Quotient(examples, seconds),
        "step_seconds": Quotient(seconds, run["count"]),
        "step_to_run_factor": Quotient(epoch_seconds + beyond_steps(point, setting.workload, run), epoch_seconds),
    }
    if "tokens" in point:
        found["training_tokens_per_second"] = Quotient(examples * point["tokens"], seconds)
    if "step" in needed:
        flops = run["count"] * needed["step"].flops * together
        found["mfu"] = Quotient(flops, seconds * setting.flops_per_second * devices)
    return found


def beyond_steps(point: Mapping[str, Any], workload: Workload, run: Mapping[str, Any]) -> float:
    """Seconds that one fine-tuning run over one epoch spends outside of its steps.

    Measured: building model, optimiser and data; what the warm-up took longer than as many settled steps; one
    pass over the evaluation examples, scaled from a few batches; one checkpoint of weights and optimiser.
    Restarts, failed runs and the time to fetch a model are not in it.
    """
    together = point["batch"] * run.get("processes", 1)
    evaluation_batches = math.ceil(workload.evaluation_examples / together)
    settled = run["warmup_count"] * run["seconds"] / run["count"]
    warming = max(0.0, run["warmup_seconds"] - settled)
    evaluation = evaluation_batches * run["evaluation_batch_seconds"]
    return float(run["setup_seconds"] + warming + evaluation + run["checkpoint_seconds"])


def _classify(setting: Setting, needed: Works, run: Any) -> Quotients:
    requests, seconds = run["count"] * setting.point["batch"], run["seconds"]
    found = {
        "requests_per_second": Quotient(requests, seconds),
        "batch_seconds": Quotient(seconds, run["count"]),
    }
    if "tokens" in setting.point:
        found["tokens_per_second"] = Quotient(requests * setting.point["tokens"], seconds)
    if "step" in needed:
        found["mfu"] = Quotient(run["count"] * needed["step"].flops, seconds * setting.flops_per_second)
    return found


def _generate(setting: Setting, needed: Works, run: Any) -> Quotients:
    count, batch, new = run["count"], setting.point["batch"], setting.point["new_tokens"]
    prefill, decode, decode_steps = run["prefill_seconds"], run["decode_seconds"], count * (new - 1)
    return {
        "decode_tokens_per_second": Quotient(batch * decode_steps, decode),
        "tokens_per_second": Quotient(count * batch * new, prefill + decode),
        "requests_per_second": Quotient(count * batch, prefill + decode),
        "ttft_seconds": Quotient(prefill, count),
        "tpot_seconds": Quotient(decode, decode_steps),
        **_prompt(setting, needed, run),
    }


def _prompt(setting: Setting, needed: Works, run: Any) -> Quotients:
    """What is told of a prompt of tokens: how fast it was read, and the shares of both ceilings."""
    count, batch, new = run["count"], setting.point["batch"], setting.point["new_tokens"]
    if (prompt := setting.point.get("prompt_tokens")) is None:
        return {}
    prefill, decode = run["prefill_seconds"], run["decode_seconds"]
    found = {"prefill_tokens_per_second": Quotient(count * batch * prompt, prefill)}
    if "decode" in needed:
        moved = count * (new - 1) * needed["decode"].bytes
        found["mbu"] = Quotient(moved, decode * setting.ceiling.bytes_per_second)
        found["prefill_mfu"] = Quotient(count * needed["prefill"].flops, prefill * setting.flops_per_second)
    return found


QUOTIENTS = {"train": _train, "classify": _classify, "generate": _generate}


def _energy(setting: Setting, run: Mapping[str, Any]) -> Quotients:
    """Joules an example, and a token where there are any, if a sensor could tell."""
    if run["energy"] is None:
        return {}
    # Energy is the whole window's, with the steps whose times were left out.
    examples = run.get("window_count", run["count"]) * setting.point["batch"]
    tokens = setting.point.get("new_tokens", setting.point.get("tokens"))
    joules = {"joules_per_example": Quotient(run["energy"]["joules"], examples)}
    if tokens is not None:
        joules["joules_per_token"] = Quotient(run["energy"]["joules"], examples * tokens)
    return joules


def _quality(run: Mapping[str, Any]) -> Quotients:
    """How often fewer bits or weights left the first choice as it is, where the answers were compared."""
    found = run.get("quality", {})
    if "top1_agreement" not in found:
        return {}
    return {"top1_agreement": Quotient(found["same_first_choice"], found["answers"])}
