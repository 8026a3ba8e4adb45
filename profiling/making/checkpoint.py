"""The seconds of a checkpoint, from a shard of it: a whole one may take a hundred gigabytes.

A checkpoint holds what a restart needs: the trained weights (the adapters alone, where there are any), and the
optimiser's state. It has reached the disk, and not only the system's memory.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import torch
from peft import PeftModel
from torch.distributed.tensor import DTensor

from profiling.hardware.meter import Window
from profiling.making import parallel

SHARD_BYTES = 500_000_000
# A shard leaves the disk room for what else a run writes.
MOST_OF_DISK = 0.25


def seconds(kept: Any, optimizer: torch.optim.Optimizer, device: torch.device, folder: Path) -> float:
    """Write as much of this process's part as a shard holds, and return the seconds that all of it would take.

    Of weights that every process has whole, the first one writes all.
    """
    tensors = list(_distinct(_tensors(kept, optimizer)))
    if not tensors:
        return 0.0
    whole = sum(tensor.nbytes for tensor in tensors)
    most = int(min(SHARD_BYTES, MOST_OF_DISK * shutil.disk_usage(folder).free))
    with Window(device) as saving, (folder / f"checkpoint-{parallel.rank()}.pt").open("wb") as file:
        shard = list(_first(tensors, most))
        torch.save(shard, file)
        file.flush()
        os.fsync(file.fileno())
    return saving.seconds * whole / sum(tensor.nbytes for tensor in shard)


def _tensors(kept: Any, optimizer: torch.optim.Optimizer) -> Iterator[torch.Tensor]:
    """Yield what this process writes; of a tensor that is spread over processes, its own share."""
    adapters = (weight for weight in kept.parameters() if weight.requires_grad)
    weights = adapters if isinstance(kept, PeftModel) else kept.state_dict().values()
    moments = (one for state in optimizer.state.values() for one in state.values())
    for tensor in (*weights, *moments):
        if isinstance(tensor, DTensor):
            yield tensor.to_local()
        elif isinstance(tensor, torch.Tensor) and parallel.rank() == 0:
            yield tensor


def _distinct(tensors: Iterable[torch.Tensor]) -> Iterator[torch.Tensor]:
    """Yield each tensor once: embeddings may be tied to the head."""
    return iter({(one.data_ptr(), one.shape): one for one in tensors if one.numel()}.values())


def _first(tensors: Sequence[torch.Tensor], most: int) -> Iterator[torch.Tensor]:
    """Yield copies on the host of the first tensors, `most` bytes of them and at least a number."""
    left = most
    for tensor in tensors:
        count = max(1, min(tensor.numel(), left // tensor.element_size()))
        yield tensor.detach().flatten()[:count].to("cpu", copy=True)
        left -= count * tensor.element_size()
        if left <= 0:
            return
