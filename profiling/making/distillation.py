"""Distillation: a student of half the layers learns from the teacher's softened answers as well as from the labels.

G. Hinton, O. Vinyals, J. Dean, Distilling the Knowledge in a Neural Network (arXiv:1503.02531).
"""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping
from typing import Any

import torch
from torch import nn
from transformers.modeling_outputs import SequenceClassifierOutput

from profiling.data.rows import UNCOUNTED
from profiling.errors import Phrase, UnsupportedError
from profiling.making.methods import Made, Making
from profiling.methods import Settings
from profiling.methods.whole import LAYER_COUNTS
from profiling.models import models

# The paper's own range is 1 to 20, lower for small students; 2 is what DistilBERT ships (arXiv:1910.01108).
TEMPERATURE = 2.0
# Half of the loss is the teacher's, half the labels'.
TEACHER_SHARE = 0.5
FIRST_NUMBER = re.compile(r"\.(\d+)\.")


def make(making: Making) -> Made:
    """Return a student of half the layers beside its teacher, the case's model."""
    return distilled(models.build(making.workload, making.device), making.settings, making.arithmetic)


def distilled(teacher: Any, settings: Settings, arithmetic: torch.dtype) -> Made:
    """Return a student of half the layers beside its teacher, which is frozen; a checkpoint holds the student alone."""
    student = student_of(teacher)
    return Made(Distillation(student, models.cast(teacher, arithmetic)), student, settings)


def student_of(teacher: Any) -> Any:
    """Return a model of the teacher's kind with half its layers, on its device; begins with every other of them.

    Raises UnsupportedError for a model without layers to halve, or without classes whose probabilities soften.
    """
    config = copy.deepcopy(teacher.config)
    counts = {name: getattr(config, name) for name in LAYER_COUNTS if isinstance(getattr(config, name, None), int)}
    if not counts or min(counts.values()) < 2:
        raise UnsupportedError(
            Phrase(
                "distillation halves the layers of a Transformer, and a {kind} model has none to halve, or but one",
                kind=config.model_type,
            ),
            todo="take a classifier or a language model with two layers or more",
        )
    for name, count in counts.items():
        setattr(config, name, count // 2)
    if getattr(config, "layer_types", None):
        config.layer_types = config.layer_types[::2][: config.num_hidden_layers]
    with torch.device(teacher.device):
        student = type(teacher)._from_config(config, attn_implementation=teacher.config._attn_implementation)
    inherit(student, teacher)
    return student


def inherit(student: Any, teacher: Any) -> None:
    """Copy the teacher's embeddings, head and every other layer into the student, as DistilBERT does."""
    known = teacher.state_dict()
    names = {name: FIRST_NUMBER.sub(lambda found: f".{2 * int(found[1])}.", name, 1) for name in student.state_dict()}
    taken = {name: known.get(origin) for name, origin in names.items()}
    student.load_state_dict({name: weight for name, weight in taken.items() if weight is not None}, strict=False)


class Distillation(nn.Module):
    """A student beside its teacher, which only answers; called with a batch, `loss` is the combined one."""

    def __init__(self, student: Any, teacher: Any) -> None:
        super().__init__()
        self.student = student
        self.teacher = teacher.requires_grad_(False).eval()

    def train(self, mode: bool = True) -> Distillation:
        """Put the student into training mode; the teacher answers as in evaluation."""
        super().train(mode)
        self.teacher.eval()
        return self

    def forward(self, **batch: torch.Tensor) -> SequenceClassifierOutput:
        """Return the student's logits, and the loss where the batch has labels and the student is learning."""
        answer = self.student(**batch)
        if not self.training:
            return SequenceClassifierOutput(loss=answer.get("loss"), logits=answer.logits)
        # A model of speech needs the labels: its decoder derives its inputs from them.
        speech = "input_features" in batch
        with torch.no_grad():
            aim = self.teacher(**{name: tensor for name, tensor in batch.items() if speech or name != "labels"})
        soft = softened_loss(answer.logits, aim.logits, counted(batch, answer.logits))
        loss = TEACHER_SHARE * soft + (1 - TEACHER_SHARE) * answer.loss
        return SequenceClassifierOutput(loss=loss, logits=answer.logits)


def softened_loss(student: torch.Tensor, teacher: torch.Tensor, counted: torch.Tensor) -> torch.Tensor:
    """Return T^2 KL(teacher || student) at temperature T, the mean over the rows that count; a scalar.

    Logits have shape (..., classes), `counted` (...).  The factor T^2 keeps the gradient's size, as soft targets
    shrink it by 1 / T^2 (section 2 of the paper).
    """
    aim = torch.log_softmax(teacher.float()[counted] / TEMPERATURE, -1)
    guess = torch.log_softmax(student.float()[counted] / TEMPERATURE, -1)
    return TEMPERATURE**2 * nn.functional.kl_div(guess, aim, reduction="batchmean", log_target=True)


def counted(batch: Mapping[str, torch.Tensor], logits: torch.Tensor) -> torch.Tensor:
    """Return which answers count, without padding: one for each label of a classifier, or place of a sequence."""
    labels = batch["labels"]
    if logits.dim() == 2:
        return torch.ones(len(labels), dtype=torch.bool, device=logits.device)
    if "input_features" in batch:
        return labels != UNCOUNTED
    # A language model answers each place with the word after it, and the last with nothing that is known.
    there = torch.zeros_like(labels, dtype=torch.bool)
    there[:, :-1] = labels[:, 1:] != UNCOUNTED
    return there
