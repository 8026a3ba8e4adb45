"""A question: a model, a kind of case with its point, and a device; and the work that the device has to do.

The terms of the physical form (seconds = a·layers + bytes/bandwidth + FLOPs/rate) come from the architecture alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from profiling import architecture
from profiling.architecture import Architecture, quantised, source
from profiling.errors import Phrase, PredictionError
from profiling.estimates import footprint
from profiling.results.record import operating_point
from profiling.workload.kinds import KINDS
from profiling.workload.kinds.work import BYTES, Ceiling, Setting
from profiling.workload.lengths import Lengths
from profiling.workload.workload import WITHOUT_TOKENS

TERMS = ("layers", "bytes", "flops")
WEIGHT_BYTES = {name: bits / 8 for name, bits in footprint.WEIGHT_BITS.items()}
# What stages a case has: how often a step runs each, and by which metric a record holds its seconds.
STAGES = {name: tuple(kind.stages) for name, kind in KINDS.items() if kind.stages}
# Families with the same blocks: measurements of one may answer for another.
ALIKE = {"mistral": "llama", "qwen2": "llama", "qwen3": "llama"}

# Recipes of the optimiser, by the precision in which trained weights are kept.
RECIPES_OF = {"mixed": footprint.USUAL_RECIPE, "pure": "adamw-bfloat16"}

Terms = tuple[float, float, float]

# The work does not depend on the device's ceiling.
_NO_CEILING = Ceiling({}, 0.0)


@dataclass(frozen=True)
class Question:
    """One case of one model.

    `point` has the coordinates of `kind` as workloads do: method, batch, tokens, prompt_tokens, new_tokens; except
    that its batch is that of all devices and processes together.  None stands for a device, precision, task or number
    of cores that is not named; the task is then the usual one of the model type.
    """

    config: Mapping[str, Any]
    kind: str
    point: Mapping[str, Any]
    device: str | None = None
    devices: int = 1
    precision: str | None = None
    options: Mapping[str, Any] = field(default_factory=dict)  # further workload fields that must be equal
    task: str | None = None
    cores: int | None = None  # of a CPU
    offload: str = "no"  # activations or state, to the host's memory; no profile run does that

    def __post_init__(self) -> None:
        if self.kind not in STAGES:
            other = Phrase("{kind} cannot be estimated, only {known}", kind=self.kind, known=", ".join(STAGES))
            raise PredictionError(other, todo="measure it")
        if self.precision is not None and self.precision not in WEIGHT_BYTES:
            raise PredictionError(
                Phrase("there is no precision {precision!r}", precision=self.precision),
                todo=Phrase("choose one of {known}", known=", ".join(WEIGHT_BYTES)),
            )

    @cached_property
    def architecture(self) -> Architecture:
        """Sizes of the model, as its checkpoint stores it where it is read so; raises WorkloadError."""
        sizes = architecture.of(self.config, self.purpose)
        return quantised.as_stored(self.config, sizes) if self.precision is None and self._stored else sizes

    @property
    def purpose(self) -> str:
        """The task, by default the usual one of the model type."""
        return self.task or source.task_of({"config": self.config})

    @property
    def family(self) -> str:
        """Family of the model's blocks."""
        return family(self.architecture)

    @property
    def weights_in(self) -> str:
        """Precision of the weights: the named one, or that of a checkpoint that is only read, or else 16 bits."""
        return self.precision or self._stored or "bfloat16"

    @property
    def _stored(self) -> str | None:
        """Precision in which a checkpoint that is only read keeps its weights."""
        return None if KINDS[self.kind].takes_method else quantised.stored(self.config)

    @property
    def method(self) -> str | None:
        """Training method."""
        return self.point.get("method")

    @property
    def batch(self) -> int:
        """Examples that are processed at once, on all devices."""
        return int(self.point["batch"])

    @property
    def coordinates(self) -> dict[str, Any]:
        """The point, without lengths that the task does not use."""
        return {name: value for name, value in self.point.items() if name not in WITHOUT_TOKENS.get(self.purpose, ())}

    @property
    def tokens_per_step(self) -> int:
        """Tokens as records count them: those that a step trains or reads, or those of one batch of answers.

        0 for a task that reads no tokens: patches of an image and features of an item are not counted.
        """
        each = int(self.coordinates.get("new_tokens", 0)) if KINDS[self.kind].writes else self._longest_of(1)
        return self.batch * self.accumulation * each

    @property
    def longest(self) -> int:
        """Positions of the longest sequence: an example's tokens, or a prompt with its answer."""
        return sum(int(self.coordinates.get(name, 0)) for name in ("tokens", "prompt_tokens", "new_tokens"))

    @property
    def accumulation(self) -> int:
        """Batches to an update of the weights."""
        return int(self.options.get("accumulation", 1))

    @property
    def engine(self) -> str:
        """What runs the model: `eager` or `compiled` transformers, or a `server`, as most answers are generated."""
        compiled = self.options.get("compile")
        if compiled is None:
            return "server" if KINDS[self.kind].writes else "eager"
        return "eager" if compiled == "no" else "compiled"

    @property
    def weights(self) -> str:
        """Precision in which trained weights are kept: `mixed` or `pure`."""
        return str(self.options.get("weights", "mixed"))

    @property
    def recipe(self) -> str:
        """Recipe of the optimiser, as `footprint` names it."""
        return RECIPES_OF[self.weights]

    @property
    def computed_again(self) -> bool:
        """Whether the backward pass computes activations again, as in most published runs."""
        return self.options.get("checkpointing") != "no"

    @property
    def arrangement(self) -> str:
        """How examples of different lengths share a batch: `padded` or `packed`; `full` where all are as long."""
        if not self.options.get("text_lengths"):
            return "full"
        return "packed" if self.options.get("packing") == "yes" else "padded"

    @property
    def width(self) -> int:
        """Tokens of an example as they are computed: padded to the mean length of a device's longest one."""
        return self._longest_of(max(1, self.batch // self.devices))

    def _longest_of(self, count: int) -> int:
        """Return the mean tokens of the longest of `count` examples; packed ones fill their rows."""
        tokens = int(self.coordinates.get("tokens", 0))
        if self.arrangement != "padded":
            return tokens
        lengths = Lengths.parse(str(self.options["text_lengths"]), "text_lengths")
        return max(1, round(lengths.mean_of_longest(count, tokens)))

    @property
    def where(self) -> str:
        """The case as text: `train, method lora, batch 4, tokens 128`."""
        return operating_point(self.kind, self.point)


def family(sizes: Architecture) -> str:
    """Return the family of a model's blocks; measurements of one model answer for others of its family."""
    return ALIKE.get(sizes.model_type, sizes.model_type)


def stage_count(stage: str, point: Mapping[str, Any]) -> int:
    """Return how often a stage runs in one case: each token but the first takes a decoding step."""
    return int(point["new_tokens"]) - 1 if stage == "decode" else 1


def terms(
    config: Mapping[str, Any], kind: str, point: Mapping[str, Any], precision: str, task: str | None = None
) -> dict[str, Terms]:
    """Return layers, bytes and FLOPs of one run of each stage of a case; empty where the work is not known."""
    purpose, work = task or source.task_of({"config": config}), KINDS[kind].work
    arithmetic = precision if precision in BYTES else "bfloat16"
    setting = Setting(config, purpose, point, arithmetic, WEIGHT_BYTES[precision], _NO_CEILING)
    sizes = architecture.of(config, purpose)
    if work is None:
        return {}
    return {stage: (sizes.layers, done.bytes, done.flops) for stage, done in work(setting, sizes).items()}


def memory_terms(sizes: Architecture, kind: str, point: Mapping[str, Any]) -> tuple[float, float, float]:
    """Return the terms of peak memory: the process itself, the parameters, and the bytes kept for each token.

    Training and classifying keep activations, which grow with tokens·layers·hidden; generating keeps keys and values.
    """
    batch = int(point["batch"])
    if KINDS[kind].writes:
        context = int(point.get("prompt_tokens", 1)) + int(point["new_tokens"])
        return 1.0, sizes.parameters, batch * sizes.cached_numbers(context)
    tokens = batch * sizes.tokens_per_example(int(point.get("tokens", 0)))
    return 1.0, sizes.parameters, tokens * sizes.layers * sizes.hidden
