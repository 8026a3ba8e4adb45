"""Fewer weights: the smallest set to zero one by one, or whole columns of the feed-forward layers taken out.

Dense kernels multiply zeros like any number and do not get faster; zeros are measured for their cost in quality.
A layer with fewer columns is smaller, and is faster.
"""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import nn
from torch.nn.utils import prune

from profiling.architecture import source
from profiling.errors import UnsupportedError
from profiling.serving import quantisation
from profiling.workload.workload import Workload

# A feed-forward block by the names of its layers, as a path from the module that holds both: those whose
# outputs are its columns, and the one that reads them.
FEED_FORWARD = (
    (("gate_proj", "up_proj"), "down_proj"),  # llama, qwen, mistral
    (("c_fc",), "c_proj"),  # gpt2
    (("fc1",), "fc2"),  # vit, whisper
    (("linear1",), "linear2"),  # torch.nn.TransformerEncoderLayer
    (("intermediate.dense",), "output.dense"),  # bert
)


def apply(model: nn.Module, workload: Workload) -> None:
    """Prune as the workload asks, in place; raise UnsupportedError where columns are asked of unknown blocks."""
    if workload.pruned_percent == 0:
        return
    quantisation.straighten(model)
    if workload.pruning == "weights":
        smallest_weights(model, workload.pruned_percent / 100)
    else:
        feed_forward_columns(model, workload.pruned_percent)


def smallest_weights(model: nn.Module, share: float) -> None:
    """Set the smallest weights of each linear or convolutional layer to zero, by magnitude."""
    for layer in model.modules():
        if isinstance(layer, nn.Linear | nn.Conv2d):
            prune.l1_unstructured(layer, "weight", share)  # type: ignore[no-untyped-call]
            prune.remove(layer, "weight")  # type: ignore[no-untyped-call]


@torch.no_grad()
def feed_forward_columns(model: nn.Module, percent: int) -> None:
    """Remove the columns of every feed-forward block with the least sum of squared weights."""
    blocks = list(_blocks(model))
    if not blocks:
        raise UnsupportedError("no feed-forward block is known in this model", todo="ask for pruning of 'weights'")
    for writers, reader in blocks:
        weight = sum((layer.weight.float() ** 2).sum(1) for layer in writers) + (reader.weight.float() ** 2).sum(0)
        count = source.columns_kept(reader.in_features, percent)
        kept = torch.topk(weight, count).indices.sort().values
        for layer in writers:
            layer.weight = _part(layer.weight, kept, 0)
            layer.bias = None if layer.bias is None else _part(layer.bias, kept, 0)
            layer.out_features = count
        reader.weight = _part(reader.weight, kept, 1)
        reader.in_features = count


def _part(weight: torch.Tensor, kept: torch.Tensor, dimension: int) -> nn.Parameter:
    return nn.Parameter(weight.index_select(dimension, kept), requires_grad=weight.requires_grad)


def _blocks(model: nn.Module) -> Iterator[tuple[list[nn.Linear], nn.Linear]]:
    """Yield every feed-forward block: the layers that write its columns, and the one that reads them."""
    for module in model.modules():
        for writers, reader in FEED_FORWARD:
            found = [_layer(module, name) for name in (*writers, reader)]
            layers = [layer for layer in found if layer is not None]
            if len(layers) == len(found) and all(w.out_features == layers[-1].in_features for w in layers[:-1]):
                yield layers[:-1], layers[-1]


def _layer(module: nn.Module, path: str) -> nn.Linear | None:
    """Return the linear layer at the end of a path; None where there is no such layer."""
    found: object = module
    for name in path.split("."):
        found = getattr(found, name, None)
    return found if isinstance(found, nn.Linear) else None
