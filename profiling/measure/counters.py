"""The bytes and operations of a model and its cache as torch counts them, to compare with the formulas."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import torch
from torch import nn
from transformers import Cache, EncoderDecoderCache

from profiling.measure import flops

# Given a mask, or no cache, models look at values, which on the meta device are not there; shapes do not change.
VALUES_READ = ("attention_mask", "use_cache")


def multiplied_weights(model: nn.Module) -> int:
    """Return how many weights a step reads: all but those of tables in which rows are looked up."""
    return sum(weight.numel() for weight in _read_in_full(model))


def stored_bytes(model: nn.Module) -> int:
    """Return the bytes of those weights as they are stored; a layer of fewer bits states its own `stored_bytes`."""
    plain = sum(weight.nbytes for weight in _read_in_full(model))
    return plain + sum(int(getattr(module, "stored_bytes", 0)) for module in model.modules())


def _read_in_full(model: nn.Module) -> Iterator[nn.Parameter]:
    """Yield every weight once, but those of tables alone; a table that is also the output's matrix is read in full."""
    modules = list(model.modules())
    packed = {id(weight) for module in modules if hasattr(module, "stored_bytes") for weight in module.parameters()}
    elsewhere = {
        id(weight)
        for module in modules
        if not isinstance(module, nn.Embedding)
        for weight in module.parameters(recurse=False)
    }
    read = elsewhere - packed
    yield from (weight for weight in model.parameters() if id(weight) in read)


def cache_bytes(cache: Cache | EncoderDecoderCache) -> int:
    """Return the bytes of keys, values and states that a cache holds at this moment, the encoder's share included."""
    if isinstance(cache, EncoderDecoderCache):
        return cache_bytes(cache.self_attention_cache) + cache_bytes(cache.cross_attention_cache)
    held = [getattr(layer, name, None) for layer in cache.layers for name in ("keys", "values")]
    states = [getattr(layer, name, {}) for layer in cache.layers for name in ("conv_states", "recurrent_states")]
    held += [state for each in states for state in each.values()]
    return sum(tensor.untyped_storage().nbytes() for tensor in held if tensor is not None)


def forward_flops(unplaced: nn.Module, inputs: Mapping[str, Any]) -> int | None:
    """Return the operations of one forward pass by torch's count, from shapes alone: the model is on the meta device.

    None for a model whose shapes depend on values, such as a mixture of experts that gathers each one's tokens.
    """
    shapes = {name: _shape(value) for name, value in inputs.items() if name not in VALUES_READ}
    try:
        with torch.no_grad():
            return flops.counted(lambda: unplaced.eval()(**shapes), torch.device("cpu"))
    except (RuntimeError, NotImplementedError):  # the meta device has no values to look at
        return None


def _shape(value: Any) -> Any:
    """Return a tensor without its values, and in the precision of the model without weights."""
    if not isinstance(value, torch.Tensor):
        return value
    return value.to("meta", torch.float32 if value.is_floating_point() else None)
