"""Training: one step is one update of the weights."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from profiling import architecture, methods
from profiling.architecture import Architecture
from profiling.architecture.source import TASKS
from profiling.methods.whole import LAYER_COUNTS
from profiling.workload.kinds.kind import Kind
from profiling.workload.kinds.work import Quotient, Quotients, Setting, Work, Works

# Bytes moved for each weight in one step of AdamW in float32: read forwards and backwards; if it is trained, its
# gradient is written, and the update reads weight, gradient and two moments and writes all but the gradient.
READ_BYTES = 4
FROZEN_BYTES = 2 * READ_BYTES
# Read forwards and backwards at four bits; the scales of QLoRA's blocks are 3 % of that, and left out.
FOUR_BIT_BYTES = 2 * 0.5
TRAINED_BYTES = FROZEN_BYTES + 4 + 4 * 4 + 3 * 4


def work(setting: Setting, sizes: Architecture) -> Works:
    """Return the work of one step, the teacher's included where there is one."""
    point = setting.point
    if methods.find(point["method"]).student:
        return _distil(setting, sizes)
    flops = point["batch"] * sizes.training_flops(point.get("tokens", 0), point["method"])
    return {"step": Work(flops, _optimiser_bytes(sizes, point["method"]))}


def _optimiser_bytes(sizes: Architecture, method: str) -> float:
    """Return the bytes of one step over weights, gradients and moments.

    A method that packs the frozen weights packs, and adapts, every linear layer of the body.
    """
    body = [one for one in sizes.matrices if one.role == "body" and not one.from_data]
    packed = body if methods.find(method).packed else []
    trained = sizes.trainable_parameters(method, modules=[one.name for one in packed] or None)
    read = FROZEN_BYTES * sizes.parameters - (FROZEN_BYTES - FOUR_BIT_BYTES) * sum(one.weights for one in packed)
    return read + (TRAINED_BYTES - FROZEN_BYTES) * trained


def _distil(setting: Setting, teacher: Architecture) -> Works:
    """Return the work of a student's step and its teacher's answers; none where the config has no layers to halve."""
    point, config = setting.point, setting.config or {}
    halves = {name: config[name] // 2 for name in LAYER_COUNTS if name in config}
    if not halves:
        return {}
    student, tokens = architecture.of({**config, **halves}, setting.task), point.get("tokens", 0)
    flops = student.training_flops(tokens, point["method"]) + teacher.forward_flops(tokens)
    return {"step": Work(point["batch"] * flops, TRAINED_BYTES * student.parameters + READ_BYTES * teacher.parameters)}


def quotients(setting: Setting, needed: Works, run: Any) -> Quotients:
    """Return the metrics of one repeat."""
    # With several processes each has a batch of its own; on GPUs, each has a device.
    point, seconds, together, devices = setting.point, run["seconds"], run.get("processes", 1), run.get("devices", 1)
    examples = run["count"] * point["batch"] * together
    epoch_steps = math.ceil(setting.epoch_examples / (point["batch"] * together))
    epoch_seconds = epoch_steps * seconds / run["count"]
    found = {
        "training_examples_per_second": Quotient(examples, seconds),
        "step_seconds": Quotient(seconds, run["count"]),
        "step_to_run_factor": Quotient(epoch_seconds + _beyond_steps(setting, run), epoch_seconds),
    }
    if "tokens" in point:
        found["training_tokens_per_second"] = Quotient(examples * point["tokens"], seconds)
    if "step" in needed:
        flops = run["count"] * needed["step"].flops * together
        found["mfu"] = Quotient(flops, seconds * setting.flops_per_second * devices)
    return found


def _beyond_steps(setting: Setting, run: Mapping[str, Any]) -> float:
    """Return the seconds that one fine-tuning run over one epoch spends outside of its steps.

    Measured: building model, optimiser and data; what the warm-up took longer than as many settled steps; one
    pass over the evaluation examples, scaled from a few batches; one checkpoint of weights and optimiser.
    Not included: restarts, failed runs, and the time to fetch a model.
    """
    together = setting.point["batch"] * run.get("processes", 1)
    evaluation_batches = math.ceil(setting.evaluation_examples / together)
    settled = run["warmup_count"] * run["seconds"] / run["count"]
    warming = max(0.0, run["warmup_seconds"] - settled)
    evaluation = evaluation_batches * run["evaluation_batch_seconds"]
    return float(run["setup_seconds"] + warming + evaluation + run["checkpoint_seconds"])


TRAIN = Kind(
    name="train",
    title="Training speed",
    order=1,
    tasks=TASKS,
    coordinates=("batch", "tokens"),
    way="steps",
    runner="profiling.making.training:Training",
    takes_method=True,
    fields=("parallel", "processes"),
    rates=("training_tokens_per_second", "training_examples_per_second"),
    utilisation="mfu",
    stages={"step": ("step_seconds",)},
    work=work,
    quotients=quotients,
    informs="programs",
)
