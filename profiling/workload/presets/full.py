"""Published shapes, measured for long enough to be believed."""

from __future__ import annotations

from functools import partial
from typing import Any

from profiling.workload.presets import shapes
from profiling.workload.presets.preset import classify, generate, preset, train
from profiling.workload.workload import Effort

_FULL: dict[str, Any] = {"repeats": 5, "seconds": 5.0, "half_width_percent": 10, "case_seconds": 300.0}
_STEPS = Effort(**_FULL, warmup_steps=2, warmup_seconds=3.0, steps=8)
_REQUESTS = Effort(**_FULL, warmup_steps=1, warmup_seconds=2.0, steps=2)
_full = partial(preset, effort=_STEPS)

ALL = (
    _full(
        "Classifier, in full",
        "Fine-tunes BERT-base (109M parameters) in full and with LoRA, and classifies at three batch sizes.",
        "about a quarter of an hour on two CPU cores, less on a GPU",
        "classifier-full",
        shapes.BERT_BASE,
        cases=(train("full", 8, 128), train("lora", 8, 128), *(classify(batch, 128) for batch in (1, 8, 32))),
    ),
    _full(
        "Generation, in full",
        "Generates with a language model of 135M parameters at batch 1, 4 and 16, prefill and decode timed apart.",
        "several minutes for each batch size on two CPU cores, less on a GPU",
        "generation-full",
        shapes.SMOL_135M,
        cases=tuple(generate(batch, 128, 64) for batch in (1, 4, 16)),
        effort=_REQUESTS,
    ),
    _full(
        "GPT-2, in full",
        "Trains GPT-2 (124M parameters) from scratch and with LoRA, and generates at batch 1, 4 and 16.",
        "several minutes for each case on two CPU cores, less on a GPU",
        "gpt2",
        shapes.GPT2,
        cases=(train("pretrain", 4, 128), train("lora", 4, 128), *(generate(batch, 128, 64) for batch in (1, 4, 16))),
    ),
    _full(
        "Qwen2.5-0.5B, in full",
        "Fine-tunes the shape of Qwen2.5-0.5B (494M parameters) in full and with LoRA, and generates at three batches.",
        "several minutes for each case on a GPU; too slow for most CPUs",
        "qwen2_5-0_5b",
        shapes.QWEN_05B,
        cases=(train("full", 1, 256), train("lora", 1, 256), *(generate(batch, 128, 64) for batch in (1, 4, 16))),
    ),
    _full(
        "ViT-base, in full",
        "Fine-tunes ViT-B/16 (86M parameters) in full and with LoRA on images of 224 pixels, and classifies them.",
        "about a quarter of an hour on two CPU cores, less on a GPU",
        "vit-base",
        shapes.VIT_BASE,
        cases=(train("full", 8), train("lora", 8), *(classify(batch) for batch in (1, 8, 32))),
    ),
    _full(
        "ResNet-50, in full",
        "Trains ResNet-50 (26M parameters) on images of 224 pixels, in full and its head alone, and classifies them.",
        "several minutes on two CPU cores, less on a GPU",
        "resnet-50",
        shapes.RESNET_50,
        cases=(train("full", 16), train("head", 16), *(classify(batch) for batch in (1, 8, 32))),
    ),
    _full(
        "Whisper tiny, in full",
        "Fine-tunes Whisper tiny (38M parameters) in full and with LoRA, and writes down 30 seconds of speech.",
        "about a quarter of an hour on two CPU cores, less on a GPU",
        "whisper-tiny",
        shapes.WHISPER_TINY,
        cases=(train("full", 2, 64), train("lora", 2, 64), generate(1, None, 64), generate(4, None, 64)),
    ),
)
