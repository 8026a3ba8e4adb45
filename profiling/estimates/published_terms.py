"""The least that a case takes by the data sheet, term by term, for published rows and for questions.

Every term is in seconds at the sheet's peak and bandwidth, except the counts of layers, whose cost is fitted.
"""

from __future__ import annotations

from dataclasses import dataclass

from profiling import methods
from profiling.architecture import Architecture
from profiling.estimates import footprint
from profiling.estimates.question import WEIGHT_BYTES

# A number in the cache takes 16 bits, unless the precision is one of these: servers with FP8 cache in FP8 too.
CACHE_BYTES = {"fp8": 1.0, "float32": 4.0}
# Servers leave a tenth of the memory to activations and the runtime (vLLM's gpu_memory_utilization is 0.9).
SERVED_MEMORY = 0.9

TRAINING = ("arithmetic", "layers", "unpacking")
SERVING = ("arithmetic", "bytes", "layers", "eager layers")
MEMORY = ("state", "activations", "logits", "process")


@dataclass(frozen=True)
class Rates:
    """One device's peak and bandwidth, in units per second, and its memory in bytes."""

    flops: float
    bytes: float
    memory_bytes: float


def training(sizes: Architecture, method: str, examples: float, tokens: int, rates: Rates) -> tuple[float, ...]:
    """Return the terms of one pass, forward and backward, over `examples` on one device.

    A method that packs the frozen weights unpacks each to 16 bits before it is multiplied.
    """
    flops = examples * sizes.training_flops(tokens, method)
    unpacked = 2.0 * sizes.parameters if methods.find(method).packed else 0.0
    return flops / rates.flops, sizes.layers, unpacked / rates.bytes


@dataclass(frozen=True)
class Served:
    """Settings of a server; `batch` sequences at once on all devices together, None for as many as memory holds."""

    precision: str
    prompt_tokens: int
    new_tokens: int
    batch: float | None
    devices: int = 1
    eager: bool = False  # each kernel is launched separately, instead of a captured graph

    @property
    def cache_bytes(self) -> float:
        """Bytes of one cached number."""
        return CACHE_BYTES.get(self.precision, 2.0)


def serving(sizes: Architecture, served: Served, rates: Rates) -> tuple[float, ...]:
    """Return the terms of one written token, with its share of the prompt."""
    batch = served.batch or held_sequences(sizes, served, rates)
    prompt, new, devices = served.prompt_tokens, served.new_tokens, served.devices
    flops = sizes.prefill_flops(prompt) / new + 2 * sizes.matmul_parameters
    together, weight = max(1, round(batch)), WEIGHT_BYTES[served.precision]
    moved = sizes.decode_bytes(together, prompt + new / 2, weight, served.cache_bytes)
    arithmetic, moving = flops / rates.flops / devices, moved / batch / rates.bytes / devices
    layers = sizes.layers / batch
    return arithmetic, moving, layers, layers if served.eager else 0.0


def held_sequences(sizes: Architecture, served: Served, rates: Rates) -> float:
    """Return the number of sequences whose keys and values fit beside the weights; at least one."""
    weights = sizes.parameters * WEIGHT_BYTES[served.precision]
    room = SERVED_MEMORY * rates.memory_bytes * served.devices - weights
    tokens = served.prompt_tokens + served.new_tokens
    return max(1.0, room / (sizes.cached_numbers(tokens) * served.cache_bytes))


def memory(sizes: Architecture, method: str, examples: float, tokens: int, devices: int) -> tuple[float, ...]:
    """Return the terms of fine-tuning's bytes on one device, with weights, gradients and optimiser spread over all."""
    plan = footprint.Plan(method=method, zero_stage=3, devices=devices)
    read = examples * tokens
    return footprint.training(sizes, plan).state, read * sizes.layers * sizes.hidden, read * sizes.vocab, 1e9
