"""Training, measured: one step is one update of the weights."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import torch

from profiling.data import batches
from profiling.data.synthetic import Batch
from profiling.hardware.meter import Meter
from profiling.making import flops, methods, parallel
from profiling.making.methods import Made, Making
from profiling.measure.method import Timing
from profiling.models.models import DTYPES
from profiling.runs import live
from profiling.runs.live import Report
from profiling.workload.workload import Case, Workload

# Evaluation is timed over so many batches and scaled to the examples that the workload names.
EVALUATION_BATCHES = 4
# Counting operations takes about one step more; where that is longer, it is left out.
LONGEST_COUNTED_STEP_SECONDS = 20.0


class Trainer:
    """Steps of one optimiser over one stream of batches; weights in float32, arithmetic under autocast.

    The model may be spread over several processes, each with batches of its own.
    """

    def __init__(
        self,
        made: Made,
        stream: Iterator[Batch],
        arithmetic: torch.dtype,
        device: torch.device,
        *,
        how: str = "none",
        report: Report = live.nothing,
    ) -> None:
        self.made, self.stream, self.arithmetic, self.device, self.report = made, stream, arithmetic, device, report
        self.model = parallel.spread(made.model, how, device)
        self.optimizer = made.optimizer()
        self.scaler = torch.amp.GradScaler(device.type, enabled=arithmetic is torch.float16)
        self.losses: list[torch.Tensor] = []
        self._told = (time.perf_counter(), 0)
        made.learning()

    def step(self) -> None:
        """Forward, backward, and an update of the weights; the loss stays on the device."""
        loss = self.backward()
        self.scaler.step(self.optimizer)
        self.scaler.update()
        if self.made.after_step is not None:
            self.made.after_step(len(self.losses))
        self.optimizer.zero_grad()
        self.losses.append(loss.detach())
        if self.report is not live.nothing:
            self._tell()

    def backward(self) -> torch.Tensor:
        """The loss of the next batch, its gradients computed; a scalar."""
        with self.autocast():
            loss: torch.Tensor = self.model(**self.batch()).loss
        self.scaler.scale(loss).backward()  # type: ignore[no-untyped-call]
        return loss

    def batch(self) -> Batch:
        """The next batch, on the device."""
        return {name: tensor.to(self.device) for name, tensor in next(self.stream).items()}

    def autocast(self) -> AbstractContextManager[Any]:
        """The arithmetic of the forward pass."""
        return torch.autocast(self.device.type, dtype=self.arithmetic, enabled=self.arithmetic is not torch.float32)

    def _tell(self) -> None:
        """The course so far, twice a second at most: reading the loss waits for the device."""
        now, (then, done) = time.perf_counter(), self._told
        if now - then < live.EVERY_SECONDS:
            return
        steps = len(self.losses)
        self.report({"step": steps, "loss": float(self.losses[-1]), "steps_per_second": (steps - done) / (now - then)})
        self._told = (now, steps)


class Training:
    """One way of making a model, its steps measured at a constant rate of learning."""

    def __init__(
        self,
        workload: Workload,
        plan: Case,
        precision: str,
        device: torch.device,
        report: Report = live.nothing,
    ) -> None:
        started = time.perf_counter()
        self.device = device
        self.step_tokens = int(plan.point["batch"]) * int(plan.point.get("tokens", 0)) * parallel.size()
        steps = max(1, workload.epoch_examples // int(plan.point["batch"]))
        self.made = methods.make(Making(workload, plan, device, DTYPES[precision], steps))
        self.trainable_parameters = self.made.trainable_parameters
        parallel.part()
        stream = methods.data(workload, plan)
        report = self._with_tokens(report)
        self.trainer = Trainer(self.made, stream, DTYPES[precision], device, how=workload.parallel, report=report)
        self.setup_seconds = time.perf_counter() - started
        self.trainer.stream = batches.pooled(workload, stream)
        self.step_seconds = 0.0

    def run(self, steps: int) -> Timing:
        """Runs so many optimiser steps, in all processes that train together."""
        parallel.tell(steps)
        return self._advance(steps)

    def follow(self, scratch: Path) -> None:
        """Does what the first of the processes is asked to do, until it is finished."""
        while steps := parallel.told():
            self._advance(steps)
        self._finish(scratch)

    def finish(self, scratch: Path) -> dict[str, Any]:
        """Seconds for set-up, one batch's evaluation, and a checkpoint; what is trained, and torch's count of a step.

        The checkpoint holds what a restart needs: the trained weights (the adapters alone, where there are any),
        and the optimiser's state.
        """
        parallel.tell(parallel.FINISH)
        return self._finish(scratch)

    def _advance(self, steps: int) -> Timing:
        with Meter(self.device).window() as window:
            for _ in range(steps):
                self.trainer.step()
                window.mark()
        self.step_seconds = window.seconds / steps
        return Timing(window.seconds, window.step_seconds)

    def _finish(self, scratch: Path) -> dict[str, Any]:
        with Meter(self.device).window() as saving:
            parallel.save(self.trainer.model, self.made.kept, self.trainer.optimizer, scratch)
        return {
            "setup_seconds": self.setup_seconds,
            "evaluation_batch_seconds": self._evaluate() / EVALUATION_BATCHES,
            "checkpoint_seconds": saving.seconds,
            "trainable_parameters": self.trainable_parameters,
            "framework_flops_per_step": self._flops(),
        }

    def _evaluate(self) -> float:
        self.made.model.eval()
        with torch.no_grad(), self.trainer.autocast(), Meter(self.device).window() as window:
            for _ in range(EVALUATION_BATCHES):
                self.trainer.model(**self.trainer.batch())
        self.made.learning()
        return window.seconds

    def _flops(self) -> int | None:
        """Of forward and backward in this process; None where a step takes too long to be done once more."""
        if self.step_seconds > LONGEST_COUNTED_STEP_SECONDS:
            return None
        found = flops.counted(self.trainer.backward, self.device)
        self.trainer.optimizer.zero_grad()
        return found

    def _with_tokens(self, report: Report) -> Report:
        """Adds what a step means in tokens, where there are any."""
        if report is live.nothing or not self.step_tokens:
            return report
        return lambda values: report({**values, "tokens_per_second": values["steps_per_second"] * self.step_tokens})
