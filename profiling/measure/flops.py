"""Floating-point operations as torch itself counts them, to hold against the formula."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import torch
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode


def counted(work: Callable[[], object], device: torch.device) -> int:
    """Return the operations of one piece of work, a multiplication with its addition as two.

    Torch has no count for the CPU's fused attention, which is therefore replaced by its plain products.
    """
    plain: AbstractContextManager[Any] = sdpa_kernel(SDPBackend.MATH) if device.type == "cpu" else nullcontext()
    with plain, FlopCounterMode(display=False) as counter:
        work()
    return int(counter.get_total_flops())
