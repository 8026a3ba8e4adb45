"""Synthetic data that is cheap to draw and can be learned: the label follows from the input.

The workload's seed fixes what is to be learned; examples come from the caller's generator.  The second task of
continual training has other words, images or sounds, or another function.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from zlib import crc32

import torch

from profiling.data import rows
from profiling.data.rows import Batch, Draw, Source
from profiling.errors import WorkloadError
from profiling.workload.lengths import Lengths
from profiling.workload.workload import Case, Workload

# Sequences use few words, so that a short run sees each often enough to learn its successor.
WORDS = 256
# One step in ten goes astray, so that no model can be certain of the next word.
ASTRAY = 0.1
# Noise as strong as the pattern under it.
NOISE = 1.0
# Patterns are this coarse, so that patches and convolutions of any size see them.
PATTERN_SIDE = 4
# Deviation of the noise on labels, which limits how close least squares comes to the true weights.
LABEL_NOISE = 0.1


def source(workload: Workload, plan: Case, config: Any, task: int, held_out: bool = False) -> Source:
    """Return a function `draw(count, generator)` of batches for the workload's task; `config` is transformers' own."""
    truth = stream(f"task {task}", workload.seed)
    if workload.purpose in ("causal", "recommend"):
        found = sequences(config, plan, truth, held_out)
    else:
        found = _SOURCES[workload.purpose](config, plan, truth, task)
    if not workload.text_lengths:
        return found
    arranged = rows.packed if workload.packing == "yes" else rows.padded
    return arranged(found, Lengths.parse(workload.text_lengths, "text_lengths"))


def texts(config: Any, plan: Case, _truth: Draw, task: int) -> Source:
    """Return a source of texts: each class has its own part of the vocabulary; `input_ids` is (batch, tokens)."""
    classes, tokens = int(config.num_labels), int(plan.point["tokens"])
    _check_words(config, 1 + classes * task, "a word for each class")
    share = max(1, (int(config.vocab_size) - 1) // (2 * classes))

    def draw(count: int, generator: Draw) -> Batch:
        labels = torch.randint(classes, (count,), generator=generator)
        words = torch.randint(share, (count, tokens), generator=generator)
        # Word 0 is padding in most families; the second task has its own words and order of classes.
        parts = labels if task == 1 else 2 * classes - 1 - labels
        ids = 1 + words + share * parts[:, None]
        return {"input_ids": ids, "attention_mask": torch.ones_like(ids), "labels": labels}

    return draw


def sequences(config: Any, plan: Case, truth: Draw, held_out: bool) -> Source:
    """Return a source of words or items that each have one usual successor; `labels` are the unshifted `input_ids`.

    Few different short sequences never go astray, so those held out begin with words of their own.
    """
    tokens, words = int(plan.point["tokens"]), min(WORDS, int(config.vocab_size))
    _check_words(config, 2, "a word that follows another")
    follow = torch.randperm(words, generator=truth)
    # All words form one cycle in random order: the n-th successor is n places further.
    place = torch.empty_like(follow)
    place[follow] = torch.arange(words)
    asked = max(1, words // 5)
    first = (0, asked) if held_out else (asked, words)

    def draw(count: int, generator: Draw) -> Batch:
        astray = torch.rand((count, tokens), generator=generator) < ASTRAY
        astray[:, 0] = True
        steps = torch.arange(tokens).expand(count, tokens)
        since = torch.where(astray, steps, 0).cummax(1).values
        starts = torch.randint(words, (count, tokens), generator=generator)
        starts[:, 0] = torch.randint(*first, (count,), generator=generator)
        ids = follow[(place[starts.gather(1, since)] + steps - since) % words]
        return {"input_ids": ids, "attention_mask": torch.ones_like(ids), "labels": ids}

    return draw


def _check_words(config: Any, least: int, what: str) -> None:
    """Raise WorkloadError where a vocabulary has no room for synthetic texts."""
    if (words := int(config.vocab_size)) < least:
        raise WorkloadError(f"model: vocab_size {words} has no room for {what}", todo=f"give at least {least}")


def images(config: Any, _plan: Case, truth: Draw, _task: int) -> Source:
    """Return a source of images: a coarse pattern for each class under noise, (batch, channels, height, width)."""
    classes, channels, (height, width) = int(config.num_labels), int(config.num_channels), image_size(config)
    coarse = torch.randn((classes, channels, PATTERN_SIDE, PATTERN_SIDE), generator=truth)
    patterns = torch.nn.functional.interpolate(coarse, (height, width))

    def draw(count: int, generator: Draw) -> Batch:
        labels = torch.randint(classes, (count,), generator=generator)
        noise = _crops((count, channels, height, width), generator)
        return {"pixel_values": patterns[labels] + NOISE * noise, "labels": labels}

    return draw


def speech(config: Any, plan: Case, truth: Draw, _task: int) -> Source:
    """Return a source of speech, in which each word has its own sound for an equal share of the time.

    `input_features` has shape (batch, mel bins, frames), the frames being 30 s for Whisper; `labels` (batch, tokens).
    """
    bins, frames = speech_shape(config)
    words, tokens = min(WORDS, int(config.vocab_size)), int(plan.point.get("tokens", 1))
    sounds = torch.randn((words, bins), generator=truth)
    spoken_at = torch.arange(frames) * tokens // frames

    def draw(count: int, generator: Draw) -> Batch:
        labels = torch.randint(words, (count, tokens), generator=generator)
        heard = sounds[labels][:, spoken_at].transpose(1, 2)
        noise = _crops((count, 1, bins, frames), generator)[:, 0]
        return {"input_features": heard + NOISE * noise, "labels": labels}

    return draw


def points(config: Any, _plan: Case, truth: Draw, task: int) -> Source:
    """Return a source of points with a known function: `inputs` (batch, features), `labels` (batch, outputs)."""
    linear = config.model_type == "linear"
    features = int(config.features if linear else config.sizes[0])
    function = linear_function(features, int(config.num_labels), truth) if linear else smooth_function(task)

    def draw(count: int, generator: Draw) -> Batch:
        inputs = torch.randn((count, features), generator=generator)
        answers = function(inputs).expand(count, int(config.num_labels))
        noise = torch.randn(answers.shape, generator=generator) if linear else torch.zeros(())
        return {"inputs": inputs, "labels": answers + LABEL_NOISE * noise}

    return draw


def linear_function(features: int, outputs: int, truth: Draw) -> Callable[[torch.Tensor], torch.Tensor]:
    """Return x·w + b, with weights and bias from a normal distribution."""
    weights, bias = torch.randn((features, outputs), generator=truth), torch.randn((outputs,), generator=truth)
    return lambda inputs: inputs @ weights + bias


def smooth_function(task: int) -> Callable[[torch.Tensor], torch.Tensor]:
    """Return sin(x) + y² of the first and the last feature, or cos(x) - y² in the second task; neither is linear."""
    if task == 1:
        return lambda inputs: (torch.sin(inputs[:, 0]) + inputs[:, -1] ** 2)[:, None]
    return lambda inputs: (torch.cos(inputs[:, 0]) - inputs[:, -1] ** 2)[:, None]


def image_size(config: Any) -> tuple[int, int]:
    """Return height and width in pixels; 224 where a family takes any size and the config names none."""
    size = getattr(config, "image_size", 224)
    return (size, size) if isinstance(size, int) else tuple(size)


def speech_shape(config: Any) -> tuple[int, int]:
    """Return mel bins and frames: two for each of the encoder's positions, for its convolution of stride 2."""
    return int(config.num_mel_bins), 2 * int(config.max_source_positions)


def _crops(shape: tuple[int, int, int, int], generator: Draw) -> torch.Tensor:
    """Return noise for a batch, cropped from one field, since drawing each pixel takes longer than a GPU's step."""
    count, channels, height, width = shape
    field = torch.randn((channels, 2 * height, 2 * width), generator=generator)
    tops = torch.randint(height + 1, (count,), generator=generator).tolist()
    lefts = torch.randint(width + 1, (count,), generator=generator).tolist()
    return torch.stack([field[:, y : y + height, x : x + width] for y, x in zip(tops, lefts, strict=True)])


def stream(name: str, seed: int) -> Draw:
    """Return a separate generator for each name and seed; torch keeps only 32 bits of a seed."""
    return torch.Generator().manual_seed(crc32(f"{name} {seed}".encode()))


_SOURCES = {"text": texts, "image": images, "speech": speech, "regress": points}
