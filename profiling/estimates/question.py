"""What is asked: a model, a kind of case and its point, a device; and what of it the device has to do.

The terms of the physical form (seconds = a·layers + bytes/bandwidth + FLOPs/rate) come from the architecture alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from profiling.errors import PredictionError
from profiling.estimates import footprint
from profiling.models import architecture, source
from profiling.models.architecture import Architecture
from profiling.workload.kinds import KINDS
from profiling.workload.kinds.work import BYTES, Ceiling, Setting
from profiling.workload.workload import WITHOUT_TOKENS

TERMS = ("layers", "bytes", "flops")
WEIGHT_BYTES = {name: bits / 8 for name, bits in footprint.WEIGHT_BITS.items()}
# What stages a case has: how often a step runs each, and by which metric a record holds its seconds.
STAGES = {name: tuple(kind.stages) for name, kind in KINDS.items() if kind.stages}
# Blocks of the same make: an estimate for one may stand on measurements of another.
ALIKE = {"mistral": "llama", "qwen2": "llama", "qwen3": "llama"}

Terms = tuple[float, float, float]

# What has to be done does not depend on what the device could do.
_NO_CEILING = Ceiling({}, 0.0)


@dataclass(frozen=True)
class Question:
    """One case of one model.

    `point` has the coordinates of `kind` as workloads do: method, batch, tokens, prompt_tokens, new_tokens; but its
    batch is that of all devices, and all processes, together.  None stands for a device, a precision, a task or a
    number of cores that is not named; the task is then the one that models of that type are usually for.
    """

    config: Mapping[str, Any]
    kind: str
    point: Mapping[str, Any]
    device: str | None = None
    devices: int = 1
    precision: str | None = None
    options: Mapping[str, Any] = field(default_factory=dict)  # further fields of a workload that must be the same
    task: str | None = None
    cores: int | None = None  # of a CPU

    def __post_init__(self) -> None:
        if self.kind not in STAGES:
            raise PredictionError(f"{self.kind} cannot be estimated, only {', '.join(STAGES)}; measure it")

    @cached_property
    def architecture(self) -> Architecture:
        """The model's sizes; raises WorkloadError for a config that is not understood."""
        return architecture.of(self.config, self.purpose)

    @property
    def purpose(self) -> str:
        """The task, looked up from the model's type where it is not named."""
        return self.task or source.task_of({"config": self.config})

    @property
    def family(self) -> str:
        """The make of the model's blocks."""
        return family(self.architecture)

    @property
    def method(self) -> str | None:
        """The way of training."""
        return self.point.get("method")

    @property
    def batch(self) -> int:
        """Examples that are worked on at once, on all devices."""
        return int(self.point["batch"])

    @property
    def coordinates(self) -> dict[str, Any]:
        """The point, without lengths that the task does not have."""
        return {name: value for name, value in self.point.items() if name not in WITHOUT_TOKENS.get(self.purpose, ())}

    @property
    def tokens_per_step(self) -> int:
        """Tokens as records count them: those that a step trains or reads, or that one batch of answers holds.

        0 for what reads none: patches of an image and features of an item are not counted.
        """
        name = "new_tokens" if KINDS[self.kind].writes else "tokens"
        return self.batch * int(self.coordinates.get(name, 0))

    @property
    def where(self) -> str:
        """The case for people: `train, method lora, batch 4, tokens 128`."""
        return ", ".join([self.kind, *(f"{name} {value}" for name, value in self.point.items())])


def family(sizes: Architecture) -> str:
    """The make of a model's blocks, by which measurements of one model say something about another."""
    return ALIKE.get(sizes.model_type, sizes.model_type)


def stage_count(stage: str, point: Mapping[str, Any]) -> int:
    """How often a stage runs in what `seconds` stands for: each token but the first takes a decoding step."""
    return int(point["new_tokens"]) - 1 if stage == "decode" else 1


def terms(
    config: Mapping[str, Any], kind: str, point: Mapping[str, Any], precision: str, task: str | None = None
) -> dict[str, Terms]:
    """Layers, bytes and FLOPs of one run of each stage of a case; none where its work is not known."""
    purpose, work = task or source.task_of({"config": config}), KINDS[kind].work
    arithmetic = precision if precision in BYTES else "bfloat16"
    setting = Setting(config, purpose, point, arithmetic, WEIGHT_BYTES[precision], _NO_CEILING)
    sizes = architecture.of(config, purpose)
    if work is None:
        return {}
    return {stage: (sizes.layers, done.bytes, done.flops) for stage, done in work(setting, sizes).items()}


def memory_terms(sizes: Architecture, kind: str, point: Mapping[str, Any]) -> tuple[float, float, float]:
    """What takes room: the process itself, the parameters, and what is kept for each token.

    Training and classifying keep activations, which grow with tokens·layers·hidden; generating keeps keys and values.
    """
    batch = int(point["batch"])
    if KINDS[kind].writes:
        context = int(point.get("prompt_tokens", 1)) + int(point["new_tokens"])
        return 1.0, sizes.parameters, batch * context * sizes.kv_bytes_per_token(1.0)
    tokens = batch * sizes.tokens_per_example(int(point.get("tokens", 0)))
    return 1.0, sizes.parameters, tokens * sizes.layers * sizes.hidden
