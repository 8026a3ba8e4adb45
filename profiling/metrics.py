"""What is reported of a case, each metric as one quotient, and its definition in words.

Every metric is a numerator over a denominator per repeat, so that `statistics.ratio` gives all of them the
same interval.  No torch.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from profiling import arithmetic, statistics
from profiling.record import Estimate
from profiling.workload import CasePlan, Workload


@dataclass(frozen=True)
class Quotient:
    """One repeat's share of a metric: `above` over `below`, in `unit`."""

    above: float
    below: float
    unit: str


@dataclass(frozen=True)
class Ceiling:
    """The best that any repeat got from the device."""

    flops_per_second: float
    bytes_per_second: float

    @classmethod
    def best(cls, repeats: Sequence[Mapping[str, float]]) -> Ceiling:
        """The highest of the repeats: a limit, unlike a rate, is not an average."""
        return cls(
            max(repeat["matmul_flops"] / repeat["matmul_seconds"] for repeat in repeats),
            max(repeat["copy_bytes"] / repeat["copy_seconds"] for repeat in repeats),
        )


Quotients = dict[str, Quotient]


@dataclass(frozen=True)
class Setting:
    """What the repeats of every case have in common."""

    workload: Workload
    precision: str
    ceiling: Ceiling


DEFINITIONS = {
    "training_tokens_per_second": "Tokens over the time of the optimiser steps; evaluation and checkpoints apart.",
    "step_seconds": "Time of one optimiser step: copying the batch, forward, backward, update.",
    "step_to_run_factor": "Time of one epoch with set-up, warm-up, one evaluation and one checkpoint, over its steps'.",
    "mfu": "Model FLOPs utilisation (MFU): operations the model needs a second, over the matrix product's ceiling.",
    "tokens_per_second": "Classifying: tokens read a second. Generating: tokens written a second over the whole"
    " request, batch x new tokens / (prefill + decode).",
    "requests_per_second": "Texts classified a second.",
    "prefill_tokens_per_second": "Prompt tokens read a second, until the first token is there.",
    "decode_tokens_per_second": "Tokens a second after the first one, over all sequences of the batch.",
    "ttft_seconds": "Time to first token (TTFT): from the request's start, with no queue before it; the prefill.",
    "tpot_seconds": "Time per output token (TPOT): (end-to-end - TTFT) / (tokens - 1), for each sequence.",
    "mbu": "Memory bandwidth utilisation (MBU): (weights + key-value cache) in bytes / TPOT, over the copy's ceiling.",
    "prefill_mfu": "Model FLOPs utilisation of the prefill.",
    "joules_per_token": "Energy of the whole device, idle power included, for each token trained, read or written.",
    "matmul_flops_per_second": "Ceiling: the fastest of many large matrix products in the run's precision.",
    "copy_bytes_per_second": "Ceiling: the fastest of many large copies in memory, bytes read plus bytes written.",
}


def estimates(plan: CasePlan, setting: Setting, runs: Sequence[Any]) -> dict[str, Estimate]:
    """Every metric of a case from its repeats, beside the ceiling that the same run measured."""
    quotients = [{**QUOTIENTS[plan.kind](plan.point, setting, run), **_energy(run)} for run in runs]
    shared = [name for name in quotients[0] if all(name in repeat for repeat in quotients)]
    return {name: _estimate([repeat[name] for repeat in quotients]) for name in shared}


def ceiling_estimates(ceilings: Sequence[Mapping[str, float]]) -> dict[str, Estimate]:
    """The device's own limits from every repeat."""
    return {
        f"{name}_per_second": _estimate([Quotient(repeat[name], repeat[seconds], unit) for repeat in ceilings])
        for name, seconds, unit in (
            ("matmul_flops", "matmul_seconds", "FLOP/s"),
            ("copy_bytes", "copy_seconds", "B/s"),
        )
    }


def _estimate(repeats: Sequence[Quotient]) -> Estimate:
    return statistics.ratio([q.above for q in repeats], [q.below for q in repeats], repeats[0].unit)


def _train(point: Mapping[str, Any], setting: Setting, run: Any) -> Quotients:
    step_tokens = point["batch"] * point["tokens"]
    tokens, seconds = run["count"] * step_tokens, run["seconds"]
    flops = tokens * arithmetic.training_flops_per_token(setting.workload.model, point["tokens"], point["method"])
    epoch_seconds = math.ceil(setting.workload.epoch_examples / point["batch"]) * seconds / run["count"]
    return {
        "training_tokens_per_second": Quotient(tokens, seconds, "token/s"),
        "step_seconds": Quotient(seconds, run["count"], "s"),
        "step_to_run_factor": Quotient(epoch_seconds + beyond_steps(point, setting.workload, run), epoch_seconds, "1"),
        "mfu": Quotient(flops, seconds * setting.ceiling.flops_per_second, "1"),
    }


def beyond_steps(point: Mapping[str, Any], workload: Workload, run: Mapping[str, Any]) -> float:
    """Seconds that one fine-tuning run over one epoch spends outside of its steps.

    Measured: building model, optimiser and data; what the warm-up took longer than as many settled steps; one
    pass over the evaluation examples, scaled from a few batches; one checkpoint of weights and optimiser.
    Restarts, failed runs and the time to fetch a model are not in it.
    """
    evaluation_batches = math.ceil(workload.evaluation_examples / point["batch"])
    settled = run["warmup_count"] * run["seconds"] / run["count"]
    warming = max(0.0, run["warmup_seconds"] - settled)
    evaluation = evaluation_batches * run["evaluation_batch_seconds"]
    return float(run["setup_seconds"] + warming + evaluation + run["checkpoint_seconds"])


def _classify(point: Mapping[str, Any], setting: Setting, run: Any) -> Quotients:
    requests, seconds = run["count"] * point["batch"], run["seconds"]
    tokens = requests * point["tokens"]
    flops = tokens * arithmetic.forward_flops_per_token(setting.workload.model, point["tokens"])
    return {
        "tokens_per_second": Quotient(tokens, seconds, "token/s"),
        "requests_per_second": Quotient(requests, seconds, "request/s"),
        "mfu": Quotient(flops, seconds * setting.ceiling.flops_per_second, "1"),
    }


def _generate(point: Mapping[str, Any], setting: Setting, run: Any) -> Quotients:
    count, batch, prompt, new = run["count"], point["batch"], point["prompt_tokens"], point["new_tokens"]
    prefill, decode = run["prefill_seconds"], run["decode_seconds"]
    decode_steps = count * (new - 1)
    # The cache grows from the prompt to all but the last token; a step reads its mean.
    context = prompt + new / 2
    moved = decode_steps * arithmetic.decode_bytes_per_step(setting.workload.model, setting.precision, batch, context)
    flops = count * batch * arithmetic.prefill_flops(setting.workload.model, prompt)
    return {
        "prefill_tokens_per_second": Quotient(count * batch * prompt, prefill, "token/s"),
        "decode_tokens_per_second": Quotient(batch * decode_steps, decode, "token/s"),
        "tokens_per_second": Quotient(count * batch * new, prefill + decode, "token/s"),
        "ttft_seconds": Quotient(prefill, count, "s"),
        "tpot_seconds": Quotient(decode, decode_steps, "s"),
        "mbu": Quotient(moved, decode * setting.ceiling.bytes_per_second, "1"),
        "prefill_mfu": Quotient(flops, prefill * setting.ceiling.flops_per_second, "1"),
    }


QUOTIENTS = {"train": _train, "classify": _classify, "generate": _generate}


def _energy(run: Mapping[str, Any]) -> Quotients:
    """Joules a token, where a sensor could tell."""
    if run["energy"] is None:
        return {}
    return {"joules_per_token": Quotient(run["energy"]["joules"], run["tokens"], "J/token")}
