"""Serving cases for every family of models, and methods that are ready to run."""

from dataclasses import replace
from typing import Any

import families
import torch

from profiling.workload.kinds import KINDS
from profiling.workload.workload import Case, Workload

CPU = torch.device("cpu")
CLASSIFIERS = ("bert", "llama-classifier", "encoder", "recommender", "vit", "resnet", "mlp", "linear")
GENERATORS = ("gpt2", "llama", "qwen2", "qwen3", "mixtral", "whisper")


def serve(name: str, **fields: Any) -> Workload:
    """Return a workload of one serving case for a family."""
    made = families.workload(name, batch=2)
    point = {"batch": 2}
    if name in GENERATORS:
        point |= {"new_tokens": 6} if name == "whisper" else {"prompt_tokens": 8, "new_tokens": 6}
    elif made.purpose in ("text", "recommend"):
        point |= {"tokens": 16}
    return replace(made, cases=(Case("generate" if name in GENERATORS else "classify", point),), **fields)


def build(workload: Workload, precision: str = "float32") -> Any:
    """Return the method of the workload's only case."""
    torch.manual_seed(1)
    return KINDS[workload.cases[0].kind].run(workload, workload.cases[0], precision, CPU)
