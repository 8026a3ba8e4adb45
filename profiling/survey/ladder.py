"""The models of a survey, by size, and the largest that a device has memory and time for.

The first rung is measured for its ceilings; the rest is chosen from them: a step takes its operations over the matrix
product's ceiling or its bytes over the copy's, at shares of them that eager code usually reaches, and beside that what
a layer took on the first rung, where launching its operations was nearly all.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from profiling import architecture
from profiling.architecture import Architecture
from profiling.errors import UnsupportedError
from profiling.estimates import footprint
from profiling.estimates.footprint import Plan
from profiling.methods import METHODS
from profiling.results.record import Record
from profiling.workload.kinds import KINDS
from profiling.workload.kinds.kind import FEWEST_STEPS
from profiling.workload.presets import shapes
from profiling.workload.workload import FEWEST_REPEATS, Case, Effort, Workload

# Decoders with random weights, whose speed is that of trained ones: SmolLM2-135M and a part of it, Qwen2.5-0.5B, and
# Llama 3.2 and 3.1.
LADDER: Mapping[str, dict[str, Any]] = {
    "tiny-5M": shapes.LLAMA_TINY,
    "smollm2-135M": shapes.SMOL_135M,
    "qwen2_5-0_5B": shapes.QWEN_05B,
    "llama3_2-1B": shapes.LLAMA_1B,
    "llama3_2-3B": shapes.LLAMA_3B,
    "llama3_1-8B": shapes.LLAMA_8B,
}
# The kinds of case that serve and train, and the ways of tuning that people publish: adapters, and all weights.
SERVES = next(kind.name for kind in KINDS.values() if kind.writes and kind.way == "steps")
TRAINS = next(kind.name for kind in KINDS.values() if kind.informs == "programs" and kind.way == "steps")
TUNED = [name for name, one in METHODS.items() if one.published_as == name and not (one.from_scratch or one.packed)]
SERVING = "serving"
FIRST = next(iter(LADDER))
USES = (SERVING, *sorted(TUNED, key=lambda name: METHODS[name].trains))
# The context of the driver, fragmentation and the buffers of a step.
MEMORY_SHARE = 0.85
# Shares of the ceilings that steps usually reach, or more.
MFU, MBU = 0.35, 0.4
# Drawing random weights, as a share of the bandwidth of a copy.
BUILD_SHARE = 0.03
EFFORT = Effort(repeats=FEWEST_REPEATS, warmup_steps=1, warmup_seconds=0.5, steps=FEWEST_STEPS, seconds=1.0)
# The steps of a repeat at least: one to warm up, and those that it counts.
STEPS = EFFORT.warmup_steps + EFFORT.steps
# What is chosen is usually this number of models, and the run of each begins with looks at the device.
MODELS = 2
# Passes over the layers in a training step that recomputes: forwards twice, and backwards, which is two.
PASSES = 4


@dataclass(frozen=True)
class Device:
    """What the first rung found out."""

    kind: str
    precision: str
    capacity_bytes: float | None  # None: unknown
    flops_per_second: float
    bytes_per_second: float
    process_seconds: float = 8.0  # what a process takes to look at the device, or to repeat a small case
    layer_seconds: float = 0.0  # what a layer takes to pass one token

    @classmethod
    def of(cls, record: Record, seconds: float) -> Device:
        """Return the device of the first rung's record; `seconds` is how long that run took.

        Raise UnsupportedError where torch refused the product of matrices.
        """
        precision, (case,) = str(record.workload["precision"]), record.cases
        layers = architecture.of(LADDER[FIRST]).layers
        product, token = record.ceiling.get(f"{precision}_matmul_flops_per_second"), case.metrics.get("tpot_seconds")
        if product is None:
            raise UnsupportedError(f"torch multiplies no matrices in {precision} here", todo="see the run's log.txt")
        return cls(
            str(record.device["kind"]),
            precision,
            record.device.get("memory_capacity_bytes"),
            product.value,
            record.ceiling["copy_bytes_per_second"].value,
            seconds / (2 * EFFORT.repeats),
            0.0 if token is None else token.value / layers,
        )

    @property
    def on_cpu(self) -> bool:
        """Whether lengths are those that a processor gets through."""
        return self.kind == "cpu"

    @property
    def lengths(self) -> dict[str, int]:
        """Tokens of an example of training, of a prompt, and of an answer."""
        train, prompt, new = (128, 64, 16) if self.on_cpu else (2048, 512, 32)
        return {"tokens": train, "prompt_tokens": prompt, "new_tokens": new}


@dataclass(frozen=True)
class Use:
    """One way of using a model: what a case of it needs."""

    name: str
    case: Case
    memory_bytes: float
    seconds: float  # of all repeats


def first() -> Workload:
    """Return the first rung, whose record has the device's ceilings."""
    cases = (Case(SERVES, {"batch": 1, "prompt_tokens": 64, "new_tokens": 16}),)
    return _workload(FIRST, cases)


def uses(name: str, device: Device) -> Iterator[Use]:
    """Yield serving one model on a device, and ways of tuning it, the most telling first."""
    model, lengths = architecture.of(LADDER[name]), device.lengths
    each = footprint.WEIGHT_BITS[device.precision] / 8
    weights = each * model.parameters
    serve = {"batch": 1, "prompt_tokens": lengths["prompt_tokens"], "new_tokens": lengths["new_tokens"]}
    context = serve["prompt_tokens"] + serve["new_tokens"]
    cache = footprint.cache_bytes(model, 1, context, each)
    token = (weights + cache) / (MBU * device.bytes_per_second) + model.layers * device.layer_seconds
    seconds = _seconds(device, weights, STEPS * serve["new_tokens"] * token)
    yield Use(SERVING, Case(SERVES, serve), weights + cache, seconds)
    for method in USES[1:]:
        point = {"method": method, "batch": 1, "tokens": lengths["tokens"], "checkpointing": "yes"}
        plan = Plan(
            method,
            tokens=lengths["tokens"],
            recipe="adamw-float32",
            again=True,
            frozen_precision=device.precision,
        )
        memory = footprint.training(model, plan)
        seconds = _seconds(device, memory.weights, STEPS * _step_seconds(model, point, device))
        yield Use(method, Case(TRAINS, point), memory.total or 0.0, seconds)


def _seconds(device: Device, bytes_built: float, stepping: float) -> float:
    """Return the seconds of all repeats, by the bytes that a process builds and the seconds of its steps."""
    return EFFORT.repeats * (device.process_seconds + bytes_built / (BUILD_SHARE * device.bytes_per_second) + stepping)


def _step_seconds(model: Architecture, point: Mapping[str, Any], device: Device) -> float:
    """Return the seconds of a training step; checkpointing adds one pass forwards."""
    flops = model.training_flops(point["tokens"], point["method"]) + model.forward_flops(point["tokens"])
    return flops / (MFU * device.flops_per_second) + PASSES * model.layers * device.layer_seconds


def largest(use: str, device: Device, seconds: float = math.inf) -> tuple[str, Use] | None:
    """Return the largest model that a use has memory and time for, or else the smallest; None without the memory."""
    best = None
    for name in LADDER:
        found = next(one for one in uses(name, device) if one.name == use)
        fits = device.capacity_bytes is None or found.memory_bytes <= MEMORY_SHARE * device.capacity_bytes
        if fits and (best is None or found.seconds <= seconds):
            best = name, found
    return best


def workloads(device: Device, seconds: float) -> Iterator[tuple[Workload, float]]:
    """Yield what to measure in the given seconds, each workload with its share of the time that is left.

    Each use is measured at the largest model for it, and then over the batch. The cases of one model are one workload,
    since every run examines the device again. What the first rung measured is not measured again.
    """
    begun, examining = first(), MODELS * EFFORT.repeats * device.process_seconds
    for shares in (len(USES) + 1, len(USES)):  # the last is for larger batches
        chosen = [found for use in USES if (found := largest(use, device, (seconds - examining) / shares))]
        if all(_workload(name, (use.case,)) != begun for name, use in chosen):
            break
    names = [name for name, _ in chosen]
    for name in dict.fromkeys(names):
        cases = [use.case for model, use in chosen if model == name]
        larger = [Case(case.kind, {**case.point, "batch": 2, "knee": "yes"}) for case in cases]
        fresh = [case for case in cases if _workload(name, (case,)) != begun]
        yield _workload(name, (*fresh, *larger)), len(cases) / len(names)
        names = [one for one in names if one != name]


def _workload(name: str, cases: tuple[Case, ...]) -> Workload:
    return Workload(f"survey-{name}", {"config": LADDER[name]}, cases, EFFORT, task="causal")
