"""The matrices of a built model, each kind once with its copies."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from typing import Any

from torch import nn
from transformers.pytorch_utils import Conv1D

from profiling.architecture.model import Architecture, Matrix, Rows
from profiling.errors import WorkloadError
from profiling.methods.lora import USUAL_PLACES
from profiling.models import passage
from profiling.models.passage import Passage

_CONVOLUTIONS = (nn.Conv1d, nn.Conv2d, nn.Conv3d)
# An expert in a list of modules, by its path.
_EXPERT = re.compile(r"(.*experts)\.(\d+)\.")
# Biases of experts, decays of states; and experts in a list, which are known by the first.
_MULTIPLIES_NOTHING = re.compile(r"bias$|A_log$|experts\.\d+\.")
# Weights in other places than matrices, tables and vectors count as parameters only, while they are that few.
_MOST_UNKNOWN = 0.01


@dataclass(frozen=True)
class _Place:
    """A weight that multiplies, and the module that holds it."""

    path: str
    module: Any
    key: str  # the weight's name in the module
    weight: Any
    copies: int  # experts that are modules of their own


def with_matrices(model: Any, through: Passage, *, tied: bool = True) -> Architecture:
    """Return the architecture with the model's matrices, the output last.

    `tied` False means that the published output has weights of its own even where the built model shares them.
    Raise WorkloadError for experts of which it is not known how many a token meets, and for weights without a use.
    """
    head, module, role = passage.output(model)
    tables = {id(one.weight): one.weight for one in model.modules() if isinstance(one, nn.Embedding)}
    shared = id(module.weight) in tables
    places = [one for one in _places(model) if one.path != head]
    end = _Place(head, module, "weight", module.weight, 1)
    output = replace(_matrix(end, through), role=role, tied=shared and tied)
    body = {id(one) for one in model.base_model.modules()}
    matrices = [(one, _matrix(one, through)) for one in places]
    # A classifier's head may have more layers beside the body.
    told = (
        replace(one, role=role) if role == "classifier" and id(place.module) not in body else one
        for place, one in matrices
    )
    found = (*_together(told), output)
    _check_rest(model, {*tables, *(id(one.weight) for one in (*places, end))})
    lookups = sum(weight.numel() for weight in tables.values())
    weights = sum(weight.numel() for weight in model.parameters())
    own_output = output.weights if shared and not tied else 0
    return replace(
        through.architecture,
        matrices=found,
        lookups=lookups,
        vectors=weights + own_output - lookups - sum(one.parameters for one in found),
        adapted=next(
            (names for names in USUAL_PLACES if all(any(one.ends_in(name) for one in found) for name in names)), ()
        ),
    )


def _places(model: Any) -> Iterator[_Place]:
    """Yield every weight that multiplies, each once; of experts in a list of modules the first one stands for all."""
    for path, module in model.named_modules():
        listed = _EXPERT.match(f"{path}.")
        copies = 1 if listed is None else len(model.get_submodule(listed[1]))
        if listed is not None and int(listed[2]):
            continue
        for key, weight in module._parameters.items():
            if weight is not None and _multiplies(path, module, key, weight):
                yield _Place(path, module, key, weight, copies)


def _multiplies(path: str, module: Any, key: str, weight: Any) -> bool:
    """Return whether a weight is a matrix, a convolution, or the matrices of experts in one tensor."""
    if isinstance(module, nn.Embedding) or "bias" in key:
        return False
    convolves = isinstance(module, _CONVOLUTIONS)
    flat = weight.dim() == 2 and (key == "weight" or key.endswith(("_weight", "fn")))
    experts = weight.dim() == 3 and "expert" in f"{path} {type(module).__name__}".lower()
    by_head = weight.dim() == 3 and key.endswith("proj_weight")  # Zamba's mixers
    return convolves or flat or experts or by_head or _is_stacked(module, weight)


def _is_stacked(module: Any, weight: Any) -> bool:
    """Return whether a weight holds the matrices of all experts, one below the other (DBRX)."""
    return hasattr(module, "moe_num_experts") and weight.dim() == 2


def _matrix(place: _Place, through: Passage) -> Matrix:
    """Return a weight as a matrix; raise WorkloadError for experts of which a token meets none or too many."""
    if _is_stacked(place.module, place.weight):
        stack = place.weight.view(place.module.moe_num_experts, -1, place.weight.shape[1])
        return _matrix(replace(place, weight=stack), through)
    module, shape, copies = place.module, place.weight.shape, place.copies
    if len(shape) == 3 and not isinstance(module, _CONVOLUTIONS):
        copies, (outputs, inputs) = shape[0], shape[1:]
        if not place.key.endswith("proj_weight"):
            inputs, outputs = _directed(place, through.architecture.hidden)
    elif isinstance(module, Conv1D):
        inputs, outputs = shape
    else:
        outputs, inputs = shape[0], place.weight[0].numel()
    end = place.key.removesuffix("weight").removesuffix("_")
    return Matrix(
        ".".join(part for part in (*place.path.split("."), end) if part and not part.isdigit()),
        *(inputs, outputs, copies, _met(copies, through) if _is_chosen(place, copies) else None),
        bias=module._parameters.get(f"{end}_bias" if end else "bias") is not None,
        rows=through.rows.get(place.path, Rows(0)),
        from_data=place.path == through.first,
        decodes=place.path not in through.once,
    )


def _is_chosen(place: _Place, copies: int) -> bool:
    """Return whether a token meets some of the copies alone: shared experts and heads are met by each."""
    return copies > 1 and "shared" not in place.path and not place.key.endswith("proj_weight")


def _directed(place: _Place, hidden: int) -> tuple[int, int]:
    """Return inputs and outputs of each expert: libraries store them in either order."""
    inner, outer = sorted(place.weight.shape[1:], key=lambda size: size == hidden)
    leads_back = "down" in place.key or "output" in place.path or place.key == "w2"
    return (inner, outer) if leads_back else (outer, inner)


def _met(experts: int, through: Passage) -> int:
    """Return how many of the experts a token meets; raise WorkloadError where that is not known."""
    model_type, met = through.architecture.model_type, through.experts_met
    if met is None:
        what = f"the config does not say how many of its experts a token of a {model_type} meets"
        raise WorkloadError(what, todo="add num_experts_per_tok to it")
    if not 0 < met <= experts:
        raise WorkloadError(f"num_experts_per_tok is {met}, of {experts} experts", todo=f"take 1 to {experts}")
    return met


def _together(matrices: Iterator[Matrix]) -> Iterator[Matrix]:
    """Yield each kind of matrix once, with the copies of all layers."""
    for one, layers in Counter(matrices).items():
        used = None if one.copies_used is None else layers * one.copies_used
        yield replace(one, copies=layers * one.copies, copies_used=used)


def _check_rest(model: Any, known: Collection[int]) -> None:
    """Raise WorkloadError where many weights are neither matrices nor tables nor vectors."""
    every = dict(model.named_parameters())
    rest = {
        path: weight.numel()
        for path, weight in every.items()
        if id(weight) not in known and weight.dim() > 1 and weight.shape[0] > 1 and not _MULTIPLIES_NOTHING.search(path)
    }
    whole = sum(weight.numel() for weight in every.values())
    if sum(rest.values()) > _MOST_UNKNOWN * whole:
        path = max(rest, key=lambda path: rest[path])
        raise WorkloadError(f"no rule counts what the weights {path} are multiplied with", todo=passage.TODO)
