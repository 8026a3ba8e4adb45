"""A quick look at every family of models, every method of training, and every way of serving."""

from __future__ import annotations

from functools import partial
from typing import Any

from profiling.methods import METHODS
from profiling.workload.presets import shapes
from profiling.workload.presets.preset import classify, generate, learn, preset, train
from profiling.workload.workload import PRECISIONS, Case, Data, Effort

# Five short windows see more of what differs between processes than three long ones, in about the same time.
_QUICK: dict[str, Any] = {"repeats": 5, "warmup_seconds": 0.5, "half_width_percent": 10, "case_seconds": 30.0}
_STEPS = Effort(**_QUICK, warmup_steps=2, steps=8, seconds=1.0)
_REQUESTS = Effort(**_QUICK, warmup_steps=1, steps=2, seconds=1.0)
_MINUTE = "about a minute on two CPU cores"
_MINUTES = "a few minutes on two CPU cores"
_quick = partial(preset, effort=_STEPS)
_DOCSTRINGS = Data("docstrings")
# Layers, width and width of the inner layer: each size has about three times the weights of the one before.
_SIZES = ((2, 128, 384), (4, 256, 768), (8, 384, 1152))


def _in_sizes(*cases: Case) -> tuple[Case, ...]:
    """Return each case with a Llama of each size."""
    names = ("num_hidden_layers", "hidden_size", "intermediate_size")
    return tuple(
        Case(case.kind, {**case.point, **dict(zip(names, size, strict=True))}) for size in _SIZES for case in cases
    )


_FAMILIES = (
    _quick(
        "Classifier, a quick look",
        "Fine-tunes a small BERT (22M parameters) in full and with LoRA, and classifies with it.",
        "under a minute on two CPU cores",
        "classifier-quick",
        shapes.BERT_SMALL,
        cases=(train("full", 4, 64), train("lora", 4, 64), classify(8, 64)),
    ),
    _quick(
        "Generation, a quick look",
        "Generates with a language model of 135M parameters at batch 1 and 4, prefill and decode timed apart.",
        "under a minute on two CPU cores",
        "generation-quick",
        shapes.SMOL_135M,
        cases=(generate(1, 32, 12), generate(4, 32, 12)),
        effort=_REQUESTS,
    ),
    _quick(
        "GPT-2, a quick look",
        "Trains a small GPT-2 from scratch and with LoRA, and generates with it.",
        _MINUTE,
        "gpt2-quick",
        shapes.GPT2_TINY,
        cases=(train("pretrain", 4, 64), train("lora", 4, 64), generate(1, 32, 16)),
    ),
    _quick(
        "Qwen, a quick look",
        "Trains a small Qwen3 from scratch and with LoRA, and generates with it.",
        _MINUTE,
        "qwen-quick",
        shapes.QWEN_TINY,
        cases=(train("pretrain", 4, 64), train("lora", 4, 64), generate(1, 32, 16)),
    ),
    _quick(
        "ViT, a quick look",
        "Fine-tunes the smallest vision transformer (5.5M parameters) in full and with LoRA, and classifies images.",
        _MINUTE,
        "image-vit-quick",
        shapes.VIT_TINY,
        cases=(train("full", 4), train("lora", 4), classify(8)),
    ),
    _quick(
        "ResNet, a quick look",
        "Trains ResNet-18 (11M parameters) in full and its head alone, and classifies images.",
        _MINUTE,
        "image-resnet-quick",
        shapes.RESNET_18,
        cases=(train("full", 4), train("head", 4), classify(8)),
    ),
    _quick(
        "Speech, a quick look",
        "Fine-tunes a small Whisper in full and with LoRA, and writes down 30 seconds of speech.",
        _MINUTE,
        "speech-quick",
        shapes.WHISPER_HALF,
        cases=(train("full", 1, 16), train("lora", 1, 16), generate(1, None, 16)),
    ),
    _quick(
        "Recommendation, a quick look",
        "Trains a model of the next item among 20,000 from scratch, and ranks all items for a history of 100.",
        _MINUTE,
        "recommendation-quick",
        shapes.SASREC,
        cases=(train("pretrain", 4, 100), classify(1, 100), classify(8, 100)),
        task="recommend",
    ),
    _quick(
        "Encoder, a quick look",
        "Trains a small Transformer encoder from scratch, and classifies texts with it.",
        _MINUTE,
        "encoder-quick",
        shapes.ENCODER,
        cases=(train("pretrain", 16, 64), classify(1, 64), classify(16, 64)),
    ),
)

_WAYS = (
    _quick(
        "Every method of training, a quick look",
        "Trains a small BERT by each of ten methods; the record says why where the device cannot.",
        _MINUTES,
        "methods-quick",
        shapes.BERT_SMALL,
        cases=tuple(train(method, 4, 32) for method in METHODS),
    ),
    _quick(
        "Every precision, a quick look",
        "Classifies with a small BERT in each precision; the record says why where the device cannot.",
        _MINUTE,
        "precision-quick",
        shapes.BERT_SMALL,
        cases=tuple(classify(8, 64, precision=name) for name in PRECISIONS if name != "auto"),
    ),
    _quick(
        "Sizes of a generator, a quick look",
        "Generates with one shape in three sizes at three batches: ground for estimates of other sizes.",
        _MINUTES,
        "sizes-quick",
        shapes.LLAMA_TINY,
        cases=_in_sizes(*(generate(batch, 32, 12) for batch in (1, 2, 4))),
        effort=_REQUESTS,
    ),
    _quick(
        "Sizes in training, a quick look",
        "Trains one shape in three sizes at three batches: ground for estimates of other sizes.",
        _MINUTES,
        "sizes-train-quick",
        shapes.LLAMA_TINY,
        cases=_in_sizes(*(train("full", batch, 64) for batch in (1, 2, 4))),
    ),
)

_LEARNING = (
    _quick(
        "Learning from real texts",
        "A small encoder learns which package of Python's library a docstring comes from, and is asked about modules "
        "that it never saw. Name a pretrained model's folder as `path` in a workload of your own to see how much more "
        "it knows.",
        _MINUTES,
        "learn-docstrings",
        shapes.ENCODER,
        cases=(learn("pretrain", 16, 240, 64),),
        data=_DOCSTRINGS,
        evaluation_examples=400,
    ),
    _quick(
        "Forgetting, and how replay prevents it",
        "A small encoder learns four packages of Python's library, then the other four, without and with old examples.",
        _MINUTES,
        "forgetting-docstrings",
        shapes.ENCODER,
        cases=tuple(learn("continual", 16, 160, 64, replay_percent=percent) for percent in (0, 25)),
        data=_DOCSTRINGS,
        evaluation_examples=400,
    ),
    _quick(
        "Sanity: linear regression",
        "Gradient descent on a problem whose answer is known; the record holds the distance to it.",
        _MINUTE,
        "sanity-linear",
        shapes.LINEAR,
        cases=(learn("full", 32, 400),),
    ),
    _quick(
        "Sanity: a small perceptron",
        "A known function of eight numbers is learned from a thousand points; the error on other points falls.",
        _MINUTE,
        "sanity-mlp",
        shapes.MLP,
        cases=(learn("full", 32, 1000),),
    ),
)

ALL = (*_FAMILIES, *_WAYS, *_LEARNING)
