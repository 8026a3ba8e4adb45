"""A model that answers: how it is stored and computed, what a step of it takes, and how exact it still is."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import torch

from profiling.data import batches
from profiling.data.rows import Batch
from profiling.hardware import device as devices
from profiling.hardware.device import DTYPES
from profiling.measure import counters
from profiling.models import models
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
        self, workload: Workload, case: Case, precision: str, device: torch.device, report: Report = live.nothing
    ) -> None:
        self.workload, self.case, self.precision, self.device = workload, case, precision, device
        quantisation.check(precision, device)
        if workload.compile != "no":
            compiling.check(device, graphs=workload.compile == "graphs")
        self.seed = torch.initial_seed()
        self.dtype = DTYPES[quantisation.activations(precision, device)]
        self.model = models.build(workload, device, self.dtype).eval()
        pruning.apply(self.model, workload)
        self.weights = counters.multiplied_weights(self.model)
        quantisation.quantise(self.model, precision, device)
        devices.free_leftovers(device)
        self.pace = Pace(report)

    @property
    def lossy(self) -> bool:
        """Whether the answers may differ from those of the same weights in float32."""
        return self.precision != "float32" or self.workload.pruned_percent > 0

    def maybe_compiled(self, work: Callable[..., Any]) -> Callable[..., Any]:
        """Return the work, compiled where the workload asks for it."""
        if self.workload.compile == "no":
            return work
        return compiling.compiled(work, graphs=self.workload.compile == "graphs")

    def readied(self, inputs: Batch) -> Batch:
        """Return the inputs with numbers other than ids in the model's own precision."""
        return {
            name: tensor.to(self.dtype) if tensor.is_floating_point() else tensor for name, tensor in inputs.items()
        }

    def placed(self, inputs: Batch) -> Batch:
        """Return the inputs on the device, in the model's own precision."""
        return {name: tensor.to(self.device, non_blocking=True) for name, tensor in self.readied(inputs).items()}

    def step_inputs(self) -> Inputs:
        """Return the inputs of the forward pass whose operations are counted."""
        raise NotImplementedError

    def questions(self) -> Iterable[Inputs]:
        """Return the inputs whose answers are compared with those in float32; the same at every call."""
        return [self.step_inputs()]

    def held_bytes(self) -> dict[str, int]:
        """Return the bytes that a step reads from memory: the weights, and a cache where there is one."""
        return {"weights": counters.stored_bytes(self.model)}

    def finish(self, scratch: Path) -> dict[str, Any]:  # noqa: ARG002 (training saves there)
        """Return torch's counts of a step, and how far the answers are from those in float32.

        For the comparison a model in float32 takes the place of this one.
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
        """Return torch's count from shapes alone, which fewer columns change, but neither zeros nor fewer bits."""
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
    """A report of steps and tokens a second, twice a second at most."""

    def __init__(self, report: Report) -> None:
        self.report, self.steps = report, 0
        self._told = (time.perf_counter(), 0)

    def step(self, tokens: int) -> None:
        """Count one more step, and report the rate where half a second has passed."""
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


def first_batches(workload: Workload, case: Case, seed: int, answers: int) -> Iterator[Batch]:
    """Yield the first batches of a seed, up to a number of answers; without labels, on the host."""
    torch.manual_seed(seed)
    stream = batches.of(workload, case)
    count = -(-answers // int(case.point["batch"]))
    for _ in range(min(count, quality.MOST_BATCHES)):
        yield batches.inputs(next(stream))
