"""Training, measured: one step is one update of the weights."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import torch
from torch import nn

from profiling.data import batches
from profiling.data.rows import Batch
from profiling.hardware.device import DTYPES, free_leftovers, synchronise
from profiling.hardware.meter import Window
from profiling.making import checkpoint, methods, parallel
from profiling.making.methods import CLIPPED_NORM, Made, Making
from profiling.measure import flops
from profiling.measure.method import Timing
from profiling.runs import live
from profiling.runs.live import Report
from profiling.workload.workload import Case, Workload

# Evaluation is timed over these and scaled to the examples that the workload names.
EVALUATION_BATCHES = 4
# Counting operations takes about one more step; a longer step is not counted.
LONGEST_COUNTED_STEP_SECONDS = 20.0


class Trainer:
    """Steps of one optimiser over one stream of batches, with arithmetic under autocast.

    The model may be spread over several processes, each with batches of its own. A step takes `accumulation` batches.
    """

    def __init__(
        self,
        made: Made,
        stream: Iterator[Batch],
        arithmetic: torch.dtype,
        device: torch.device,
        *,
        how: str = "none",
        accumulation: int = 1,
        report: Report = live.nothing,
    ) -> None:
        self.made, self.stream, self.arithmetic, self.device, self.report = made, stream, arithmetic, device, report
        self.accumulation = accumulation
        self.model = parallel.spread(made.model, how, device, arithmetic)
        self.optimizer = made.optimizer()
        self.scaler = torch.amp.GradScaler(device.type, enabled=arithmetic is torch.float16)
        self.losses: list[torch.Tensor] = []
        self.rows = self.texts = self.read_tokens = self.positions = 0
        self._told = (time.perf_counter(), 0)
        made.learning()
        free_leftovers(device)

    def step(self) -> None:
        """Run forward, backward, and an update of the weights; the loss stays on the device."""
        loss = self.backward()
        if self.made.clipped:
            self.scaler.unscale_(self.optimizer)
            nn.utils.clip_grad_norm_(self.made.trained, CLIPPED_NORM)
        self.scaler.step(self.optimizer)
        self.scaler.update()
        if self.made.after_step is not None:
            self.made.after_step(len(self.losses))
        self.optimizer.zero_grad()
        self.losses.append(loss)
        if self.report is not live.nothing:
            self._tell()

    def backward(self) -> torch.Tensor:
        """Return the mean loss of the batches of a step, its gradients computed; a scalar."""
        losses = []
        for place in range(self.accumulation):
            # Processes that train together exchange the sum of a step's gradients, and not each of its terms.
            with parallel.exchanging(self.model, place == self.accumulation - 1):
                with self.autocast():
                    loss: torch.Tensor = self.model(**self.batch()).loss / self.accumulation
                self.scaler.scale(loss).backward()  # type: ignore[no-untyped-call]
            losses.append(loss.detach())
        return torch.stack(losses).sum()

    def batch(self) -> Batch:
        """Return the next batch, on the device; its tokens are counted on the host."""
        batch = next(self.stream)
        if (ids := batch.get("input_ids")) is not None:
            self.rows += len(ids)
            # Of a packed row, each text begins anew at position 0; the last one is cut to what is left.
            self.texts += len(ids) if "position_ids" not in batch else int((batch["position_ids"] == 0).sum())
            self.positions += ids.numel()
            self.read_tokens += int(batch["attention_mask"].sum()) if "attention_mask" in batch else ids.numel()
        return {name: tensor.to(self.device, non_blocking=True) for name, tensor in batch.items()}

    def tokens_told(self) -> dict[str, float]:
        """Return the tokens of an example, a row's examples, and the share of padding; nothing without texts."""
        if not self.rows:
            return {}
        return {
            "example_tokens": self.read_tokens / self.texts,
            "row_examples": self.texts / self.rows,
            "padding_share": 1 - self.read_tokens / self.positions,
        }

    def autocast(self) -> AbstractContextManager[Any]:
        """Return the context that sets the arithmetic of the forward pass."""
        return torch.autocast(self.device.type, dtype=self.arithmetic, enabled=self.arithmetic is not torch.float32)

    def _tell(self) -> None:
        """Report the progress, twice a second at most: reading the loss waits for the device."""
        now, (then, done) = time.perf_counter(), self._told
        if now - then < live.EVERY_SECONDS:
            return
        steps = len(self.losses)
        self.report({"step": steps, "loss": float(self.losses[-1]), "steps_per_second": (steps - done) / (now - then)})
        self._told = (now, steps)


class Training:
    """One way of making a model, its steps measured at a constant rate of learning."""

    def __init__(
        self, workload: Workload, case: Case, precision: str, device: torch.device, report: Report = live.nothing
    ) -> None:
        started = time.perf_counter()
        self.device = device
        examples = int(case.point["batch"]) * workload.accumulation
        self.step_tokens = examples * int(case.point.get("tokens", 0)) * parallel.size()
        steps = max(1, workload.epoch_examples // examples)
        self.made = methods.make(Making(workload, case, device, DTYPES[precision], steps))
        self.trainable_parameters = self.made.trainable_parameters
        parallel.part()
        stream = methods.data(workload, case)
        report = self._with_tokens(report)
        how, accumulation = workload.parallel, workload.accumulation
        arithmetic = DTYPES[precision]
        self.trainer = Trainer(self.made, stream, arithmetic, device, how=how, accumulation=accumulation, report=report)
        # Now: after an evaluation, FSDP leaves weights gathered in the arithmetic's precision.
        self.told = self.made.told(self.trainer.optimizer)
        synchronise(device)
        self.setup_seconds = time.perf_counter() - started
        self.trainer.stream = batches.pooled(workload, stream, device)
        self.step_seconds = 0.0

    def run(self, steps: int) -> Timing:
        """Run optimiser steps, in all processes that train together."""
        parallel.tell(steps)
        return self._advance(steps)

    def follow(self, scratch: Path) -> None:
        """Do what the first of the processes is asked to do, until it is finished."""
        while steps := parallel.told():
            self._advance(steps)
        self._finish(scratch)

    def finish(self, scratch: Path) -> dict[str, Any]:
        """Return the seconds of set-up, evaluation and checkpoint, the weights trained, and torch's FLOP count."""
        parallel.tell(parallel.FINISH)
        return self._finish(scratch)

    def _advance(self, steps: int) -> Timing:
        with Window(self.device) as window:
            for _ in range(steps):
                self.trainer.step()
                window.mark()
        self.step_seconds = window.seconds / steps
        return Timing(window.seconds, window.step_seconds)

    def _finish(self, scratch: Path) -> dict[str, Any]:
        saving = checkpoint.seconds(self.made.kept, self.trainer.optimizer, self.device, scratch)
        return {
            "setup_seconds": self.setup_seconds,
            "evaluation_batch_seconds": self._evaluate() / EVALUATION_BATCHES,
            "checkpoint_seconds": parallel.slowest(saving),
            "trainable_parameters": self.trainable_parameters,
            **self.told,
            **self.trainer.tokens_told(),
            "framework_flops_per_step": self._flops(),
        }

    def _evaluate(self) -> float:
        self.made.model.eval()
        with torch.no_grad(), self.trainer.autocast(), Window(self.device) as window:
            for _ in range(EVALUATION_BATCHES):
                self.trainer.model(**self.trainer.batch())
        self.made.learning()
        return window.seconds

    def _flops(self) -> int | None:
        """Return torch's count of forward and backward; None where a step takes too long to be repeated for it."""
        if self.step_seconds > LONGEST_COUNTED_STEP_SECONDS:
            return None
        found = flops.counted(self.trainer.backward, self.device)
        self.trainer.optimizer.zero_grad()
        return found

    def _with_tokens(self, report: Report) -> Report:
        """Return a report that adds tokens a second, where a step has tokens."""
        if report is live.nothing or not self.step_tokens:
            return report
        return lambda values: report({**values, "tokens_per_second": values["steps_per_second"] * self.step_tokens})
