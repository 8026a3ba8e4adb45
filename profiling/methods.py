"""The three things that are measured: training, classifying, and generating.

Each method prepares itself on the device, then runs a number of steps between synchronisations and
returns their times.  A step is one optimiser step, one classified batch, or one generated request.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import torch
from transformers import DynamicCache

from profiling import models
from profiling.meter import Meter
from profiling.workload import Workload

DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}
LEARNING_RATE = {"full": 5e-5, "lora": 1e-3}
# Evaluation is timed over so many batches and scaled to the examples that the workload names.
EVALUATION_BATCHES = 4


@dataclass(frozen=True)
class Timing:
    """The times of a stretch of steps, in seconds."""

    seconds: float  # the whole stretch
    steps: list[float]  # each step, or each decoding step
    totals: Mapping[str, float] = field(default_factory=dict)  # further times, by name

    def __add__(self, more: Timing) -> Timing:
        """Two stretches, each with windows of its own, as one."""
        totals = {name: seconds + more.totals[name] for name, seconds in self.totals.items()}
        return Timing(self.seconds + more.seconds, [*self.steps, *more.steps], totals)


class Method(Protocol):
    """Something that can be measured step by step."""

    def run(self, steps: int) -> Timing:
        """Runs so many steps and times them."""

    def finish(self, scratch: Path) -> dict[str, float]:
        """Measures what belongs to a run apart from its steps, after them; seconds by name."""


class Training:
    """Fine-tunes a classifier with AdamW, in full or with LoRA; weights in float32, arithmetic under autocast."""

    def __init__(self, workload: Workload, point: Mapping[str, Any], precision: str, device: torch.device) -> None:
        started = time.perf_counter()
        self.device, self.dtype = device, DTYPES[precision]
        model = models.build(workload.model, device)
        self.model = models.with_lora(model) if point["method"] == "lora" else model
        self.model.train()
        trained = [weight for weight in self.model.parameters() if weight.requires_grad]
        self.optimizer = torch.optim.AdamW(trained, lr=LEARNING_RATE[point["method"]])
        self.scaler = torch.amp.GradScaler(device.type, enabled=precision == "float16")
        self.batches = models.labelled_batches(workload.model, point["batch"], point["tokens"], workload.seed)
        self.losses: list[torch.Tensor] = []
        self.setup_seconds = time.perf_counter() - started

    def step(self) -> None:
        """Forward, backward, and an update of the weights; the loss stays on the device."""
        with self._arithmetic():
            loss = self.model(**self._batch()).loss
        self.scaler.scale(loss).backward()
        self.scaler.step(self.optimizer)
        self.scaler.update()
        self.optimizer.zero_grad()
        self.losses.append(loss.detach())

    def run(self, steps: int) -> Timing:
        """Runs so many optimiser steps."""
        with Meter(self.device).window() as window:
            for _ in range(steps):
                self.step()
                window.mark()
        return Timing(window.seconds, window.step_seconds)

    def finish(self, scratch: Path) -> dict[str, float]:
        """Seconds for set-up, for evaluating one batch, and for saving the weights with the optimiser's state."""
        return {
            "setup_seconds": self.setup_seconds,
            "evaluation_batch_seconds": self._evaluate() / EVALUATION_BATCHES,
            "checkpoint_seconds": self._save(scratch),
        }

    def _evaluate(self) -> float:
        self.model.eval()
        with torch.inference_mode(), self._arithmetic(), Meter(self.device).window() as window:
            for _ in range(EVALUATION_BATCHES):
                self.model(**self._batch())
        self.model.train()
        return window.seconds

    def _save(self, folder: Path) -> float:
        """What a restart needs: the trained weights (the adapters alone for LoRA), and the optimiser's state."""
        with Meter(self.device).window() as window:
            self.model.save_pretrained(folder)
            torch.save(self.optimizer.state_dict(), folder / "optimizer.pt")
        return window.seconds

    def _batch(self) -> models.Batch:
        return {name: tensor.to(self.device) for name, tensor in next(self.batches).items()}

    def _arithmetic(self) -> AbstractContextManager[Any]:
        return torch.autocast(self.device.type, dtype=self.dtype, enabled=self.dtype is not torch.float32)


class Inference:
    """A model that only answers, its weights in the precision asked for."""

    def __init__(self, workload: Workload, point: Mapping[str, Any], precision: str, device: torch.device) -> None:
        self.workload, self.point, self.device = workload, point, device
        self.model = models.build(workload.model, device, DTYPES[precision]).eval()

    def finish(self, scratch: Path) -> dict[str, float]:  # noqa: ARG002 (training saves there)
        """Nothing remains."""
        return {}


class Classification(Inference):
    """Classifies one batch after the other."""

    def __init__(self, workload: Workload, point: Mapping[str, Any], precision: str, device: torch.device) -> None:
        super().__init__(workload, point, precision, device)
        self.batches = models.labelled_batches(workload.model, point["batch"], point["tokens"], workload.seed)

    @torch.inference_mode()
    def run(self, steps: int) -> Timing:
        """Classifies so many batches, each fetched from the host."""
        with Meter(self.device).window() as window:
            for _ in range(steps):
                batch = next(self.batches)
                self.model(batch["input_ids"].to(self.device), batch["attention_mask"].to(self.device))
                window.mark()
        return Timing(window.seconds, window.step_seconds)


class Generation(Inference):
    """Generates greedily, to a forced length, with a key-value cache that starts empty at each request."""

    def __init__(self, workload: Workload, point: Mapping[str, Any], precision: str, device: torch.device) -> None:
        super().__init__(workload, point, precision, device)
        self.new_tokens = int(point["new_tokens"])
        self.prompt = models.prompts(workload.model, point["batch"], point["prompt_tokens"], workload.seed).to(device)

    def run(self, steps: int) -> Timing:
        """Answers so many requests, one after the other; prefill and decode have a window each."""
        prefill, decode, gaps = 0.0, 0.0, []
        for _ in range(steps):
            with Meter(self.device).window() as first:
                cache, token = self.prefill()
            with Meter(self.device).window() as rest:
                for _ in range(self.new_tokens - 1):
                    token = self.decode(cache, token)
                    rest.mark()
            prefill += first.seconds
            decode += rest.seconds
            gaps += rest.step_seconds
        return Timing(prefill + decode, gaps, {"prefill_seconds": prefill, "decode_seconds": decode})

    @torch.inference_mode()
    def prefill(self) -> tuple[DynamicCache, torch.Tensor]:
        """Reads the prompt; gives the cache and the first token, of shape (batch, 1)."""
        cache = DynamicCache()
        logits = self.model(self.prompt, past_key_values=cache, use_cache=True, logits_to_keep=1).logits
        return cache, torch.argmax(logits, -1)

    @torch.inference_mode()
    def decode(self, cache: DynamicCache, token: torch.Tensor) -> torch.Tensor:
        """One token further for every sequence, of shape (batch, 1)."""
        logits = self.model(token, past_key_values=cache, use_cache=True, logits_to_keep=1).logits
        return torch.argmax(logits, -1)


METHODS: dict[str, Callable[[Workload, Mapping[str, Any], str, torch.device], Method]] = {
    "train": Training,
    "classify": Classification,
    "generate": Generation,
}
