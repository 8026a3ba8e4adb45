"""What a data sheet says that a case would take at best, term by term, for published rows and for questions alike.

Every term is in seconds at the sheet's peak and bandwidth, but for counts of layers, whose cost the rows tell.
"""

from __future__ import annotations

from dataclasses import dataclass

from profiling import methods
from profiling.estimates import footprint
from profiling.estimates.question import WEIGHT_BYTES
from profiling.models.architecture import Architecture

# Of a number in the cache: in 16 bits, but servers that compute in FP8 keep it so, too.
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
    """One pass, forwards and backwards, over `examples` on one device.

    A method that packs the frozen weights unpacks each to 16 bits before it is multiplied.
    """
    flops = examples * sizes.training_flops(tokens, method)
    unpacked = 2.0 * sizes.parameters if methods.find(method).packed else 0.0
    return flops / rates.flops, sizes.layers, unpacked / rates.bytes


@dataclass(frozen=True)
class Served:
    """How answers are written: `batch` sequences at once on all devices together; None: as many as memory holds."""

    precision: str
    prompt_tokens: int
    new_tokens: int
    batch: float | None
    devices: int = 1
    eager: bool = False  # each kernel launched by itself, instead of a captured graph

    @property
    def cache_bytes(self) -> float:
        """Of one number of keys and values."""
        return CACHE_BYTES.get(self.precision, 2.0)


def serving(sizes: Architecture, served: Served, rates: Rates) -> tuple[float, ...]:
    """One token written, its share of the prompt included."""
    batch = served.batch or held_sequences(sizes, served, rates)
    prompt, new, devices = served.prompt_tokens, served.new_tokens, served.devices
    flops = sizes.prefill_flops(prompt) / new + 2 * sizes.matmul_parameters
    moved = sizes.decode_bytes(
        max(1, round(batch)), prompt + new / 2, WEIGHT_BYTES[served.precision], served.cache_bytes
    )
    layers = sizes.layers / batch
    return (
        flops / rates.flops / devices,
        moved / batch / rates.bytes / devices,
        layers,
        layers if served.eager else 0.0,
    )


def held_sequences(sizes: Architecture, served: Served, rates: Rates) -> float:
    """Sequences whose keys and values fit beside the weights; at least one."""
    weights = sizes.parameters * WEIGHT_BYTES[served.precision]
    room = SERVED_MEMORY * rates.memory_bytes * served.devices - weights
    tokens = served.prompt_tokens + served.new_tokens
    return max(1.0, room / (tokens * sizes.kv_bytes_per_token(served.cache_bytes)))


def memory(sizes: Architecture, method: str, examples: float, tokens: int, devices: int) -> tuple[float, ...]:
    """Bytes on one device while fine-tuning, with weights, gradients and optimiser spread over the devices."""
    plan = footprint.Plan(method=method, zero_stage=3, devices=devices)
    read = examples * tokens
    return footprint.training(sizes, plan).state, read * sizes.layers * sizes.hidden, read * sizes.vocab, 1e9
