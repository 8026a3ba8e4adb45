"""Batches of tensors on the host for a model, to learn from or held out.

The workload's seed decides what is to be learned, and torch's own seed (`torch.manual_seed`) the order.  Repeats with
different seeds therefore see different orders and the same held-out examples.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import Any

import torch
from torch.utils.data import DataLoader, Dataset, Subset

from profiling.data import datasets, synthetic
from profiling.data.rows import Batch
from profiling.data.tokenising import tokenizer
from profiling.errors import UnsupportedError, WorkloadError, counted
from profiling.examples import corpus
from profiling.examples.example import Example
from profiling.methods import METHODS
from profiling.models import models
from profiling.workload.workload import Case, Workload

# Points that a regression learns from; the closed-form solution is computed from the same points.
POINTS = 1024
# Batches that are drawn before steps are timed: enough that consecutive steps differ, and at most some hundred
# megabytes of images.
POOL_BATCHES = 8
# Held-out examples stay in memory: a thousand images of 224 x 224 would take 600 MB.
MOST_HELD_OUT_BYTES = 256_000_000


def of(workload: Workload, plan: Case, task: int = 1) -> Iterator[Batch]:
    """Return endless batches to learn from, shuffled in each epoch; of a `continual` case, those of one task of two.

    A batch has the inputs of the model, including `labels`; the first dimension is the point's `batch`.  Raise
    WorkloadError, with file and line, for data that cannot be read or are too few.
    """
    found = _endless(workload, plan, task)
    return map(_channels_last, found) if workload.memory_format == "channels_last" else found


def _endless(workload: Workload, plan: Case, task: int) -> Iterator[Batch]:
    size, order = int(plan.point["batch"]), synthetic.stream("order", torch.initial_seed())
    if workload.data.kind == "synthetic" and workload.purpose != "regress":
        draw = synthetic.source(workload, plan, models.configured(workload), task)
        return iter(lambda: draw(size, order), None)
    dataset = training_set(workload, plan, task)
    if (count := _length(dataset)) < size:
        what = f"{counted(count, 'examples')} to learn from, and a batch of {size}"
        raise WorkloadError(f"data: {what}", todo="give more, or a smaller batch")
    loader = DataLoader(dataset, size, shuffle=True, drop_last=True, generator=order)
    return itertools.chain.from_iterable(itertools.repeat(loader))


def _channels_last(batch: Batch) -> Batch:
    """Return the batch with the channels of each pixel side by side, as convolutions in few bits want them."""
    return {
        name: tensor.contiguous(memory_format=torch.channels_last) if tensor.dim() == 4 else tensor
        for name, tensor in batch.items()
    }


def pooled(workload: Workload, stream: Iterator[Batch], device: torch.device) -> Iterator[Batch]:
    """Return the stream for timed steps: of synthetic data, the first few batches, drawn now and cycled.

    For a GPU, batches are pinned where it reads them while the host goes on.

    Drawing an image takes the host longer than a step takes a GPU, and is not part of real training.  Real data come
    from their own loader, whose time counts in the step.
    """
    if device.type == "cuda":
        stream = ({name: tensor.pin_memory() for name, tensor in batch.items()} for batch in stream)
    if workload.data.kind != "synthetic":
        return stream
    return itertools.cycle(list(itertools.islice(stream, POOL_BATCHES)))


def held_out(workload: Workload, plan: Case, task: int = 1) -> list[Batch]:
    """Return examples that `of` never yields, equal in every repeat: at most the workload's `evaluation_examples`."""
    size = int(plan.point["batch"])
    if workload.data.kind == "synthetic":
        draw = synthetic.source(workload, plan, models.configured(workload), task, held_out=True)
        stream = synthetic.stream("held out", workload.seed)
        first = draw(size, stream)
        count = _bounded(workload, size, first)
        first = {name: tensor[:count] for name, tensor in first.items()}
        return [first, *(draw(min(size, count - done), stream) for done in range(size, count, size))]
    dataset = _dataset(workload, plan, task, held_out=True)
    # The classes follow one another, so take places at equal distances.
    count = min(_length(dataset), _bounded(workload, 1, {name: each[None] for name, each in dataset[0].items()}))
    places = [place * _length(dataset) // count for place in range(count)]
    return list(DataLoader(Subset(dataset, places), size))


def training_set(workload: Workload, plan: Case, task: int = 1) -> Dataset[Batch]:
    """Return every example to learn from, where their number is finite: real data, and points of a regression."""
    if workload.data.kind != "synthetic":
        return _dataset(workload, plan, task, held_out=False)
    draw = synthetic.source(workload, plan, models.configured(workload), task)
    return datasets.Stacked(draw(POINTS, synthetic.stream("points", workload.seed)))


def prompts(workload: Workload, plan: Case) -> torch.Tensor:
    """Return the prompts of a generation on the host, from the workload's seed.

    Prompts are random words of shape (batch, prompt_tokens), or for speech 30 s of features of shape (batch, mel bins,
    frames).
    """
    config, size = models.configured(workload), int(plan.point["batch"])
    draw = synthetic.stream("prompts", workload.seed)
    if workload.purpose == "speech":
        return synthetic.source(workload, plan, config, 1)(size, draw)["input_features"]
    return torch.randint(int(config.vocab_size), (size, int(plan.point["prompt_tokens"])), generator=draw)


def inputs(batch: Batch) -> Batch:
    """Return the inputs of a forward pass without a loss: all but the labels."""
    return {name: tensor for name, tensor in batch.items() if name != "labels"}


def _dataset(workload: Workload, plan: Case, task: int, held_out: bool) -> Dataset[Batch]:
    """Return one side of the real data, of one task where the case has two."""
    config, parts = models.configured(workload), corpus.split(workload.data)
    side = parts.held_out if held_out else parts.training
    method = METHODS.get(plan.point.get("method", ""))
    if method is not None and method.replays:
        side = tuple(corpus.of_task(side, task, workload.data))
    found = _read(workload, plan, config, side, parts.training)
    if not _length(found):
        what = "held out" if held_out else "to learn from"
        raise WorkloadError(
            f"data: nothing {what} after cutting to {plan.point.get('tokens')} tokens", todo="give more data"
        )
    return found


def _read(
    workload: Workload, plan: Case, config: Any, side: Sequence[Example], training: Sequence[Example]
) -> Dataset[Batch]:
    """Return the examples as the task reads them; raise UnsupportedError where the data do not suit the task."""
    task, names = workload.purpose, corpus.labels(workload.data)
    are_images = workload.data.kind == "images"
    if task in ("speech", "regress") or are_images != (task == "image"):
        raise UnsupportedError(f"a model for {task} cannot learn from {workload.data.kind}", todo="use synthetic data")
    if task in ("text", "image") and not names:
        raise WorkloadError(
            f"data: no {workload.data.label!r} to learn", todo="label the examples, or choose a causal model"
        )
    if task == "image":
        return datasets.Pictures(side, names, config, workload.model.get("path"))
    tokens = int(plan.point["tokens"])
    if task == "recommend":
        return datasets.histories(side, corpus.examples(workload.data), int(config.vocab_size), tokens)
    texts = (example.content for example in training)
    words = tokenizer(workload, texts, int(config.vocab_size), getattr(config, "pad_token_id", None))
    return datasets.Texts(side, names, words, tokens) if task == "text" else datasets.packed(side, words, tokens)


def _bounded(workload: Workload, size: int, batch: Batch) -> int:
    """Return how many examples to hold out, by the workload and by the memory of a batch of `size`."""
    each = sum(tensor.nbytes for tensor in batch.values()) / size
    return max(1, min(workload.evaluation_examples, int(MOST_HELD_OUT_BYTES / each)))


def _length(dataset: Dataset[Batch]) -> int:
    """Return the length of a dataset; torch does not require one, but every dataset here has one."""
    return len(dataset)  # type: ignore[arg-type]
