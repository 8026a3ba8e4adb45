"""What a model reads: batches of tensors on the host, to learn from or held out.

What is to be learned hangs on the workload's seed alone; in what order, on torch's own (`torch.manual_seed`), so
that repeats with seeds of their own see other orders and the same held-out examples.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import Any

import torch
from torch.utils.data import DataLoader, Dataset, Subset

from profiling.data import corpus, datasets, synthetic
from profiling.data.example import Example
from profiling.data.synthetic import Batch
from profiling.data.tokenising import tokenizer
from profiling.errors import UnsupportedError, WorkloadError
from profiling.methods import METHODS
from profiling.models import models
from profiling.workload.workload import Case, Workload

# As many points as a regression learns from: a solution in closed form is reckoned from the same.
POINTS = 1024
# Batches that are drawn before steps are timed: enough that a step seldom meets the one that it met last, and at
# most some hundred megabytes of pictures.
POOL_BATCHES = 8
# Held-out examples wait in memory: a thousand images of 224 x 224 would take 600 MB.
MOST_HELD_OUT_BYTES = 256_000_000


def of(workload: Workload, plan: Case, task: int = 1) -> Iterator[Batch]:
    """Endless batches to learn from, shuffled anew in each epoch; of a `continual` case those of one task of two.

    A batch holds what the model is called with, `labels` among them; its first dimension is the point's `batch`.
    Raises WorkloadError, with file and line, for data that cannot be read or are too few.
    """
    size, order = int(plan.point["batch"]), synthetic.stream("order", torch.initial_seed())
    if not _is_finite(workload):
        draw = synthetic.source(workload, plan, models.configured(workload), task)
        return iter(lambda: draw(size, order), None)
    dataset = training_set(workload, plan, task)
    if (count := _length(dataset)) < size:
        raise WorkloadError(
            f"data: {count} examples to learn from, and a batch of {size}; give more, or a smaller batch"
        )
    return _endless(DataLoader(dataset, size, shuffle=True, drop_last=True, generator=order))


def pooled(workload: Workload, stream: Iterator[Batch]) -> Iterator[Batch]:
    """The stream for steps that are timed: of made-up data its first few batches, drawn now and gone round for ever.

    Drawing a picture takes the host longer than a step takes a GPU, and is no part of anybody's training.  Real data
    come from their own loader, whose time is the step's.
    """
    if workload.data.kind != "synthetic":
        return stream
    return itertools.cycle(list(itertools.islice(stream, POOL_BATCHES)))


def held_out(workload: Workload, plan: Case, task: int = 1) -> list[Batch]:
    """Examples that `of` never gives, the same for every repeat: at most the workload's `evaluation_examples`."""
    size = int(plan.point["batch"])
    if workload.data.kind == "synthetic":
        draw = synthetic.source(workload, plan, models.configured(workload), task, held_out=True)
        stream = synthetic.stream("held out", workload.seed)
        first = draw(size, stream)
        count = _bounded(workload, size, first)
        return [first, *(draw(min(size, count - done), stream) for done in range(size, count, size))]
    dataset = _dataset(workload, plan, task, held_out=True)
    # Evenly from all classes, which stand one after the other.
    count = min(_length(dataset), _bounded(workload, 1, {name: each[None] for name, each in dataset[0].items()}))
    places = [place * _length(dataset) // count for place in range(count)]
    return list(DataLoader(Subset(dataset, places), size))


def training_set(workload: Workload, plan: Case, task: int = 1) -> Dataset[Batch]:
    """Every example to learn from, where there is an end to them: real data, and the points of a regression."""
    if workload.data.kind != "synthetic":
        return _dataset(workload, plan, task, held_out=False)
    draw = synthetic.source(workload, plan, models.configured(workload), task)
    return datasets.Stacked(draw(POINTS, synthetic.stream("points", workload.seed)))


def prompts(workload: Workload, plan: Case) -> torch.Tensor:
    """What a generation starts from, on the host, from the workload's seed.

    Random words of shape (batch, prompt_tokens); for speech 30 s of features of shape (batch, mel bins, frames).
    """
    config, size = models.configured(workload), int(plan.point["batch"])
    draw = synthetic.stream("prompts", workload.seed)
    if workload.purpose == "speech":
        return synthetic.source(workload, plan, config, 1)(size, draw)["input_features"]
    return torch.randint(int(config.vocab_size), (size, int(plan.point["prompt_tokens"])), generator=draw)


def inputs(batch: Batch) -> Batch:
    """What a forward pass without a loss takes: all but the labels."""
    return {name: tensor for name, tensor in batch.items() if name != "labels"}


def _is_finite(workload: Workload) -> bool:
    return workload.data.kind != "synthetic" or workload.purpose == "regress"


def _dataset(workload: Workload, plan: Case, task: int, held_out: bool) -> Dataset[Batch]:
    """One side of the real data, of one task where the case has two."""
    config, parts = models.configured(workload), corpus.split(workload.data)
    side = parts.held_out if held_out else parts.training
    method = METHODS.get(plan.point.get("method", ""))
    if method is not None and method.replays:
        side = tuple(corpus.of_task(side, task, workload.data))
    found = _read(workload, plan, config, side, parts.training)
    if not _length(found):
        what = "held out" if held_out else "to learn from"
        raise WorkloadError(f"data: nothing {what} after cutting to {plan.point.get('tokens')} tokens; give more data")
    return found


def _read(
    workload: Workload, plan: Case, config: Any, side: Sequence[Example], training: Sequence[Example]
) -> Dataset[Batch]:
    """The examples as the task reads them; raises UnsupportedError where data and task have nothing in common."""
    task, names = workload.purpose, corpus.labels(workload.data)
    are_images = workload.data.kind == "images"
    if task in ("speech", "regress") or are_images != (task == "image"):
        raise UnsupportedError(f"a model for {task} cannot learn from {workload.data.kind}; keep to synthetic data")
    if task in ("text", "image") and not names:
        raise WorkloadError(f"data: no {workload.data.label!r} to learn; label the examples, or choose a causal model")
    if task == "image":
        return datasets.Pictures(side, names, config, workload.model.get("path"))
    tokens = int(plan.point["tokens"])
    if task == "recommend":
        return datasets.histories(side, int(config.vocab_size), tokens)
    texts = (example.content for example in training)
    words = tokenizer(workload, texts, int(config.vocab_size), getattr(config, "pad_token_id", None))
    return datasets.Texts(side, names, words, tokens) if task == "text" else datasets.packed(side, words, tokens)


def _bounded(workload: Workload, size: int, batch: Batch) -> int:
    """How many examples to hold out, by the workload and by the memory that a batch of `size` takes."""
    each = sum(tensor.nbytes for tensor in batch.values()) / size
    return max(1, min(workload.evaluation_examples, int(MOST_HELD_OUT_BYTES / each)))


def _endless(loader: DataLoader[Batch]) -> Iterator[Batch]:
    while True:
        yield from loader


def _length(dataset: Dataset[Batch]) -> int:
    """torch leaves it open whether a Dataset has one; each of ours has."""
    return len(dataset)  # type: ignore[arg-type]
