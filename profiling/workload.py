"""What a run is asked to do, as plain data: a model's shape, the cases to measure, and how long to look.

A workload comes from a preset or from a JSON file with the same fields; either way it is checked here.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from profiling.checks import Fields, read_json
from profiling.errors import WorkloadError
from profiling.record import KINDS

FAMILIES = ("bert", "llama")
METHODS = ("full", "lora")
PRECISIONS = ("auto", "float32", "bfloat16", "float16")
COORDINATES = {
    "train": ("batch", "tokens"),
    "classify": ("batch", "tokens"),
    "generate": ("batch", "prompt_tokens", "new_tokens"),
}
FAMILY_OF = {"train": "bert", "classify": "bert", "generate": "llama"}

# Student's t over two runs spans 12.7 standard errors: an interval that says nothing.
FEWEST_REPEATS = 3
# With fewer steps the Mann-Kendall test cannot tell a trend from chance.
FEWEST_STEPS = 8
LARGEST_REQUEST_BYTES = 1_000_000


@dataclass(frozen=True)
class ModelShape:
    """The numbers that fix a transformer's size; weights are random, since their values do not change speed."""

    family: str
    layers: int
    hidden: int
    heads: int
    kv_heads: int
    ffn: int
    vocab: int
    positions: int
    tied: bool = True  # llama only: one matrix serves as input and output embedding
    labels: int = 2  # bert only: classes to tell apart

    @property
    def head_size(self) -> int:
        """Width of one attention head."""
        return self.hidden // self.heads

    @classmethod
    def parse(cls, data: object, where: str) -> ModelShape:
        """A shape from plain JSON; raises WorkloadError."""
        fields = Fields.of(data, where, WorkloadError)
        names = ("layers", "hidden", "heads", "kv_heads", "ffn", "vocab", "positions")
        sizes = {name: fields.integer(name, least=1) for name in names}
        shape = cls(
            family=fields.one_of("family", FAMILIES),
            tied=fields.values.get("tied", True) is True,
            labels=fields.integer("labels", least=2) if "labels" in fields.values else 2,
            **sizes,
        )
        if shape.hidden % shape.heads or shape.heads % shape.kv_heads:
            fields.fail("heads", "must divide hidden, and kv_heads must divide heads")
        return shape


@dataclass(frozen=True)
class CasePlan:
    """One operating point to measure."""

    kind: str
    point: Mapping[str, Any]

    @classmethod
    def parse(cls, data: object, where: str) -> CasePlan:
        """A case from plain JSON; raises WorkloadError where a coordinate is missing or unknown."""
        fields = Fields.of(data, where, WorkloadError)
        kind = fields.one_of("kind", KINDS)
        point = Fields.of(fields["point"], f"{where}.point", WorkloadError)
        coordinates: dict[str, Any] = {"method": point.one_of("method", METHODS)} if kind == "train" else {}
        coordinates |= {name: point.integer(name, least=1) for name in COORDINATES[kind]}
        if unknown := point.beyond(tuple(coordinates)):
            point.fail(next(iter(unknown)), f"is no coordinate of {kind}; it has {', '.join(coordinates)}")
        return cls(kind, coordinates)

    @property
    def sequence_tokens(self) -> int:
        """The longest sequence that the model meets in this case."""
        return sum(int(self.point.get(name, 0)) for name in ("tokens", "prompt_tokens", "new_tokens"))


@dataclass(frozen=True)
class Effort:
    """How long to look: a run goes on until both its least count and its least seconds are reached.

    Steps are training steps, classified batches, or generated requests.
    """

    repeats: int  # whole processes a case
    warmup_steps: int
    warmup_seconds: float
    steps: int
    seconds: float

    @classmethod
    def parse(cls, data: object, where: str) -> Effort:
        """An effort from plain JSON; raises WorkloadError."""
        fields = Fields.of(data, where, WorkloadError)
        return cls(
            repeats=fields.integer("repeats", least=FEWEST_REPEATS, most=1000),
            warmup_steps=fields.integer("warmup_steps", least=1),
            warmup_seconds=_seconds(fields, "warmup_seconds"),
            steps=fields.integer("steps", least=2),
            seconds=_seconds(fields, "seconds"),
        )


def _seconds(fields: Fields, name: str) -> float:
    """A length of time, from nothing to an hour."""
    value = fields.number(name)
    if not 0 <= value <= 3600:
        fields.fail(name, f"is {value:g}; it must lie between 0 and 3600 seconds")
    return value


@dataclass(frozen=True)
class Workload:
    """Everything that decides a measurement, apart from the machine."""

    name: str
    model: ModelShape
    cases: tuple[CasePlan, ...]
    effort: Effort
    device: str = "auto"  # or a torch device: cpu, cuda, cuda:1, mps
    precision: str = "auto"  # bfloat16 on an accelerator, float32 on a CPU
    seed: int = 20
    # One fine-tuning run: what `step_to_run_factor` spreads evaluation and the checkpoint over.
    epoch_examples: int = 10_000
    evaluation_examples: int = 1_000

    @classmethod
    def parse(cls, data: object, where: str) -> Workload:
        """A workload from plain JSON; raises WorkloadError with the place of what does not fit."""
        fields = Fields.of(data, where, WorkloadError)
        if unknown := fields.beyond(tuple(cls.__dataclass_fields__)):
            fields.fail(next(iter(unknown)), f"is not known; a workload has {', '.join(cls.__dataclass_fields__)}")
        optional = {
            name: fields.integer(name, least=1)
            for name in ("seed", "epoch_examples", "evaluation_examples")
            if name in fields.values
        }
        workload = cls(
            name=fields.text("name"),
            model=ModelShape.parse(fields["model"], f"{where}: model"),
            cases=tuple(
                CasePlan.parse(case, f"{where}: cases[{place}]") for place, case in enumerate(fields.items("cases"))
            ),
            effort=Effort.parse(fields["effort"], f"{where}: effort"),
            device=fields.optional_text("device") or "auto",
            precision=fields.one_of("precision", PRECISIONS) if "precision" in fields.values else "auto",
            **optional,
        )
        _check_cases(workload, where)
        return workload

    def to_json(self) -> dict[str, Any]:
        """The workload as plain JSON, which `parse` reads back."""
        return {**asdict(self), "cases": [asdict(case) for case in self.cases]}

    @property
    def hash(self) -> str:
        """Twelve characters that change with anything that decides the measurement."""
        plain = json.dumps(self.to_json(), sort_keys=True)
        return hashlib.sha256(plain.encode()).hexdigest()[:12]


def _check_cases(workload: Workload, where: str) -> None:
    """Raises WorkloadError for a case that the model or the statistics cannot carry."""
    if not workload.cases:
        raise WorkloadError(f"{where}: 'cases' is empty; name at least one case to measure")
    if not workload.name.replace("-", "").replace("_", "").isalnum():
        raise WorkloadError(f"{where}: the name {workload.name!r} names a folder; use letters, digits, - and _")
    for place, case in enumerate(workload.cases):
        _check_case(case, workload, f"{where}: cases[{place}]")


def _check_case(case: CasePlan, workload: Workload, where: str) -> None:
    """Raises WorkloadError where the model is of the wrong kind, too short, or watched for too few steps."""
    model = workload.model
    if model.family != FAMILY_OF[case.kind]:
        raise WorkloadError(f"{where}: {case.kind} needs a {FAMILY_OF[case.kind]} model, and this is a {model.family}")
    if case.sequence_tokens > model.positions:
        raise WorkloadError(
            f"{where}: {case.sequence_tokens} tokens exceed the model's {model.positions} positions; shorten the case"
        )
    if case.point.get("new_tokens") == 1:
        raise WorkloadError(f"{where}: one new token is the prefill's, and none is decoded; ask for at least 2")
    steps = workload.effort.steps * (int(case.point.get("new_tokens", 2)) - 1)
    if steps < FEWEST_STEPS:
        raise WorkloadError(f"{where}: {steps} steps show no trend; measure at least {FEWEST_STEPS}")


def load(path: Path) -> Workload:
    """The workload in a JSON file; raises WorkloadError with the file, what is wrong, and what to do."""
    return Workload.parse(read_json(path, LARGEST_REQUEST_BYTES, WorkloadError), str(path))
