"""Memory of a model on a device by arithmetic alone: training state, activations, cache.  Torch is not imported.

The framework's own context, fragmentation and the buffers of a step are not counted.  Each byte count is therefore a
lower bound of what a run reserves; a measured record has the real figure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from profiling import methods
from profiling.architecture import Architecture, Matrix
from profiling.errors import WorkloadError

# Bits of one weight.  NF4 keeps a scale of 32 bits for 64 weights: 4 + 32/64.  With double quantisation the scale
# takes 8 bits, and 256 scales share one of 32: 4 + 8/64 + 32/(64·256) (QLoRA, arXiv:2305.14314, section 3).
WEIGHT_BITS = {
    "float32": 32.0,
    "bfloat16": 16.0,
    "float16": 16.0,
    "fp8": 8.0,
    "int8": 8.0,
    "int4": 4.0,
    # A scale of 16 bits and a zero point of 4 for 128 weights, the usual group of GPTQ and AWQ.
    "int4-groups": 4 + (16 + 4) / 128,
    "int4-groups-64": 4 + (16 + 4) / 64,
    "int4-groups-32": 4 + (16 + 4) / 32,
    # A scale of 8 bits for 16 weights.
    "nvfp4": 4 + 8 / 16,
    # A scale of 8 bits for 32 weights (OCP Microscaling Formats 1.0).
    "mxfp4": 4 + 8 / 32,
    "nf4": 4 + 32 / 64,
    "nf4-double": 4 + 8 / 64 + 32 / (64 * 256),
}
_BLOCKWISE = ("int8", "int4", "int4-groups", "int4-groups-64", "int4-groups-32", "nf4", "nf4-double")
# Libraries quantise the matrices of the layers only; embedding, output, norms and biases keep 16 bits.
_OF_THE_BODY = ("fp8", "nvfp4", *_BLOCKWISE)
# Only experts are stored in these (gpt-oss, arXiv:2508.10925, section 2.1).
_OF_EXPERTS = ("mxfp4",)
_KEPT_BYTES = 2.0
# A number in the cache takes 16 bits, unless the precision is one of these: servers with FP8 cache in FP8 too.
_CACHED_BYTES = {"fp8": 1.0, "float32": 4.0}
# Weights in these have fewer bits than what they are multiplied in.
PACKED = (*_BLOCKWISE, *_OF_EXPERTS)


@dataclass(frozen=True)
class Recipe:
    """Bytes of training state for each weight that learns."""

    weights: float
    gradients: float
    master: float  # a copy of the weights in float32, which the optimiser updates
    moments: float

    @property
    def total(self) -> float:
        """Bytes for each weight that learns."""
        return self.weights + self.gradients + self.master + self.moments


RECIPES = {
    # ZeRO's 2 + 2 + K with K = 12 (arXiv:1910.02054, section 3.1).
    "adamw-mixed": Recipe(2, 2, 4, 8),
    # Hugging Face's 18: as above, with gradients in float32 (transformers, "model memory anatomy").
    "adamw-mixed-float32-gradients": Recipe(2, 4, 4, 8),
    # The same with moments in 8 bits (arXiv:2110.02861).
    "adamw-8bit": Recipe(2, 4, 4, 2),
    "adamw-float32": Recipe(4, 4, 0, 8),
    "adamw-bfloat16": Recipe(2, 2, 0, 4),
    # Each gradient is used as soon as it is known, and then dropped.
    "adamw-bfloat16-in-backward": Recipe(2, 0, 0, 4),
    "adamw-8bit-in-backward": Recipe(2, 0, 0, 2),
    "sgd-momentum-float32": Recipe(4, 4, 0, 4),
    "sgd-float32": Recipe(4, 4, 0, 0),
}
USUAL_RECIPE = "adamw-mixed"
# Of a logit while the loss is computed: its 16 bits, its copy in float32 and the gradient of that.
LOGIT_BYTES = 2 + 4 + 4


@dataclass(frozen=True)
class Footprint:
    """Bytes on one device; None where the model's shape does not determine them."""

    weights: float
    gradients: float = 0.0
    optimizer: float = 0.0
    activations: float | None = 0.0
    cache: float = 0.0

    @property
    def total(self) -> float | None:
        """All bytes together; None where the activations are unknown."""
        return None if self.activations is None else self.state + self.activations + self.cache

    @property
    def state(self) -> float:
        """Bytes that do not depend on the batch."""
        return self.weights + self.gradients + self.optimizer


def weight_bytes(model: Architecture, precision: str) -> float:
    """Return the bytes of all weights; raise WorkloadError for a precision that is not in WEIGHT_BITS.

    A precision of fewer than 16 bits is that of the body's matrices, or of the experts; the rest keeps 16 bits.
    """
    if precision not in WEIGHT_BITS:
        raise WorkloadError(f"no weight is kept in {precision!r}", todo=f"choose one of {', '.join(WEIGHT_BITS)}")
    each = WEIGHT_BITS[precision] / 8
    if precision not in (*_OF_THE_BODY, *_OF_EXPERTS):
        return model.parameters * each
    body = [matrix for matrix in model.matrices if matrix.role == "body"]
    packed = sum(one.weights for one in body if precision in _OF_THE_BODY or one.copies_used is not None)
    return packed * each + (model.parameters - packed) * _KEPT_BYTES


def cached_bytes(precision: str) -> float:
    """Return the bytes of one number in the cache of a model that is served in a precision."""
    return _CACHED_BYTES.get(precision, 2.0)


def cache_bytes(model: Architecture, batch: int, context_tokens: int, bytes_per_number: float = 2.0) -> float:
    """Return the bytes of a batch's keys and values, including those that an encoder leaves for each sequence."""
    return batch * model.cached_numbers(context_tokens) * bytes_per_number


def training_state(
    parameters: float, recipe: str = USUAL_RECIPE, *, zero_stage: int = 0, devices: int = 1
) -> Footprint:
    """Return weights, gradients and optimiser state of `parameters` that all learn, on each of `devices`.

    Stage 1 of ZeRO spreads the optimiser's state over the devices, stage 2 the gradients too, stage 3 the weights
    too (arXiv:1910.02054, figure 1).  Raise WorkloadError for an unknown recipe, stage or count.
    """
    if recipe not in RECIPES:
        raise WorkloadError(f"there is no recipe {recipe!r}", todo=f"choose one of {', '.join(RECIPES)}")
    each = RECIPES[recipe]
    shard = _shards(zero_stage, devices)
    return Footprint(
        weights=parameters * each.weights / shard[3],
        gradients=parameters * each.gradients / shard[2],
        optimizer=parameters * (each.master + each.moments) / shard[1],
    )


def _shards(zero_stage: int, devices: int) -> dict[int, int]:
    """Return the number of devices that share the part of each stage."""
    if zero_stage not in range(4) or devices < 1:
        raise WorkloadError(
            f"ZeRO stage {zero_stage} on {devices} devices", todo="stages go from 0 to 3, devices from 1"
        )
    return {stage: devices if stage <= zero_stage else 1 for stage in (1, 2, 3)}


def activation_bytes(model: Architecture, tokens: int, batch: int, *, again: bool = False) -> float | None:
    """Return the bytes that a training step keeps for its backward pass; None where a model has no attention.

    They are those of all layers, and of the logits in float32 with the output's inputs, 4·s·b·(h + V)
    (arXiv:2205.05198, section 4.3).
    """
    kept = layer_activation_bytes(model, tokens, again=again)
    if kept is None:
        return None
    rows = model.output.rows.of(tokens)
    return batch * (kept + 4 * rows * (model.output.inputs + model.output.outputs))


def layer_activation_bytes(model: Architecture, tokens: int, *, again: bool = False) -> float | None:
    """Return the bytes that all layers keep of one example, at 16 bits; None where a model has no attention.

    Where activations are computed again, a layer keeps its input, 2·s·h.  Otherwise a plain one keeps 34·s·h, as in
    arXiv:2205.05198, equation 1, without the scores, which fused attention drops.  The widths are those of the model's
    own matrices, since gated MLPs and mixtures keep more.
    """
    if not model.heads:
        return None
    each_layer = model.layers * model.tokens_per_example(tokens)
    if again:
        return 2 * each_layer * model.hidden
    # Norms, dropouts, and the input of the MLP.
    kept = 8 * each_layer * model.hidden + sum(_kept_bytes(one, model.hidden, tokens) for one in model.matrices)
    # Answers of the attention, which enter its last matrix.
    return kept + sum(2 * one.layers * one.shape(tokens)[0] * one.value_width for one in model.attentions)


def _kept_bytes(matrix: Matrix, hidden: int, tokens: int) -> float:
    """Return the bytes that the layers keep of what one kind of matrix makes of an example, at 16 bits.

    Attention keeps queries, keys and values.  A feed-forward layer keeps what enters the activation, what leaves it,
    and both sides of a gate: twice its inner width.  An expert also keeps its own copy of its input and its answer.
    """
    if matrix.role != "body":
        return 0.0
    met = matrix.copies * matrix.used_share * matrix.rows.of(tokens)
    if "attn" in matrix.name.lower() or "attention" in matrix.name.lower():
        return 2 * met * matrix.outputs
    if matrix.outputs == hidden:
        return 0.0
    return met * (4 * matrix.outputs + (0 if matrix.copies_used is None else 4 * hidden))


@dataclass(frozen=True)
class Plan:
    """Settings of a training that decide its memory."""

    method: str = "full"
    batch: int = 1  # examples on each device
    tokens: int = 512
    recipe: str = USUAL_RECIPE
    zero_stage: int = 0
    devices: int = 1
    again: bool = False  # activations are computed again in the backward pass
    frozen_precision: str = "bfloat16"  # of the weights that do not learn, unless the method packs them
    rank: int = 8
    modules: Sequence[str] | None = None


def training(model: Architecture, plan: Plan) -> Footprint:
    """Return the memory on each device: frozen weights, the state of those that learn, activations.

    A method that trains all weights freezes none; an adapter comes on top of the frozen model.  Raise WorkloadError
    for an unknown method, recipe, stage or precision.
    """
    learns = model.trainable_parameters(plan.method, rank=plan.rank, modules=plan.modules)
    state = training_state(learns, plan.recipe, zero_stage=plan.zero_stage, devices=plan.devices)
    activations = activation_bytes(model, plan.tokens, plan.batch, again=plan.again)
    if activations is not None:
        activations += (LOGIT_BYTES - 4) * plan.batch * model.output.rows.of(plan.tokens) * model.output.outputs
    method = methods.find(plan.method)
    if method.trains == "all":
        return replace(state, activations=activations)
    frozen = weight_bytes(model, method.packed or plan.frozen_precision)
    if method.trains == "head":
        # Only the output's weights learn; no gradient flows back into the body, which keeps no activations.
        frozen -= learns * WEIGHT_BITS[plan.frozen_precision] / 8
        activations = 4.0 * plan.batch * model.output.rows.of(plan.tokens) * (model.hidden + model.output.outputs)
    shards = _shards(plan.zero_stage, plan.devices)[3]
    return replace(state, weights=state.weights + frozen / shards, activations=activations)


def inference(
    model: Architecture,
    precision: str = "bfloat16",
    *,
    batch: int = 1,
    context_tokens: int = 0,
    devices: int = 1,
) -> Footprint:
    """Return each device's share of the weights and of the cache; raise WorkloadError for an unknown precision."""
    cache = cache_bytes(model, batch, context_tokens, cached_bytes(precision))
    return Footprint(weight_bytes(model, precision) / devices, cache=cache / devices)
