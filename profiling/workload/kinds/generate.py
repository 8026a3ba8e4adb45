"""Generating: one step is one batch of requests, answered token by token."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from profiling.architecture import Architecture
from profiling.workload.kinds.kind import Counts, Kind
from profiling.workload.kinds.work import Quotient, Quotients, Setting, Work, Works


def work(setting: Setting, sizes: Architecture) -> Works:
    """Return the work of the prefill and of one decoding step."""
    point = setting.point
    if "prompt_tokens" not in point:  # speech: the encoder's work and the decoder's are not told apart
        return {}
    batch, prompt = point["batch"], point["prompt_tokens"]
    # The cache grows from the prompt to all but the last token; a step reads its mean.
    context = prompt + point["new_tokens"] / 2
    weights = sizes.matmul_parameters * setting.weight_bytes
    moved = sizes.decode_bytes(batch, context, setting.weight_bytes, setting.cache_bytes)
    return {
        "prefill": Work(batch * sizes.prefill_flops(prompt), weights),
        "decode": Work(batch * sizes.forward_flops(round(context)) / round(context), moved),
    }


def quotients(setting: Setting, needed: Works, run: Any) -> Quotients:
    """Return the metrics of one repeat."""
    count, batch, new = run["count"], setting.point["batch"], setting.point["new_tokens"]
    prefill, decode, decode_steps = run["prefill_seconds"], run["decode_seconds"], count * (new - 1)
    found = {
        "decode_tokens_per_second": Quotient(batch * decode_steps, decode),
        "tokens_per_second": Quotient(count * batch * new, prefill + decode),
        "requests_per_second": Quotient(count * batch, prefill + decode),
        "ttft_seconds": Quotient(prefill, count),
        "tpot_seconds": Quotient(decode, decode_steps),
    }
    if (prompt := setting.point.get("prompt_tokens")) is not None:
        found["prefill_tokens_per_second"] = Quotient(count * batch * prompt, prefill)
    if "decode" in needed:
        moved = decode_steps * needed["decode"].bytes
        found["mbu"] = Quotient(moved, decode * setting.ceiling.bytes_per_second)
        found["prefill_mfu"] = Quotient(count * needed["prefill"].flops, prefill * setting.flops_per_second)
    return found


def by_step(point: Mapping[str, Any], _: Mapping[str, Any], __: Mapping[str, Any]) -> Mapping[str, Counts]:
    """Return what each decoding step counts: a token of each request of the batch."""
    return {"tpot_seconds": None, "decode_tokens_per_second": [point.get("batch", 0)]}


def whole(point: Mapping[str, Any], metrics: Mapping[str, float]) -> Mapping[str, float]:
    """Return what follows for whole requests from the time to the first token and that for each further one."""
    first, further = metrics.get("ttft_seconds", 0.0), metrics.get("tpot_seconds", 0.0)
    batch, prompt, new = (point.get(name, 0) for name in ("batch", "prompt_tokens", "new_tokens"))
    if not (batch and new and further and first > 0):
        return {}
    seconds = first + (new - 1) * further
    return {
        "tokens_per_second": batch * new / seconds,
        "requests_per_second": batch / seconds,
        "prefill_tokens_per_second": batch * prompt / first,
    }


GENERATE = Kind(
    name="generate",
    title="Generating",
    order=4,
    tasks=("causal", "speech"),
    coordinates=("batch", "prompt_tokens", "new_tokens"),
    way="steps",
    runner="profiling.serving.answering:generation",
    fields=("cache", "compile", "pruned_percent", "pruning", "knee"),
    rates=("tokens_per_second",),
    utilisation="mbu",
    stages={"prefill": ("ttft_seconds",), "decode": ("tpot_seconds",)},
    work=work,
    quotients=quotients,
    by_step=by_step,
    whole=whole,
    informs="pools",
)
