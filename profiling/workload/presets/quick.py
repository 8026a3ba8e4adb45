"""A quick look at every family of models, every method of training, and every way of serving."""

from __future__ import annotations

from typing import Any

from profiling.methods import METHODS
from profiling.workload.presets import shapes
from profiling.workload.presets.preset import Preset, classify, generate, learn, train
from profiling.workload.workload import Case, Data, Effort, Workload

_QUICK: dict[str, Any] = {"repeats": 3, "warmup_steps": 2, "warmup_seconds": 0.5}
_STEPS = Effort(**_QUICK, steps=8, seconds=2.0)
_REQUESTS = Effort(repeats=3, warmup_steps=1, warmup_seconds=0.5, steps=2, seconds=2.0)
_MINUTE = "about a minute on two CPU cores"
_MINUTES = "a few minutes on two CPU cores"
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
    Preset(
        "Classifier, a quick look",
        "Fine-tunes a small BERT (22M parameters) in full and with LoRA, and classifies with it.",
        "under a minute on two CPU cores",
        Workload(
            "classifier-quick",
            {"config": shapes.BERT_SMALL},
            (train("full", 4, 64), train("lora", 4, 64), classify(8, 64)),
            _STEPS,
        ),
    ),
    Preset(
        "Generation, a quick look",
        "Generates with a language model of 135M parameters at batch 1 and 4, prefill and decode timed apart.",
        "under a minute on two CPU cores",
        Workload(
            "generation-quick", {"config": shapes.SMOL_135M}, (generate(1, 32, 12), generate(4, 32, 12)), _REQUESTS
        ),
    ),
    Preset(
        "GPT-2, a quick look",
        "Trains a small GPT-2 from scratch and with LoRA, and generates with it.",
        _MINUTE,
        Workload(
            "gpt2-quick",
            {"config": shapes.GPT2_TINY},
            (train("pretrain", 4, 64), train("lora", 4, 64), generate(1, 32, 16)),
            _STEPS,
        ),
    ),
    Preset(
        "Qwen, a quick look",
        "Trains a small Qwen3 from scratch and with LoRA, and generates with it.",
        _MINUTE,
        Workload(
            "qwen-quick",
            {"config": shapes.QWEN_TINY},
            (train("pretrain", 4, 64), train("lora", 4, 64), generate(1, 32, 16)),
            _STEPS,
        ),
    ),
    Preset(
        "ViT, a quick look",
        "Fine-tunes the smallest vision transformer (5.5M parameters) in full and with LoRA, and classifies images.",
        _MINUTE,
        Workload(
            "image-vit-quick", {"config": shapes.VIT_TINY}, (train("full", 4), train("lora", 4), classify(8)), _STEPS
        ),
    ),
    Preset(
        "ResNet, a quick look",
        "Trains ResNet-18 (11M parameters) in full and its head alone, and classifies images.",
        _MINUTE,
        Workload(
            "image-resnet-quick",
            {"config": shapes.RESNET_18},
            (train("full", 4), train("head", 4), classify(8)),
            _STEPS,
        ),
    ),
    Preset(
        "Speech, a quick look",
        "Fine-tunes a small Whisper in full and with LoRA, and writes down 30 seconds of speech.",
        _MINUTE,
        Workload(
            "speech-quick",
            {"config": shapes.WHISPER_HALF},
            (train("full", 1, 16), train("lora", 1, 16), generate(1, None, 16)),
            _STEPS,
        ),
    ),
    Preset(
        "Recommendation, a quick look",
        "Trains a model of the next item among 20,000 from scratch, and ranks all items for a history of 100.",
        _MINUTE,
        Workload(
            "recommendation-quick",
            {"config": shapes.SASREC},
            (train("pretrain", 4, 100), classify(1, 100), classify(8, 100)),
            _STEPS,
            task="recommend",
        ),
    ),
    Preset(
        "Encoder, a quick look",
        "Trains a small Transformer encoder from scratch, and classifies texts with it.",
        _MINUTE,
        Workload(
            "encoder-quick",
            {"config": shapes.ENCODER},
            (train("pretrain", 16, 64), classify(1, 64), classify(16, 64)),
            _STEPS,
        ),
    ),
)

_WAYS = (
    Preset(
        "Every method of training, a quick look",
        "Trains a small BERT by each of ten methods; the record says why where the device cannot.",
        _MINUTES,
        Workload(
            "methods-quick", {"config": shapes.BERT_SMALL}, tuple(train(method, 4, 32) for method in METHODS), _STEPS
        ),
    ),
    Preset(
        "Every precision, a quick look",
        "Classifies with a small BERT in each precision; the record says why where the device cannot.",
        _MINUTE,
        Workload(
            "precision-quick",
            {"config": shapes.BERT_SMALL},
            tuple(classify(8, 64, precision=name) for name in ("float32", "bfloat16", "float16", "int8", "int4")),
            _STEPS,
        ),
    ),
    Preset(
        "Sizes of a generator, a quick look",
        "Generates with one shape in three sizes at three batches: ground for estimates of other sizes.",
        _MINUTES,
        Workload(
            "sizes-quick",
            {"config": shapes.LLAMA_TINY},
            _in_sizes(*(generate(batch, 32, 12) for batch in (1, 2, 4))),
            _REQUESTS,
        ),
    ),
    Preset(
        "Sizes in training, a quick look",
        "Trains one shape in three sizes at three batches: ground for estimates of other sizes.",
        _MINUTES,
        Workload(
            "sizes-train-quick",
            {"config": shapes.LLAMA_TINY},
            _in_sizes(*(train("full", batch, 64) for batch in (1, 2, 4))),
            _STEPS,
        ),
    ),
)

_LEARNING = (
    Preset(
        "Learning from real texts",
        "A small encoder learns which package of Python's library a docstring comes from, and is asked about modules "
        "that it never saw. Name a pretrained model's folder as `path` in a workload of your own to see how much more "
        "it knows.",
        _MINUTES,
        Workload(
            "learn-docstrings",
            {"config": shapes.ENCODER},
            (learn("pretrain", 16, 240, 64),),
            _STEPS,
            data=_DOCSTRINGS,
            evaluation_examples=400,
        ),
    ),
    Preset(
        "Forgetting, and how replay prevents it",
        "A small encoder learns four packages of Python's library, then the other four, without and with old examples.",
        _MINUTES,
        Workload(
            "forgetting-docstrings",
            {"config": shapes.ENCODER},
            tuple(learn("continual", 16, 160, 64, replay_percent=percent) for percent in (0, 25)),
            _STEPS,
            data=_DOCSTRINGS,
            evaluation_examples=400,
        ),
    ),
    Preset(
        "Sanity: linear regression",
        "Gradient descent on a problem whose answer is known; the record holds the distance to it.",
        _MINUTE,
        Workload("sanity-linear", {"config": shapes.LINEAR}, (learn("full", 32, 400),), _STEPS),
    ),
    Preset(
        "Sanity: a small perceptron",
        "A known function of eight numbers is learned from a thousand points; the error on other points falls.",
        _MINUTE,
        Workload("sanity-mlp", {"config": shapes.MLP}, (learn("full", 32, 1000),), _STEPS),
    ),
)

ALL = (*_FAMILIES, *_WAYS, *_LEARNING)
