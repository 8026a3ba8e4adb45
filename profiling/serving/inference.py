"""A model that answers: how it is stored and computed, what a step of it takes, and how exact it still is."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import torch

from profiling.data import batches
from profiling.data.synthetic import Batch
from profiling.hardware import device as devices
from profiling.measure import counters
from profiling.models import models
from profiling.models.models import DTYPES
from profiling.runs import live
from profiling.runs.live import Report
from profiling.serving import compiling, pruning, quality, quantisation
from profiling.workload.workload import Case, Workload

Inputs = dict[str, Any]


class Inference:
    """A model that only answers, pruned and stored as the workload asks.

    Raises UnsupportedError, with what is missing, where the device or a library cannot do that.
    """

    forward: Callable[..., Any]  # what a step calls: the model, or its compiled form

    def __init__(
        self, workload: Workload, plan: Case, precision: str, device: torch.device, report: Report = live.nothing
    ) -> None:
        self.workload, self.plan, self.precision, self.device = workload, plan, precision, device
        quantisation.check(precision, device)
        if workload.compile == "yes":
            compiling.check(device)
        self.seed = torch.initial_seed()
        self.dtype = DTYPES[quantisation.activations(precision, device)]
        self.model = models.build(workload, device, self.dtype).eval()
        pruning.apply(self.model, workload)
        self.weights = counters.multiplied_weights(self.model)
        quantisation.quantise(self.model, precision, device)
        self.pace = Pace(report)

    @property
    def lossy(self) -> bool:
        """Whether the answers may differ from those of the same weights in float32."""
        return self.precision != "float32" or self.workload.pruned_percent > 0

    def maybe_compiled(self, work: Callable[..., Any]) -> Callable[..., Any]:
        """The work, compiled where the workload asks for it."""
        return compiling.compiled(work) if self.workload.compile == "yes" else work

    def placed(self, inputs: Batch) -> Batch:
        """Inputs on the device; numbers that are no ids in the model's own precision."""
        return {
            name: tensor.to(self.device, self.dtype if tensor.is_floating_point() else None)
            for name, tensor in inputs.items()
        }

    def step_inputs(self) -> Inputs:
        """The forward pass whose operations are counted."""
        raise NotImplementedError

    def questions(self) -> Iterable[Inputs]:
        """Forward passes whose answers are compared with those in float32; the same ones at every call."""
        return [self.step_inputs()]

    def held_bytes(self) -> dict[str, int]:
        """What a step reads and is stored now: the weights, and a cache where there is one."""
        return {"weights": counters.stored_bytes(self.model)}

    def finish(self, scratch: Path) -> dict[str, Any]:  # noqa: ARG002 (training saves there)
        """What the framework counts of a step, and how far the answers are from those in float32.

        For the comparison the model is given up, and one in float32 takes its place.
        """
        held = self.held_bytes()
        found = {
            "weight_bytes": held["weights"] / self.weights,
            "framework_bytes": held,
            "framework_bytes_per_step": sum(held.values()),
            "framework_flops_per_step": self._flops(),
        }
        return {**found, "quality": self._quality()} if self.lossy else found

    def _flops(self) -> int | None:
        """By shape alone: neither zeros nor the number of bits change it, but fewer columns do."""
        model = models.unplaced(self.workload)
        if self.workload.pruning == "columns":
            pruning.apply(model, self.workload)
        return counters.forward_flops(model, self.step_inputs())

    def _quality(self) -> dict[str, Any]:
        questions = list(self.questions())
        served = quality.answers(self.model, questions)
        # A compiled step, or a bound method, holds the model too.
        del self.model, self.forward
        gc.collect()
        torch.manual_seed(self.seed)
        try:
            exact = models.build(self.workload, self.device).eval()
            return quality.compared(served, quality.answers(exact, questions))
        except (RuntimeError, MemoryError) as error:
            if not devices.ran_out_of_memory(error):
                raise
            return {"why": "the model in float32 does not fit into memory"}


class Pace:
    """Tells how fast it goes, twice a second at most."""

    def __init__(self, report: Report) -> None:
        self.report, self.steps = report, 0
        self._told = (time.perf_counter(), 0)

    def step(self, tokens: int) -> None:
        """One more step, of so many tokens."""
        self.steps += 1
        if self.report is live.nothing:
            return
        now, (then, done) = time.perf_counter(), self._told
        if now - then < live.EVERY_SECONDS:
            return
        rate = (self.steps - done) / (now - then)
        tokens_per_second = {"tokens_per_second": rate * tokens} if tokens else {}
        self.report({"step": self.steps, "steps_per_second": rate, **tokens_per_second})
        self._told = (now, self.steps)


def first_batches(workload: Workload, plan: Case, seed: int, answers: int) -> Iterator[Batch]:
    """The first few batches of a seed, until there are so many answers; without labels, on the host."""
    torch.manual_seed(seed)
    stream = batches.of(workload, plan)
    count = -(-answers // int(plan.point["batch"]))
    for _ in range(min(count, quality.MOST_BATCHES)):
        yield batches.inputs(next(stream))
