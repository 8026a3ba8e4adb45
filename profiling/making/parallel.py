"""One model over several devices: each process has its own batches, and all have the same weights.

DDP keeps a copy a device and averages gradients; FSDP2 (`fully_shard`) keeps a share of the weights, gradients and
the optimiser's state a device.  Without a process group every function here does what one process needs.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import distributed, nn
from torch.distributed.fsdp import FSDPModule, MixedPrecisionPolicy, fully_shard
from torch.nn.parallel import DistributedDataParallel

FINISH = 0


def active() -> bool:
    """Return whether this process is one of a group."""
    return distributed.is_available() and distributed.is_initialized()


def size() -> int:
    """Return how many processes train together."""
    return distributed.get_world_size() if active() else 1


def rank() -> int:
    """Return this process's number among them, from 0."""
    return distributed.get_rank() if active() else 0


def part() -> None:
    """Give each process its own random numbers, once their models are the same, for other batches and dropout."""
    if active():
        torch.manual_seed(torch.initial_seed() + rank())


def tell(steps: int) -> None:
    """Tell the other processes how many steps to take, or to `FINISH`; a process alone tells nobody."""
    if active():
        distributed.broadcast(torch.tensor(steps, device=_exchange()), src=0)


def told() -> int:
    """Return what the first process tells: a number of steps, or to `FINISH`."""
    steps = torch.tensor(FINISH, device=_exchange())
    distributed.broadcast(steps, src=0)
    return int(steps)


def _exchange() -> str:
    """Return the device type on which the group exchanges tensors."""
    return "cuda" if distributed.get_backend() == "nccl" else "cpu"


def spread(model: Any, how: str, device: torch.device, arithmetic: torch.dtype) -> Any:
    """Return the model as `ddp` or `fsdp` runs it; itself where this process is alone."""
    if not active() or how == "none":
        return model
    if how == "ddp":
        return DistributedDataParallel(model, device_ids=None if device.type == "cpu" else [device.index])
    # Weights are gathered in what is computed in, gradients summed in float32.
    policy = MixedPrecisionPolicy(param_dtype=arithmetic, reduce_dtype=torch.float32)
    # One unit a layer, so that no more than a layer's weights are whole at a time; those within others come first.
    for layers in reversed([module for module in model.modules() if isinstance(module, nn.ModuleList)]):
        for layer in layers:
            fully_shard(layer, mp_policy=policy)
    return fully_shard(model, mp_policy=policy)


@contextmanager
def exchanging(model: Any, wanted: bool) -> Iterator[None]:
    """Let the processes exchange the gradients of a backward pass only where that is wanted."""
    if isinstance(model, DistributedDataParallel) and not wanted:
        with model.no_sync():
            yield
        return
    if isinstance(model, FSDPModule):
        model.set_requires_gradient_sync(wanted)
    yield


def slowest(seconds: float) -> float:
    """Return the longest time among the processes, each of which gives its own."""
    if not active():
        return seconds
    found = torch.tensor(seconds, device=_exchange())
    distributed.all_reduce(found, distributed.ReduceOp.MAX)
    return float(found)
