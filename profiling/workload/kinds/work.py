"""What the steps of a case have to do, by arithmetic, and the parts of which its metrics are made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import nan
from typing import Any

from profiling import architecture
from profiling.architecture import Architecture
from profiling.errors import WorkloadError

BYTES = {"float32": 4, "bfloat16": 2, "float16": 2}


@dataclass(frozen=True)
class Ceiling:
    """The best that any repeat got from the device; matrix products by precision."""

    flops_per_second: Mapping[str, float]
    bytes_per_second: float

    @classmethod
    def best(cls, repeats: Sequence[Mapping[str, Any]]) -> Ceiling:
        """Return the highest of the repeats: a limit, unlike a rate, is not an average."""
        return cls(
            {
                precision: max(look["matmul_flops"] / look["matmul_seconds"][precision] for look in repeats)
                for precision in repeats[0]["matmul_seconds"]
            },
            max(look["copy_bytes"] / look["copy_seconds"] for look in repeats),
        )


@dataclass(frozen=True)
class Setting:
    """What the repeats of one case have in common, as far as arithmetic reads it."""

    config: Mapping[str, Any] | None  # the model's, as it is measured; None: nobody knows it
    task: str
    point: Mapping[str, Any]
    arithmetic: str  # the precision that is computed in
    weight_bytes: float  # of one weight as it is stored
    ceiling: Ceiling
    activations: str = ""  # the precision between the layers, where it is another than the arithmetic's
    epoch_examples: int = 0
    evaluation_examples: int = 0
    weights: str = "mixed"  # how those that are trained are stored
    accumulation: int = 1
    example_tokens: float | None = None  # of an example of training, padding left out; None: all of the point's
    row_examples: float = 1.0  # texts that are packed into a row of a training batch

    @cached_property
    def architecture(self) -> Architecture | None:
        """The model's sizes; None where its type is not known, and no utilisation can be computed."""
        try:
            return None if self.config is None else architecture.of(self.config, self.task)
        except WorkloadError:
            return None

    @property
    def step_rows(self) -> int:
        """Rows of the batches of one step in one process: examples, where none are packed."""
        return int(self.point["batch"]) * self.accumulation

    @property
    def step_examples(self) -> float:
        """Examples of one step in one process."""
        return self.step_rows * self.row_examples

    @property
    def trained_tokens(self) -> int:
        """Tokens of an example of training that are no padding, on average; 0 where it has none."""
        return round(self.example_tokens or self.point.get("tokens", 0))

    @property
    def flops_per_second(self) -> float:
        """The matrix product's ceiling in the precision of the case; NaN where the device has no such product."""
        return self.ceiling.flops_per_second.get(self.arithmetic, nan)

    @property
    def cache_bytes(self) -> int:
        """Bytes of one number in the key-value cache, which is kept as it flows between the layers."""
        return BYTES[self.activations or self.arithmetic]


@dataclass(frozen=True)
class Work:
    """What one step needs at least; bytes are those of weights, optimiser and cache, and not of activations."""

    flops: float
    bytes: float


@dataclass(frozen=True)
class Quotient:
    """One repeat's part in a metric: a numerator over a denominator, in the metric's own unit."""

    above: float
    below: float


Works = dict[str, Work]  # by stage
Quotients = dict[str, Quotient]  # by metric
