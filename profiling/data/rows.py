"""Texts of different lengths in one batch: padded to the longest, or packed into full rows."""

from __future__ import annotations

from collections.abc import Callable

import torch

from profiling.workload.lengths import Lengths

Batch = dict[str, torch.Tensor]
Draw = torch.Generator
Source = Callable[[int, Draw], Batch]

# Transformers' label for a position whose prediction does not count.
UNCOUNTED = -100


def drawn(count: int, lengths: Lengths, longest: int, generator: Draw) -> torch.Tensor:
    """Return `count` lengths, cut to `longest` tokens; shape (count,)."""
    shares = torch.rand(count, generator=generator, dtype=torch.double).tolist()
    return torch.tensor([min(longest, lengths.at(share)) for share in shares])


def padded(source: Source, lengths: Lengths) -> Source:
    """Return a source whose texts end after lengths that are drawn; a batch is as wide as its longest text."""

    def draw(count: int, generator: Draw) -> Batch:
        whole = source(count, generator)
        ids, labels = whole["input_ids"], whole["labels"]
        ends = drawn(count, lengths, ids.shape[1], generator)
        width = int(ends.max())
        there = torch.arange(width) < ends[:, None]
        if labels.dim() == 2:
            labels = labels[:, :width].masked_fill(~there, UNCOUNTED)
        # Word 0 is padding in most families.
        return {"input_ids": ids[:, :width] * there, "attention_mask": there.long(), "labels": labels}

    return draw


def packed(source: Source, lengths: Lengths) -> Source:
    """Return a source whose rows hold one text after the other; the last one of a row is cut.

    `position_ids` begin anew with each text, by which transformers keeps the texts from attending to one another. No
    text predicts the first word of the next.
    """

    def draw(count: int, generator: Draw) -> Batch:
        whole = source(count, generator)
        ids, places = whole["input_ids"], torch.arange(whole["input_ids"].shape[1])
        # Even rows of one-token texts are filled.
        ends = drawn(ids.numel(), lengths, ids.shape[1], generator).view(ids.shape).cumsum(1)
        begins = torch.zeros_like(ids, dtype=torch.bool)
        begins[:, 0] = True
        rows = torch.arange(count)[:, None].expand_as(ends)
        inside = ends < ids.shape[1]
        begins[rows[inside], ends[inside]] = True
        since = torch.where(begins, places, 0).cummax(1).values
        labels = whole["labels"].masked_fill(begins, UNCOUNTED)
        return {"input_ids": ids, "position_ids": places - since, "labels": labels}

    return draw
