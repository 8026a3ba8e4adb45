"""The workloads that ship: two models, each with a quick look and a full one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from profiling.errors import WorkloadError
from profiling.workload import CasePlan, Effort, ModelShape, Workload

BERT_SMALL = ModelShape("bert", layers=6, hidden=384, heads=12, kv_heads=12, ffn=1536, vocab=30522, positions=512)
BERT_BASE = ModelShape("bert", layers=12, hidden=768, heads=12, kv_heads=12, ffn=3072, vocab=30522, positions=512)
SMOL_135M = ModelShape("llama", layers=30, hidden=576, heads=9, kv_heads=3, ffn=1536, vocab=49152, positions=2048)


@dataclass(frozen=True)
class Preset:
    """A workload with the words that a person chooses it by."""

    title: str
    description: str
    seconds_estimate: str
    workload: Workload

    @property
    def name(self) -> str:
        """The name that commands take."""
        return self.workload.name


def _train(method: str, batch: int, tokens: int) -> CasePlan:
    return CasePlan("train", {"method": method, "batch": batch, "tokens": tokens})


def _classify(batch: int, tokens: int) -> CasePlan:
    return CasePlan("classify", {"batch": batch, "tokens": tokens})


def _generate(batch: int, prompt_tokens: int, new_tokens: int) -> CasePlan:
    return CasePlan("generate", {"batch": batch, "prompt_tokens": prompt_tokens, "new_tokens": new_tokens})


_QUICK: dict[str, Any] = {"repeats": 3, "warmup_steps": 2, "warmup_seconds": 0.5}
_FULL: dict[str, Any] = {"repeats": 5, "warmup_steps": 2, "warmup_seconds": 3.0}

_ALL = (
    Preset(
        "Classifier, a quick look",
        "Fine-tunes a small BERT (22M parameters) in full and with LoRA, and classifies with it.",
        "under a minute on two CPU cores",
        Workload(
            "classifier-quick",
            BERT_SMALL,
            (_train("full", 4, 64), _train("lora", 4, 64), _classify(8, 64)),
            Effort(**_QUICK, steps=8, seconds=2.0),
        ),
    ),
    Preset(
        "Classifier, in full",
        "Fine-tunes BERT-base (109M parameters) in full and with LoRA, and classifies at three batch sizes.",
        "about a quarter of an hour on two CPU cores, less on a GPU",
        Workload(
            "classifier-full",
            BERT_BASE,
            (
                _train("full", 8, 128),
                _train("lora", 8, 128),
                *(_classify(batch, 128) for batch in (1, 8, 32)),
            ),
            Effort(**_FULL, steps=8, seconds=5.0),
        ),
    ),
    Preset(
        "Generation, a quick look",
        "Generates with a language model of 135M parameters at batch 1 and 4, prefill and decode timed apart.",
        "under a minute on two CPU cores",
        Workload(
            "generation-quick",
            SMOL_135M,
            (_generate(1, 32, 12), _generate(4, 32, 12)),
            Effort(repeats=3, warmup_steps=1, warmup_seconds=0.5, steps=2, seconds=2.0),
        ),
    ),
    Preset(
        "Generation, in full",
        "Generates with a language model of 135M parameters at batch 1, 4 and 16, prefill and decode timed apart.",
        "several minutes for each batch size on two CPU cores, less on a GPU",
        Workload(
            "generation-full",
            SMOL_135M,
            tuple(_generate(batch, 128, 64) for batch in (1, 4, 16)),
            Effort(repeats=5, warmup_steps=1, warmup_seconds=2.0, steps=2, seconds=5.0),
        ),
    ),
)

PRESETS = {preset.name: preset for preset in _ALL}


def find(name: str) -> Preset:
    """The preset of that name; raises WorkloadError listing those there are."""
    if name not in PRESETS:
        raise WorkloadError(f"there is no preset {name!r}; choose one of {', '.join(PRESETS)}")
    return PRESETS[name]
