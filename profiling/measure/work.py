"""What the steps of a case have to do: floating-point operations and bytes, by arithmetic alone.  No torch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from profiling import methods
from profiling.models import architecture, source
from profiling.models.architecture import Architecture
from profiling.workload.workload import Case, Workload

BYTES = {"float32": 4, "bfloat16": 2, "float16": 2}

# Bytes moved for each weight in one step of AdamW in float32: read forwards and backwards; if it is trained, its
# gradient is written, and the update reads weight, gradient and two moments and writes all but the gradient.
READ_BYTES = 4
FROZEN_BYTES = 2 * READ_BYTES
# Read forwards and backwards at four bits; the scales of QLoRA's blocks are 3 % of that, and left out.
FOUR_BIT_BYTES = 2 * 0.5
TRAINED_BYTES = FROZEN_BYTES + 4 + 4 * 4 + 3 * 4

# What configs call their number of layers, of which a student has half; GPT-2 has a name of its own.
LAYER_COUNTS = ("num_hidden_layers", "n_layer", "encoder_layers", "decoder_layers")


@dataclass(frozen=True)
class Ceiling:
    """The best that any repeat got from the device; matrix products by precision."""

    flops_per_second: Mapping[str, float]
    bytes_per_second: float

    @classmethod
    def best(cls, repeats: Sequence[Mapping[str, Any]]) -> Ceiling:
        """The highest of the repeats: a limit, unlike a rate, is not an average."""
        return cls(
            {
                precision: max(look["matmul_flops"] / look["matmul_seconds"][precision] for look in repeats)
                for precision in repeats[0]["matmul_seconds"]
            },
            max(look["copy_bytes"] / look["copy_seconds"] for look in repeats),
        )


@dataclass(frozen=True)
class Setting:
    """What the repeats of one case have in common."""

    workload: Workload
    point: Mapping[str, Any]
    arithmetic: str  # the precision that is computed in
    weight_bytes: float  # of one weight as it is stored
    ceiling: Ceiling
    activations: str = ""  # the precision between the layers, where it is another than the arithmetic's

    @classmethod
    def of(cls, workload: Workload, plan: Case, ceiling: Ceiling, run: Mapping[str, Any]) -> Setting:
        """The setting that one repeat of the case found itself in."""
        activations = run.get("activations", "")
        return cls(workload.at(plan), plan.point, run["arithmetic"], run["weight_bytes"], ceiling, activations)

    @cached_property
    def architecture(self) -> Architecture | None:
        """The model's sizes; None where its kind is not known, and no utilisation can be told."""
        config = source.config_of(self.workload.model)
        if config is not None and self.workload.pruning == "columns":
            config = source.with_fewer_columns(config, self.workload.pruned_percent)
        if config is None or config["model_type"] not in architecture.KNOWN:
            return None
        return architecture.of(config, self.workload.purpose)

    @property
    def flops_per_second(self) -> float:
        """The matrix product's ceiling in the precision of the case."""
        return self.ceiling.flops_per_second[self.arithmetic]

    @property
    def cache_bytes(self) -> int:
        """Of one number in the key-value cache, which is kept as it flows between the layers."""
        return BYTES[self.activations or self.arithmetic]


@dataclass(frozen=True)
class Work:
    """What one step needs at least; bytes are those of weights, optimiser and cache, and not of activations."""

    flops: float
    bytes: float


def of(kind: str, setting: Setting) -> dict[str, Work]:
    """The work of one step by phase, `step` or `prefill` and `decode`; none where the model's sizes are not known."""
    sizes = setting.architecture
    if sizes is None or kind not in _WORK:
        return {}
    return _WORK[kind](setting, sizes)


def _train(setting: Setting, sizes: Architecture) -> dict[str, Work]:
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


def _distil(setting: Setting, teacher: Architecture) -> dict[str, Work]:
    """A student of half the layers trains, its teacher answers; none where the config does not write out its layers."""
    point, config = setting.point, source.config_of(setting.workload.model) or {}
    halves = {name: config[name] // 2 for name in LAYER_COUNTS if name in config}
    if not halves:
        return {}
    student, tokens = architecture.of({**config, **halves}, setting.workload.purpose), point.get("tokens", 0)
    flops = student.training_flops(tokens, point["method"]) + teacher.forward_flops(tokens)
    return {"step": Work(point["batch"] * flops, TRAINED_BYTES * student.parameters + READ_BYTES * teacher.parameters)}


def _classify(setting: Setting, sizes: Architecture) -> dict[str, Work]:
    tokens = setting.point.get("tokens", 0)
    # Of a history, items are ranked once, after its end.
    each = sizes.prefill_flops(tokens) if setting.workload.purpose == "recommend" else sizes.forward_flops(tokens)
    flops = setting.point["batch"] * each
    return {"step": Work(flops, sizes.matmul_parameters * setting.weight_bytes)}


def _generate(setting: Setting, sizes: Architecture) -> dict[str, Work]:
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


_WORK = {"train": _train, "classify": _classify, "generate": _generate}
