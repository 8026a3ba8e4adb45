"""What a profile run is asked to do, as plain data: a model, the cases to measure, and how long to measure.

A workload comes from a preset or from a JSON file with the same fields; either way it is checked here.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from profiling.architecture import source
from profiling.checks import OBJECT, POINT, TEXT, check, fields, integer, items, number, one_of, optional, read_json
from profiling.errors import Phrase, WorkloadError
from profiling.methods import METHODS, current
from profiling.workload import limits
from profiling.workload.kinds import KINDS
from profiling.workload.kinds.kind import FEWEST_STEPS
from profiling.workload.lengths import Lengths

PRECISIONS = ("auto", "float32", "bfloat16", "float16", "int8", "int4", "fp8")

# Lengths that have no meaning for a task; the other coordinates of a kind are asked for.
WITHOUT_TOKENS = {"image": ("tokens",), "regress": ("tokens",), "speech": ("prompt_tokens",)}

# Student's t over two runs spans 12.7 standard errors: an interval too wide to be of use.
FEWEST_REPEATS = 3
# Fewer runs often agree by chance, and their interval would then stop the repeats too early.
FEWEST_TO_STOP = 5
LARGEST_REQUEST_BYTES = 1_000_000
LONGEST_NAME_BYTES = 200  # of the 255 that file systems take; the time and the part of a run take the rest


@dataclass(frozen=True)
class Case:
    """One operating point to measure.

    A coordinate that its kind does not know names a field of the workload or of the model's config, and
    replaces it for this case: so a sweep over any field is one run.
    """

    kind: str
    point: Mapping[str, Any]

    @property
    def sequence_tokens(self) -> int:
        """The longest sequence that the model meets in this case."""
        return sum(int(self.point.get(name, 0)) for name in ("tokens", "prompt_tokens", "new_tokens"))

    @property
    def changes(self) -> dict[str, Any]:
        """The coordinates that replace a field of the workload or of the model."""
        own = ("method", *KINDS[self.kind].own_coordinates)
        return {name: value for name, value in self.point.items() if name not in own}


@dataclass(frozen=True)
class Data:
    """The data that a model learns from: synthetic, or a user's own file or folder of images."""

    kind: str = "synthetic"
    path: str | None = None
    text: str = "text"  # the field or column that holds the text
    label: str = "label"
    held_out_percent: int = 20

    @classmethod
    def parse(cls, data: object, where: str) -> Data:
        """Return the source of data in plain JSON; raise WorkloadError for what does not fit."""
        found = cls(**check(data, DATA, where, WorkloadError))
        if (found.path is None) == (found.kind in ("jsonl", "csv", "images")):
            lost, idle = "'path' is missing for data of kind {data}", "'path' has no meaning for data of kind {data}"
            what = Phrase(lost if found.path is None else idle, data=found.kind)
            todo = "name the file or folder" if found.path is None else "take it out"
            raise WorkloadError(what, where=where, todo=todo)
        return found


@dataclass(frozen=True)
class Effort:
    """How long to measure: a repeat lasts until both its least count and its least seconds are reached.

    Steps are training steps, classified batches, or generated requests. With `half_width_percent`, a case is repeated
    until the interval of its main metric is that narrow to either side, or until its time is up.
    """

    repeats: int  # whole processes a case, at least
    warmup_steps: int
    warmup_seconds: float
    steps: int
    seconds: float
    half_width_percent: int = 0  # of the value; 0: exactly `repeats`
    case_seconds: float = 600.0  # no repeat beyond `repeats` begins later in its case

    @classmethod
    def parse(cls, data: object, where: str) -> Effort:
        """Return the effort in plain JSON; raise WorkloadError for what does not fit."""
        plain = check(data, EFFORT, where, WorkloadError)
        known: dict[str, Any] = {name: plain[name] for name in EFFORT["properties"] if name in plain}
        known |= {name: float(one) for name, one in known.items() if name.endswith("seconds")}
        found = cls(**known)
        if found.half_width_percent and found.repeats < FEWEST_TO_STOP:
            what = Phrase("too few repeats ({repeats}) to stop by the width of their interval", repeats=found.repeats)
            todo = Phrase("ask for at least {fewest}, or set half_width_percent to 0", fewest=FEWEST_TO_STOP)
            raise WorkloadError(what, where=where, todo=todo)
        return found


@dataclass(frozen=True)
class Workload:
    """Everything that decides a measurement, apart from the device."""

    name: str
    model: Mapping[str, Any]
    cases: tuple[Case, ...]
    effort: Effort
    task: str = "auto"  # what the model's type is for
    data: Data = Data()
    device: str = "auto"  # or a torch device: cpu, cuda, cuda:1, mps
    precision: str = "auto"  # 16 bits on an accelerator, float32 on a CPU
    attention: str = "sdpa"
    cache: str = "dynamic"
    compile: str = "no"  # graphs: with CUDA graphs, too, which spare the launch of each kernel
    weights: str = "mixed"  # those that are trained in float32; pure: in what is computed in, as frozen ones are
    checkpointing: str = "no"  # yes: a layer's activations are computed again in the backward pass, and not kept
    accumulation: int = 1  # batches to an update of the weights
    text_lengths: str = ""  # of texts whose lengths are drawn, as `Lengths` reads them; empty: each has all tokens
    packing: str = "no"  # yes: texts whose lengths are drawn share a row, and each attends to itself alone
    memory_format: str = "contiguous"  # of images: channels_last has a pixel's channels side by side
    clipping: str = "yes"  # of the gradients, at a norm of 1; gradient descent has none
    pruned_percent: int = 0
    pruning: str = "weights"  # single weights set to zero, or whole columns of feed-forward layers removed
    parallel: str = "none"
    processes: int = 1
    knee: str = "no"  # yes: larger batches are tried for as long as the rate rises
    trace: str = "no"
    seed: int = 20
    # One fine-tuning run: what `step_to_run_factor` spreads evaluation and the checkpoint over.
    epoch_examples: int = 10_000
    evaluation_examples: int = 1_000

    @classmethod
    def parse(cls, data: object, where: str) -> Workload:
        """Return the workload in plain JSON; raise WorkloadError for what does not fit, with its place."""
        plain = check(data, WORKLOAD, where, WorkloadError)
        parts = {
            "model": source.checked(plain["model"], f"{where}: model"),
            "cases": tuple(Case(case["kind"], current(case["point"])) for case in plain["cases"]),
            "effort": Effort.parse(plain["effort"], f"{where}: effort"),
            "data": Data.parse(plain["data"], f"{where}: data") if "data" in plain else Data(),
        }
        workload = cls(**{**plain, **parts})
        _check_cases(workload, where)
        return workload

    def to_json(self) -> dict[str, Any]:
        """Return the workload as plain JSON, which `parse` reads back."""
        return {**asdict(self), "cases": [asdict(case) for case in self.cases]}

    def to_record(self) -> dict[str, Any]:
        """Return the workload as a record keeps it: its model and data by name, wherever they lie on this computer."""
        data = self.data if self.data.path is None else replace(self.data, path=source.place_of(self.data.path))
        return {**replace(self, data=data).to_json(), "model": source.recorded(self.model)}

    @property
    def hash(self) -> str:
        """Twelve characters that change with anything that decides the measurement."""
        record = self.to_record()
        plain = json.dumps({**record, "model": source.identified(record["model"])}, sort_keys=True)
        return hashlib.sha256(plain.encode()).hexdigest()[:12]

    @property
    def purpose(self) -> str:
        """The task, looked up from the model's type where the workload leaves it open."""
        return source.task_of(self.model) if self.task == "auto" else self.task

    def at(self, case: Case) -> Workload:
        """Return the workload of one case, with what its point replaces; raise WorkloadError for an unknown field."""
        if shared := [name for name in ONE_A_RUN if name in case.changes]:
            what = Phrase("{field!r} is the whole run's and cannot differ between cases", field=shared[0])
            raise WorkloadError(what, todo="set it in the workload, and start several runs")
        own = {name: value for name, value in case.changes.items() if name in PLAIN}
        inner = {name: value for name, value in case.changes.items() if name not in own}
        model = self.model
        if inner:
            if unknown := [name for name in inner if name not in model.get("config", {})]:
                text = (
                    "{field!r} is not a coordinate of {case}, a field of the workload or a field of its model's config"
                )
                what = Phrase(text, field=unknown[0], case=case.kind)
                raise WorkloadError(what, todo="write it out there first")
            model = {"config": {**model["config"], **inner}}
        return replace(self, model=model, cases=(case,), **own)


# A run has one value of each: its device is examined, and its data are made, once for all cases.
ONE_A_RUN = ("device", "task")
# The workload's plain fields, each with the words or the span that it takes.
WORDS = {
    "task": ("auto", *source.TASKS),
    "precision": PRECISIONS,
    "attention": ("sdpa", "eager"),
    "cache": ("dynamic", "static"),
    "compile": ("no", "yes", "graphs"),
    "weights": ("mixed", "pure"),
    "checkpointing": ("no", "yes"),
    "clipping": ("yes", "no"),
    "packing": ("no", "yes"),
    "memory_format": ("contiguous", "channels_last"),
    "pruning": ("weights", "columns"),
    "parallel": ("none", "ddp", "fsdp"),
    "knee": ("no", "yes"),
    "trace": ("no", "yes"),
}
NUMBERS = {
    "accumulation": (1, 1024),
    "pruned_percent": (0, 95),
    "processes": (1, 64),
    "seed": (1,),
    "epoch_examples": (1,),
    "evaluation_examples": (1,),
}

# The rules of the plain fields, and of a whole workload.
PLAIN = {
    **{name: one_of(*words) for name, words in WORDS.items()},
    **{name: integer(*span) for name, span in NUMBERS.items()},
    "text_lengths": {"type": "string", "maxLength": 1000},
}
CASE = fields({"kind": one_of(*KINDS), "point": POINT}, closed=True)
DATA = fields(
    {"kind": one_of("synthetic", "jsonl", "csv", "images", "docstrings")},
    {"path": optional(TEXT), "text": TEXT, "label": TEXT, "held_out_percent": integer(1, 90)},
    closed=True,
)
EFFORT = fields(
    {
        "repeats": integer(FEWEST_REPEATS, 1000),
        "warmup_steps": integer(1),
        "warmup_seconds": number(0, 3600),
        "steps": integer(2),
        "seconds": number(0, 3600),
    },
    {"half_width_percent": integer(0, 100), "case_seconds": number(0, 86_400)},
)
WORKLOAD = fields(
    {"name": TEXT, "model": OBJECT, "cases": items(CASE), "effort": EFFORT},
    {"data": DATA, "device": TEXT, **PLAIN},
    closed=True,
)


def _check_cases(workload: Workload, where: str) -> None:
    """Raise WorkloadError for an empty workload, a name that is no folder's, and cases that cannot be measured."""
    if not workload.cases:
        raise WorkloadError("'cases' is empty", todo="name at least one case to measure", where=where)
    name = workload.name
    if not name.replace("-", "").replace("_", "").isalnum() or len(name.encode()) > LONGEST_NAME_BYTES:
        what = Phrase("the name {typed!r} names a folder", typed=name[:60])
        todo = Phrase("use letters, digits, - and _, at most {most} bytes of them", most=LONGEST_NAME_BYTES)
        raise WorkloadError(what, todo=todo, where=where)
    for place, case in enumerate(workload.cases):
        _check_case(case, workload, f"{where}: cases[{place}]")


def _check_case(case: Case, workload: Workload, where: str) -> None:
    """Raise WorkloadError where the case does not fit its model, or has too few steps to show a trend."""
    try:
        here = workload.at(case)
    except WorkloadError as error:
        raise WorkloadError(error.what, where=where, todo=error.todo) from None
    if (KINDS[case.kind].way == "server") != ("url" in here.model):
        served = [name for name, kind in KINDS.items() if kind.way == "server"]
        what = Phrase("{words} needs a running server, and no other kind of case does", words=", ".join(served))
        text = "give the model's url and name, or measure {others} with a config, a path or a hub"
        others = ", ".join(name for name in KINDS if name not in served)
        raise WorkloadError(what, where=where, todo=Phrase(text, others=others))
    check(case.changes, fields({}, PLAIN), where, WorkloadError)
    _check_used(case, here, where)
    _check_lengths(case, here, where)
    if KINDS[case.kind].needs_labels and here.data.kind == "synthetic":
        text = "{case} answers labelled texts, and synthetic ones mean nothing to a pretrained model"
        raise WorkloadError(Phrase(text, case=case.kind), todo="name your own as data", where=where)
    _check_coordinates(case, here.purpose, where)
    _check_size(case, here, where)
    if KINDS[case.kind].way == "steps":
        _check_steps(case, here, where)


def users(name: str) -> list[str]:
    """Return the kinds of cases that make use of a field; none where every kind does."""
    return [kind.name for kind in KINDS.values() if name in kind.fields]


def _check_used(case: Case, here: Workload, where: str) -> None:
    """Raise WorkloadError for a field that is set and that the case makes no use of."""
    for name in PLAIN:
        value, kinds = getattr(here, name), users(name)
        if not kinds or case.kind in kinds or value == getattr(Workload, name):
            continue
        spread = Phrase("write it as a coordinate of the cases to {words}", words=" or ".join(kinds))
        mend = "take it out" if name in case.point else spread
        what = Phrase("{field} = {value!r} changes nothing for {case}", field=name, value=value, case=case.kind)
        raise WorkloadError(what, todo=mend, where=where)
    if here.processes != 1 and here.parallel == "none":
        what = Phrase("{processes} processes, and parallel is 'none'", processes=here.processes)
        raise WorkloadError(what, todo="set parallel to ddp or fsdp", where=where)


def _check_lengths(case: Case, here: Workload, where: str) -> None:
    """Raise WorkloadError for lengths, or a format of images, that mean nothing to the task and its data."""
    if here.memory_format != "contiguous" and here.purpose != "image":
        raise WorkloadError("memory_format is that of images", todo="take it out", where=where)
    if here.packing == "yes" and (here.purpose != "causal" or not here.text_lengths):
        todo = "give a causal model and text_lengths, or take packing out"
        raise WorkloadError(
            "texts are packed where each continues, and their lengths are drawn", todo=todo, where=where
        )
    if not here.text_lengths:
        return
    if here.purpose not in ("text", "causal") or here.data.kind != "synthetic":
        what = "lengths are drawn for synthetic texts; other data have lengths of their own"
        raise WorkloadError(what, todo="take text_lengths out", where=where)
    method = METHODS.get(str(case.point.get("method")))
    if method is not None and (method.replays or (here.packing == "yes" and method.virtual_tokens)):
        what = Phrase("{method} puts rows together itself", method=method.name)
        raise WorkloadError(what, todo="take text_lengths out", where=where)
    lengths = Lengths.parse(here.text_lengths, f"{where}: text_lengths")
    if min(lengths.values) > (longest := int(case.point.get("tokens", 0))):
        text = "texts of {shortest} tokens or more, and {longest} at most"
        what = Phrase(text, shortest=min(lengths.values), longest=longest)
        raise WorkloadError(what, todo="raise tokens, or lower text_lengths", where=where)


def _check_size(case: Case, here: Workload, where: str) -> None:
    """Raise WorkloadError for a model too large for any device, and a sequence beyond the model's positions."""
    config = source.config_of(here.model)
    if config is None:
        return
    known = limits.checked(config, here.purpose, where)
    learned = None if known is None else known.longest
    positions = config.get("max_position_embeddings") if learned is None else learned
    if isinstance(positions, int) and case.sequence_tokens > positions:
        text = "{tokens} tokens exceed the model's {positions} positions"
        what = Phrase(text, tokens=case.sequence_tokens, positions=positions)
        raise WorkloadError(what, todo="shorten the case", where=where)


def _check_coordinates(case: Case, task: str, where: str) -> None:
    """Raise WorkloadError unless a case has every coordinate that its kind needs for the task, and no other one."""
    kind = KINDS[case.kind]
    if task not in kind.tasks:
        possible = [name for name, other in KINDS.items() if task in other.tasks]
        what = Phrase("a model for {task} cannot {case}", task=task, case=case.kind)
        raise WorkloadError(what, todo=Phrase("it can {words}", words=", ".join(possible)), where=where)
    point, place = dict(case.point), f"{where}.point"
    without = [*WITHOUT_TOKENS.get(task, ()), *(() if kind.takes_method else ("method",))]
    if meaningless := [name for name in without if name in point]:
        text = "{field!r} has no meaning for {case} of a model for {task}"
        what = Phrase(text, field=meaningless[0], case=case.kind, task=task)
        raise WorkloadError(what, where=place, todo="take it out")
    if kind.check is not None:
        kind.check(point, place)
        return
    counts = {name: limits.MOST_EXAMPLES if name == "batch" else limits.MOST_TOKENS for name in kind.coordinates}
    required = {name: integer(1, most) for name, most in counts.items() if name not in without}
    if kind.takes_method:
        required["method"] = one_of(*METHODS)
    check(point, fields(required, {name: integer(0, 100) for name in kind.optional}), place, WorkloadError)
    if (idle := [name for name in kind.optional if name in point]) and not METHODS[point["method"]].replays:
        what = Phrase("{field!r} has no meaning for {method}", field=idle[0], method=point["method"])
        raise WorkloadError(what, todo="take it out", where=place)


def _check_steps(case: Case, here: Workload, where: str) -> None:
    """Raise WorkloadError where no trend could be seen, or nothing is decoded."""
    if case.point.get("new_tokens") == 1:
        raise WorkloadError(
            "one new token is the prefill's, and none is decoded", todo="ask for at least 2", where=where
        )
    steps = here.effort.steps * (int(case.point.get("new_tokens", 2)) - 1)
    if steps < FEWEST_STEPS:
        what = Phrase("too few steps ({steps}) to show a trend", steps=steps)
        raise WorkloadError(what, todo=Phrase("measure at least {fewest}", fewest=FEWEST_STEPS), where=where)


def load(path: Path) -> Workload:
    """Return the workload in a JSON file; raise WorkloadError with the file, what is wrong, and what to do."""
    return Workload.parse(read_json(path, LARGEST_REQUEST_BYTES, WorkloadError), str(path))
