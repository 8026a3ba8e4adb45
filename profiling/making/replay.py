"""Continual training: batches of a second task, with a share of the first one's examples among them."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import torch

from profiling.data.rows import Batch

# A quarter where the second task is far from the first: A. Ibrahim et al., Simple and Scalable Strategies to
# Continually Pre-train Large Language Models (arXiv:2403.08763), section 6.
DEFAULT_PERCENT = 25


def mixed(new: Iterator[Batch], old: Iterator[Batch], percent: int) -> Iterator[Batch]:
    """Yield batches of the new task whose first rows are replaced by the old one's, `percent` of all rows over time.

    Fractions of a row carry over: of batches of 4 with 10 percent, two in five hold one old example.
    """
    if percent == 0:
        yield from new
        return
    for number in itertools.count():
        fresh, seen = next(new), next(old)
        rows = len(next(iter(fresh.values())))
        share = (number + 1) * rows * percent // 100 - number * rows * percent // 100
        yield {name: torch.cat([seen[name][:share], tensor[share:]]) for name, tensor in fresh.items()}
