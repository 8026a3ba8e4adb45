"""Training: one step is one update of the weights."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from profiling import architecture, methods
from profiling.architecture import Architecture
from profiling.architecture.source import TASKS
from profiling.methods.whole import LAYER_COUNTS
from profiling.workload.kinds.kind import Counts, Kind
from profiling.workload.kinds.work import BYTES, Quotient, Quotients, Setting, Work, Works

# Numbers moved for each weight in one step of AdamW: read forwards and backwards for each batch; if it is trained, its
# gradient is written, and the update reads weight, gradient and two moments and writes all but the gradient.
READS, GRADIENT_WRITES, UPDATE_MOVES = 2, 1, 4 + 3
# Four bits; the scales of QLoRA's blocks are 3 % of that, and left out.
FOUR_BIT_BYTES = 0.5
MASTER_BYTES = BYTES["float32"]


def work(setting: Setting, sizes: Architecture) -> Works:
    """Return the work of one step, the teacher's included where there is one."""
    point = setting.point
    if methods.find(point["method"]).student:
        return _distil(setting, sizes)
    flops = setting.step_examples * sizes.training_flops(setting.trained_tokens, point["method"])
    return {"step": Work(flops, _optimiser_bytes(setting, sizes))}


def _optimiser_bytes(setting: Setting, sizes: Architecture) -> float:
    """Return the bytes of one step over weights, gradients and moments.

    A method that packs the frozen weights packs, and adapts, every linear layer of the body.
    """
    method = setting.point["method"]
    body = [one for one in sizes.matrices if one.role == "body" and not one.from_data]
    packed = body if methods.find(method).packed else []
    trained = sizes.trainable_parameters(method, modules=[one.name for one in packed] or None)
    narrow = sum(one.weights for one in packed)
    # With every weight trained none is frozen; adapters come beside the frozen ones, and a head in the place of some.
    frozen = sizes.parameters - (0 if methods.find(method).trains == "adapters" else trained)
    # What is not packed is widened beside it, as peft prepares a model for training in few bits.
    wide = MASTER_BYTES if packed else setting.weight_bytes
    read = wide * (frozen - narrow) + FOUR_BIT_BYTES * narrow
    return READS * setting.accumulation * read + _trained_bytes(setting, trained)


def _trained_bytes(setting: Setting, weights: float) -> float:
    """Return the bytes that one step moves for weights that are trained."""
    each = setting.weight_bytes if setting.weights == "pure" else MASTER_BYTES
    return weights * each * ((READS + GRADIENT_WRITES) * setting.accumulation + UPDATE_MOVES)


def _distil(setting: Setting, teacher: Architecture) -> Works:
    """Return the work of a student's step and its teacher's answers; none where the config has no layers to halve."""
    point, config = setting.point, setting.config or {}
    halves = {name: config[name] // 2 for name in LAYER_COUNTS if name in config}
    if not halves:
        return {}
    student, tokens = architecture.of({**config, **halves}, setting.task), setting.trained_tokens
    flops = student.training_flops(tokens, point["method"]) + teacher.forward_flops(tokens)
    answered = setting.accumulation * setting.weight_bytes * teacher.parameters
    return {"step": Work(setting.step_examples * flops, _trained_bytes(setting, student.parameters) + answered)}


def quotients(setting: Setting, needed: Works, run: Any) -> Quotients:
    """Return the metrics of one repeat."""
    # With several processes each has a batch of its own; on GPUs, each has a device.
    point, seconds, together, devices = setting.point, run["seconds"], run.get("processes", 1), run.get("devices", 1)
    examples = run["count"] * setting.step_rows * run.get("row_examples", 1.0) * together
    epoch_steps = math.ceil(setting.epoch_examples / (setting.step_examples * together))
    epoch_seconds = epoch_steps * seconds / run["count"]
    found = {
        "training_examples_per_second": Quotient(examples, seconds),
        "step_seconds": Quotient(seconds, run["count"]),
        "step_to_run_factor": Quotient(epoch_seconds + _beyond_steps(setting, run), epoch_seconds),
    }
    if "tokens" in point:
        found["training_tokens_per_second"] = Quotient(examples * run.get("example_tokens", point["tokens"]), seconds)
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
    together = setting.point["batch"] * setting.row_examples * run.get("processes", 1)
    evaluation_batches = math.ceil(setting.evaluation_examples / together)
    settled = run["warmup_count"] * run["seconds"] / run["count"]
    warming = max(0.0, run["warmup_seconds"] - settled)
    evaluation = evaluation_batches * run["evaluation_batch_seconds"]
    return float(run["setup_seconds"] + warming + evaluation + run["checkpoint_seconds"])


def by_step(point: Mapping[str, Any], extra: Mapping[str, Any], workload: Mapping[str, Any]) -> Mapping[str, Counts]:
    """Return what each step counts, by repeat: the examples and tokens of all processes and accumulated batches."""
    factors = (point.get("accumulation", workload.get("accumulation")), extra.get("processes"))
    times = math.prod(one for one in factors if isinstance(one, int) and one > 0)
    rows = float(point.get("batch", 0) * times)
    # Each repeat drew texts of its own; older records tell the tokens of the first repeat's.
    each = extra.get("row_examples") or [1.0]
    lengths = extra.get("example_tokens") or [extra.get("row_tokens") or point.get("tokens", 0)] * len(each)
    counts = [rows * one for one in each]
    tokens = [one * length for one, length in zip(counts, lengths, strict=False)]
    return {"step_seconds": None, "training_examples_per_second": counts, "training_tokens_per_second": tokens}


TRAIN = Kind(
    name="train",
    title="Training speed",
    order=1,
    tasks=TASKS,
    coordinates=("batch", "tokens"),
    way="steps",
    runner="profiling.making.training:Training",
    takes_method=True,
    fields=(
        *("weights", "checkpointing", "accumulation", "clipping", "parallel", "processes"),
        *("text_lengths", "packing", "memory_format", "knee"),
    ),
    rates=("training_tokens_per_second", "training_examples_per_second"),
    utilisation="mfu",
    stages={"step": ("step_seconds",)},
    work=work,
    quotients=quotients,
    by_step=by_step,
    informs="programs",
)
