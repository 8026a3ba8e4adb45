"""The cost of fewer bits and fewer weights in quality: how far answers move from those in float32."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import torch

# The agreement over this many answers is known to within a few percent.
ANSWERS = 128
MOST_BATCHES = 8


@torch.inference_mode()
def answers(model: Any, questions: Iterable[Mapping[str, Any]]) -> torch.Tensor:
    """Return logits of shape (answers, classes) in float32 on the host; inputs take the model's own precision."""
    dtype = next(weight.dtype for weight in model.parameters() if weight.is_floating_point())
    found = []
    for question in questions:
        fractions = {k: v for k, v in question.items() if isinstance(v, torch.Tensor) and v.is_floating_point()}
        placed = {**question, **{name: value.to(dtype) for name, value in fractions.items()}}
        found.append(model(**placed).logits.float().cpu().flatten(0, -2))
    return torch.cat(found)


def compared(served: torch.Tensor, exact: torch.Tensor) -> dict[str, Any]:
    """Return how often the first choice is the same, and the distance of the logits, relative to the exact ones.

    Where there is one number instead of a choice, only the distance is told.  The first choices of random weights
    lie closer together than those of trained ones, and so change more easily.
    """
    found = {"answers": len(exact), "logits_relative_distance": float((served - exact).norm() / exact.norm())}
    if exact.shape[-1] == 1:
        return found
    same = int((served.argmax(-1) == exact.argmax(-1)).sum())
    return {**found, "same_first_choice": same, "top1_agreement": same / len(exact)}
