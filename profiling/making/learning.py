"""Learning: a model trained from the start, with its loss and its score on held-out examples.

The learning rate rises over the first tenth of the steps and falls linearly to 0, as BERT is fine-tuned
(arXiv:1810.04805, appendix A.2).  Held-out examples are never trained on; every repeat starts from other random
weights, sees the batches in another order, and is scored on the same examples.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import torch
from torch.utils.data import DataLoader

from profiling import registry
from profiling.data import batches
from profiling.data.rows import Batch
from profiling.errors import ProfilingError
from profiling.examples import corpus
from profiling.hardware.device import DTYPES
from profiling.making import distillation, evaluation, methods
from profiling.making.evaluation import Score
from profiling.making.methods import Made, Making
from profiling.making.training import Trainer
from profiling.methods import find
from profiling.runs import live
from profiling.runs.live import Report
from profiling.workload.workload import Case, Workload

EVALUATIONS = 10
WARMING_SHARE = 0.1
# A chart shows no more points than these.
MOST_CURVE_POINTS = 200


@dataclass
class Curve:
    """The course of one stretch of training: the loss by step, and scores on held-out examples."""

    trainer: Trainer
    scores: list[tuple[int, Score]] = field(default_factory=list)

    @property
    def first(self) -> Score:
        """The score before the first step."""
        return self.scores[0][1]

    @property
    def last(self) -> Score:
        """The score after the last step."""
        return self.scores[-1][1]

    def to_json(self) -> dict[str, Any]:
        """Return `train` as [last step, mean loss] of each block of steps; `held_out` as one object an evaluation."""
        return {
            "train": blocks(self.trainer.losses),
            "held_out": [{"step": step, **asdict(found)} for step, found in self.scores],
        }


def blocks(losses: Sequence[torch.Tensor]) -> list[tuple[int, float]]:
    """Return losses as means over blocks of steps, each with the number of steps up to its end."""
    every = -(-len(losses) // MOST_CURVE_POINTS)
    values = torch.stack(list(losses)).float().cpu().split(every)  # type: ignore[no-untyped-call]
    ends = itertools.accumulate(len(block) for block in values)
    return [(end, float(f"{float(block.mean()):.6g}")) for end, block in zip(ends, values, strict=True)]


@dataclass(frozen=True)
class Course:
    """One repeat of learning, with all that its stretches have in common."""

    workload: Workload
    case: Case
    arithmetic: torch.dtype
    device: torch.device
    report: Report = live.nothing

    @property
    def steps(self) -> int:
        """Updates of the weights in each stretch."""
        return int(self.case.point["steps"])

    def held_out(self, task: int = 1) -> list[Batch]:
        """Return the questions of a task, the same in every repeat."""
        return batches.held_out(self.workload, self.case, task=task)

    def stream(self, task: int = 1) -> Iterator[Batch]:
        """Return batches of one task, in an order that is this repeat's own."""
        return batches.of(self.workload, self.case, task=task)

    def make(self, method: str | None = None) -> Made:
        """Return the model, made ready for the case's method, or for another one."""
        case = self.case if method is None else replace(self.case, point={**self.case.point, "method": method})
        return methods.make(Making(self.workload, case, self.device, self.arithmetic, self.steps))

    def train(self, made: Made, stream: Iterator[Batch], held_out: Sequence[Batch]) -> Curve:
        """Train for the case's steps, and score the held-out examples ten times on the way."""
        trainer = Trainer(made, stream, self.arithmetic, self.device, report=self.report)
        schedule = torch.optim.lr_scheduler.LambdaLR(trainer.optimizer, self._share)
        curve = Curve(trainer, [(0, self.score(made, held_out))])
        every = -(-self.steps // EVALUATIONS)
        for step in range(1, self.steps + 1):
            trainer.step()
            schedule.step()
            if step % every == 0 or step == self.steps:
                curve.scores.append((step, self.score(made, held_out)))
        return curve

    def score(self, made: Made, held_out: Sequence[Batch]) -> Score:
        """Return the model's score on held-out examples, and put it back into training mode."""
        autocast = torch.autocast(self.device.type, dtype=self.arithmetic, enabled=self.arithmetic is not torch.float32)
        found = evaluation.score(made.model, held_out, self.device, autocast)
        made.learning()
        return found

    def _share(self, step: int) -> float:
        """Return the share of the full learning rate at a step: up over the first tenth, then down to 0."""
        warming = max(1, int(WARMING_SHARE * self.steps))
        return min((step + 1) / warming, (self.steps - step) / max(1, self.steps - warming))


def learn(
    workload: Workload, case: Case, precision: str, device: torch.device, report: Report = live.nothing
) -> dict[str, Any]:
    """Train one repeat from the start: return `curve`, `trainable_parameters`, and what only some methods tell.

    Continual: the first task's accuracy before and after the second one.  Distillation: the teacher's accuracy.
    Linear regression: the distance to the least-squares solution over the same examples.
    """
    course = Course(workload, case, DTYPES[precision], device, report)
    found: dict[str, Any] = registry.load(find(case.point["method"]).course)(course)
    return found


def straight(course: Course) -> dict[str, Any]:
    """Train in one stretch by one method."""
    made = course.make()
    curve = course.train(made, course.stream(), course.held_out())
    return {**_told(made, curve), **_labels(course), **_distance(course, made)}


def two_tasks(course: Course) -> dict[str, Any]:
    """Train on a first task, then on a second, and score the first task again."""
    made, first_task = course.make(), course.held_out()
    before = course.train(made, course.stream(), first_task).last
    curve = course.train(made, methods.data(course.workload, course.case), course.held_out(task=2))
    after = course.score(made, first_task)
    first_task_scores = {"first_task_accuracy_before": before.accuracy, "first_task_accuracy_after": after.accuracy}
    return {**_told(made, curve), **first_task_scores}


def taught(course: Course) -> dict[str, Any]:
    """Train a teacher in full, then its student."""
    teacher, held_out = course.make("full"), course.held_out()
    taught_course = course.train(teacher, course.stream(), held_out)
    made = distillation.distilled(teacher.model, methods.settings(course.workload, course.case), course.arithmetic)
    curve = course.train(made, course.stream(), held_out)
    return {**_told(made, curve), "teacher_accuracy": taught_course.last.accuracy}


def _told(made: Made, curve: Curve) -> dict[str, Any]:
    """Return the findings of every method; raise ProfilingError where training diverged."""
    if not math.isfinite(curve.last.loss):
        raise ProfilingError(
            "the loss is not a finite number: this model cannot be trained at the learning rate of its method"
        )
    return {
        "curve": curve.to_json(),
        "before": asdict(curve.first),
        "after": asdict(curve.last),
        "trainable_parameters": made.trainable_parameters,
        **made.told(curve.trainer.optimizer),
    }


def _labels(course: Course) -> dict[str, int]:
    """Return how many labelled examples were trained on, where somebody had to label them."""
    if not corpus.labels(course.workload.data):
        return {}
    seen = course.steps * int(course.case.point["batch"])
    return {"labels": min(seen, len(corpus.split(course.workload.data).training))}


def _distance(course: Course, made: Made) -> dict[str, float]:
    """Return the distance of the weights to the solution, where it is known."""
    if course.workload.model.get("config", {}).get("model_type") != "linear":
        return {}
    points = batches.training_set(course.workload, course.case)
    return {"distance_to_solution": distance_to_solution(made.model, next(iter(DataLoader(points, batches.POINTS))))}


def distance_to_solution(model: Any, points: Batch) -> float:
    """Return the distance of the weights from the least-squares solution, relative to its length."""
    layer = model.layers
    found = torch.cat([layer.weight.detach().T, layer.bias.detach()[None]]).cpu().double()
    constant = torch.ones(len(points["inputs"]), 1, dtype=torch.float64)
    rows = torch.cat([points["inputs"].double(), constant], dim=1)
    solution = torch.linalg.lstsq(rows, points["labels"].double()).solution
    return float((found - solution).norm() / solution.norm())
