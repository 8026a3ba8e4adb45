"""The least that a case takes by the data sheet, term by term, for published rows and for questions.

Every term is in seconds at the device's fastest published matrix product and its data sheet's bandwidth, except counts
of layers and steps, whose cost is fitted.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from profiling import methods
from profiling.architecture import Architecture
from profiling.estimates import footprint
from profiling.estimates.fit import Form
from profiling.estimates.footprint import RECIPES, Recipe

# Servers leave a tenth of the memory to activations and the runtime (vLLM's gpu_memory_utilization is 0.9).
SERVED_MEMORY = 0.9
HALF = 2.0  # bytes of a number in 16 bits
# Bytes a second between a host and its device: PCIe 4.0 with 16 lanes.
LINK_BYTES = 32e9
# A device's processors, its memory or its links to other devices, and the host that launches its kernels.
DEVICE, TRANSFERS, HOST = 0, 1, 2
# No kernel reads faster than nine tenths of the data sheet's bandwidth.
SLOWEST_READ = 1.1

# Of one pass, forward and backward.  A device does what the first six count one after another.
TRAINING = Form(
    ("arithmetic", "elementwise", "unpacking", "fused unpacking", "optimiser", "offload", "gathering", "launches"),
    (DEVICE, DEVICE, DEVICE, DEVICE, DEVICE, DEVICE, TRANSFERS, HOST),
    (1.0, 0.0, 1.0, 1.0, 1.0, 0.0, 0.0, 0.0),
)
# Of one decoding step of a server, with captured graphs.
SERVING = Form(
    ("arithmetic", "exchange", "weights", "cache", "unpacking", "layers", "split layers", "steps"),
    (DEVICE, DEVICE, *(TRANSFERS,) * 6),  # an exchange waits for its product, and the next product for it
    (1.0, 0.0, SLOWEST_READ, SLOWEST_READ, *(0.0,) * 4),
)
# Of one decoding step of an eager engine, whose host launches kernels while the device still works.
ASYNCHRONOUS = 4.0
EAGER = Form(
    ("weights", "repeated cache", "unpacking", "whole unpacking", "launches"),
    (TRANSFERS, TRANSFERS, TRANSFERS, TRANSFERS, HOST),
    (SLOWEST_READ, SLOWEST_READ, 0.0, 0.0, 0.0),
    ASYNCHRONOUS,
)
# Of the peak.
MEMORY = Form(
    ("state", "kept", "inputs", "logits", "process"), least=(1.0, 0.0, 1.0, footprint.LOGIT_BYTES, 0.0), counts=True
)


@dataclass(frozen=True)
class Rates:
    """One device's rates in units per second, and its memory in bytes."""

    flops: float  # the data sheet's peak
    bytes: float
    memory_bytes: float
    reached: float  # operations of the fastest published matrix product
    reached_in_half: float  # the same in 16 bits, in which attention is computed


@dataclass(frozen=True)
class Trained:
    """Settings of one pass in training; `examples` are those of one device, as wide as they are computed."""

    method: str
    examples: float
    tokens: int
    devices: int = 1
    again: bool = True  # activations are computed again instead of kept
    compiled: bool = False  # kernels are fused, instead of launched one by one
    sharded: bool = False  # each pass gathers the weights from shards, as on several devices
    accumulation: int = 1
    recipe: str = footprint.USUAL_RECIPE
    offload: str = ""  # activations or state, to the host's memory
    chunked: bool = False  # the loss is computed in chunks of the sequence, and no logits are kept
    rank: int | None = None  # of adapters on all matrices of the layers; None: the method's usual adapters

    @property
    def passes(self) -> int:
        """How often a pass reads the weights: forward, backward, and again where activations are computed again."""
        return 2 + self.again


def training(sizes: Architecture, trained: Trained, rates: Rates) -> tuple[float, ...]:
    """Return the terms of one pass over the examples of one device, in the order of TRAINING.

    A method that packs the frozen weights unpacks each to 16 bits before it is multiplied.  Each update reads the
    gradients, and reads and writes the optimiser's state; it is shared by the accumulated batches and the devices.
    Gathering hides behind the arithmetic of compiled programs, and takes the eager ones' time.
    """
    way, tokens = methods.find(trained.method), trained.tokens
    positions = trained.examples * sizes.tokens_per_example(tokens)
    eager, share = not trained.compiled, trained.devices * trained.accumulation
    unpacked = HALF * sizes.parameters / rates.bytes if way.packed else 0.0
    learned = _learned(sizes, trained)
    return (
        _arithmetic(sizes, trained, rates),
        HALF * positions * sizes.layers * sizes.hidden / rates.bytes if eager else 0.0,
        unpacked if eager else 0.0,
        0.0 if eager else unpacked,
        update_bytes(RECIPES[trained.recipe]) * learned / share / rates.bytes,
        _linked(sizes, trained) / LINK_BYTES,
        _gathered(sizes, trained) / rates.bytes if eager and (trained.sharded or trained.devices > 1) else 0.0,
        float(sizes.layers) if eager else 0.0,
    )


def _arithmetic(sizes: Architecture, trained: Trained, rates: Rates) -> float:
    """Return the seconds of all products; those of attention stay in 16 bits."""
    flops, attention = sizes.training_flops(trained.tokens, trained.method), 3 * sizes.attention_flops(trained.tokens)
    if trained.again:
        flops += sizes.forward_flops(trained.tokens)
        attention *= 4 / 3
    return trained.examples * ((flops - attention) / rates.reached + attention / rates.reached_in_half)


def update_bytes(recipe: Recipe) -> float:
    """Return the bytes that an update moves for each weight: gradients and weights once, the state twice."""
    return recipe.weights + recipe.gradients + 2 * (recipe.master + recipe.moments)


def _adapters(sizes: Architecture, trained: Trained) -> dict[str, Any]:
    """Return the rank and the places of adapters, as sizes and footprints take them; empty for the usual ones."""
    if trained.rank is None:
        return {}
    return {"rank": trained.rank, "modules": [one.name for one in sizes.matrices if one.role == "body"]}


def _learned(sizes: Architecture, trained: Trained) -> int:
    return sizes.trainable_parameters(trained.method, **_adapters(sizes, trained))


def _linked(sizes: Architecture, trained: Trained) -> float:
    """Return the bytes that pass between host and device: the weights of each pass, gradients down, weights up."""
    if trained.offload != "state":
        return 0.0
    learned = _learned(sizes, trained)
    return HALF * (trained.passes * sizes.parameters + 2 * learned / trained.accumulation) / trained.devices


def _gathered(sizes: Architecture, trained: Trained) -> float:
    """Return the bytes of weights that a pass gathers, and of gradients in float32 that it spreads."""
    way = methods.find(trained.method)
    stored = footprint.weight_bytes(sizes, way.packed or "bfloat16")
    return trained.passes * stored + 4 * (sizes.parameters if way.trains == "all" else 0)


@dataclass(frozen=True)
class Served:
    """Settings of a server; `batch` sequences at once on all devices together, None for as many as memory holds."""

    precision: str
    prompt_tokens: int
    new_tokens: int
    batch: float | None
    devices: int = 1
    eager: bool = False  # kernels are launched one by one, and the layers of several devices take turns
    bare: bool = False  # a loop of captured graphs, without a scheduler between its steps

    @property
    def cache_bytes(self) -> float:
        """Bytes of one cached number."""
        return footprint.cached_bytes(self.precision)


def serving(sizes: Architecture, served: Served, rates: Rates) -> tuple[float, ...]:
    """Return the terms of one decoding step, with its share of the prompts, in the order of SERVING or of EAGER.

    Devices of a server split each layer and exchange its results, twice for each token; those of an eager engine take
    turns.  Weights in fewer bits are unpacked: in an eager engine within the product for one sequence, and to 16 bits
    before the product for several, which by published times of NF4 takes four times as long.  An eager engine copies
    the cache in each step, and repeats keys and values that several heads share for each of them (`repeat_kv` of
    transformers): published times at 30,000 tokens follow the heads of the queries, not those of the cache.
    """
    batch = sequences(sizes, served, rates)
    prompt, new, split = served.prompt_tokens, served.new_tokens, served.devices > 1
    share = 1 if served.eager else served.devices
    read = sizes.decode_bytes(max(1, round(batch)), prompt + new / 2, 1.0, 0.0) / share / rates.bytes
    weights = read * footprint.weight_bytes(sizes, served.precision) / sizes.parameters
    cache = batch * sizes.read_numbers(prompt + new / 2) * served.cache_bytes / share / rates.bytes
    unpacking = HALF * read if served.precision in footprint.PACKED else 0.0
    if served.eager:
        alone, several = (unpacking, 0.0) if batch == 1 else (0.0, unpacking)
        return weights, _repeated(sizes, served, batch) / rates.bytes, alone, several, float(sizes.layers)
    flops = batch * (sizes.prefill_flops(prompt) / new + 2 * sizes.matmul_parameters)
    exchanged = 2 * HALF * batch * sizes.layers * sizes.hidden * (1 + prompt / new) / rates.bytes
    return (
        flops / rates.reached / share,
        exchanged if split else 0.0,
        weights,
        cache,
        unpacking,
        float(sizes.layers),
        float(sizes.layers) if split else 0.0,
        0.0 if served.bare else 1.0,
    )


def _repeated(sizes: Architecture, served: Served, batch: float) -> float:
    """Return the bytes of keys and values in one decoding step, repeated for each query head."""
    context = round(served.prompt_tokens + served.new_tokens / 2)
    # A query takes two operations with each number.
    return batch * sizes.attention_flops(context) / (2 * context) * served.cache_bytes


def sequences(sizes: Architecture, served: Served, rates: Rates) -> float:
    """Return the sequences at once: those that were asked for, or as many as memory holds."""
    return served.batch or held_sequences(sizes, served, rates)


def held_sequences(sizes: Architecture, served: Served, rates: Rates) -> float:
    """Return the number of sequences whose keys and values fit beside the weights; at least one."""
    weights = footprint.weight_bytes(sizes, served.precision)
    room = SERVED_MEMORY * rates.memory_bytes * served.devices - weights
    tokens = served.prompt_tokens + served.new_tokens
    return max(1.0, room / (sizes.cached_numbers(tokens) * served.cache_bytes))


def memory(sizes: Architecture, trained: Trained) -> tuple[float, ...]:
    """Return the terms of fine-tuning's bytes on one device, in the order of MEMORY.

    Weights, gradients and optimiser are spread over all devices; state in the host's memory leaves two layers.
    """
    plan = footprint.Plan(
        trained.method, recipe=trained.recipe, zero_stage=3, devices=trained.devices, **_adapters(sizes, trained)
    )
    state = footprint.training(sizes, plan).state
    if trained.offload == "state":
        state = 2 * HALF * sizes.parameters / max(1, sizes.layers)
    positions = trained.examples * sizes.tokens_per_example(trained.tokens)
    logits = positions * sizes.vocab
    kept = trained.examples * (footprint.layer_activation_bytes(sizes, trained.tokens) or 0.0)
    inputs = HALF * positions * sizes.layers * sizes.hidden
    here = trained.offload != "activations"
    return (
        state,
        0.0 if trained.again or not here else kept,
        inputs if trained.again and here else 0.0,
        0.0 if trained.chunked else logits,
        1e9,
    )
