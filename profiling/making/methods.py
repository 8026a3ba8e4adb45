"""Ways of making a model: what is trained of it, from which weights, and by which optimiser."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import torch

from profiling.data import batches
from profiling.data.synthetic import Batch
from profiling.making import adapters, distillation, head, replay
from profiling.models import models, source
from profiling.models.architecture import WHOLE
from profiling.workload.workload import Case, Workload


@dataclass(frozen=True)
class Settings:
    """What a method's optimiser is set to; AdamW (arXiv:1711.05101) where it has moments, else gradient descent."""

    learning_rate: float
    betas: tuple[float, float] | None = (0.9, 0.999)
    weight_decay: float = 0.01

    def optimizer(self, weights: list[Any]) -> torch.optim.Optimizer:
        """The optimiser of those weights."""
        if self.betas is None:
            return torch.optim.SGD(weights, lr=self.learning_rate, weight_decay=self.weight_decay)
        return torch.optim.AdamW(weights, lr=self.learning_rate, betas=self.betas, weight_decay=self.weight_decay)


# From random weights: the smallest models of GPT-3 (arXiv:2005.14165, appendix B).
PRETRAINING = Settings(6e-4, (0.9, 0.95), 0.1)
# The largest of BERT's three rates for fine-tuning (arXiv:1810.04805, appendix A.3).
FINE_TUNING = Settings(5e-5)
SETTINGS = {
    "pretrain": PRETRAINING,
    "full": FINE_TUNING,
    "continual": FINE_TUNING,
    "distil": FINE_TUNING,
    "head": Settings(1e-3),
    # LoRA's papers name 2e-4 to 1e-3, the smaller the model the higher.
    "lora": Settings(1e-3),
    "adalora": Settings(1e-3),
    # QLoRA, appendix B: for models up to 13B.
    "qlora": Settings(2e-4, weight_decay=0.0),
    # IA3's recipe, section 3.3 of arXiv:2205.05638.
    "ia3": Settings(3e-3, weight_decay=0.0),
    # Prompts are few, and want large steps: peft's own example.
    "prompt": Settings(3e-2, weight_decay=0.0),
}
# A perceptron on numbers is so small that ten times Adam's default suits it.
SMALL = Settings(1e-2, weight_decay=0.0)


def settings(workload: Workload, plan: Case) -> Settings:
    """The optimiser's settings for a case, each with its source where it is defined.

    Methods that move every weight start from random ones where the workload brings no others.
    Fine-tuning's small steps are for weights that know something already: random ones take pre-training's.
    """
    config = source.config_of(workload.model) or {}
    if config.get("model_type") == "linear":
        return descent(int(config["features"]), int(plan.point["batch"]))
    if config.get("model_type") == "mlp":
        return SMALL
    method = plan.point["method"]
    return PRETRAINING if method in WHOLE and "config" in workload.model else SETTINGS[method]


def descent(features: int, batch: int) -> Settings:
    """Gradient descent at the rate that comes nearest to the answer with every batch, for inputs of unit variance.

    A step along 2 X'(Xw - y) / b scales the expected squared distance by 1 - 4r + 4r^2 (1 + (d + 1) / b), for normal
    inputs with d columns; that is smallest at r = 1 / 2(1 + (d + 1) / b).  Source: least mean squares, B. Widrow and
    M. Hoff (1960).
    """
    columns = features + 1  # the constant is one
    return Settings(1 / (2 * (1 + (columns + 1) / batch)), betas=None, weight_decay=0.0)


@dataclass(frozen=True)
class Made:
    """A model that is ready to be trained: called with a batch it gives `loss` and `logits`."""

    model: Any
    kept: Any  # what a checkpoint holds
    settings: Settings
    moving: Any = None  # the only part in training mode; None for all of it
    after_step: Callable[[int], None] | None = None  # between an update and the clearing of its gradients

    @property
    def trained(self) -> list[Any]:
        """The weights that move."""
        return [weight for weight in self.model.parameters() if weight.requires_grad]

    @property
    def trainable_parameters(self) -> int:
        """How many numbers are learned."""
        return sum(weight.numel() for weight in self.trained)

    def learning(self) -> None:
        """Puts what learns into training mode."""
        self.model.train(self.moving is None)
        if self.moving is not None:
            self.moving.train()


def make(workload: Workload, plan: Case, device: torch.device, arithmetic: torch.dtype, steps: int) -> Made:
    """The case's model, made ready for its method; `steps` is how long it is trained in all.

    Raises UnsupportedError where the method has no meaning for the model or the device.
    """
    method = plan.point["method"]
    chosen = settings(workload, plan)
    if method == "distil":
        return distilled(models.build(workload, device), chosen)
    if method == "qlora":
        adapters.check_four_bit(models.unplaced(workload), device)
        # Packed on its way to the device, where it need not fit unpacked.
        model = models.build(workload, torch.device("cpu"), arithmetic)
        return adapted(adapters.four_bit(model, device, arithmetic), method, workload, chosen, steps)
    if method == "prompt":
        positions = (source.config_of(workload.model) or {}).get("max_position_embeddings")
        adapters.check_prompt(plan.sequence_tokens, positions)
    model = models.build(workload, device)
    if method == "head":
        renewed = head.renew(model)
        return Made(renewed, renewed, chosen, moving=head.of(renewed))
    if method in WHOLE:
        return Made(model, model, chosen)
    return adapted(model, method, workload, chosen, steps)


def adapted(model: Any, method: str, workload: Workload, chosen: Settings, steps: int) -> Made:
    """A model under adapters."""
    model = adapters.adapted(model, method, workload.purpose, steps)
    if method == "adalora":
        # peft's general wrapper would leave out the loss that keeps the factors orthogonal.
        return Made(model.base_model, model, chosen, after_step=model.base_model.update_and_allocate)
    return Made(model, model, chosen)


def distilled(teacher: Any, chosen: Settings) -> Made:
    """A student of half the layers beside its teacher."""
    student = distillation.student_of(teacher)
    return Made(distillation.Distillation(student, teacher), student, chosen)


def data(workload: Workload, plan: Case) -> Iterator[Batch]:
    """Endless batches: of the one task, or of the second with a share of the first."""
    if plan.point["method"] != "continual":
        return batches.of(workload, plan)
    percent = int(plan.point.get("replay_percent", replay.DEFAULT_PERCENT))
    return replay.mixed(batches.of(workload, plan, task=2), batches.of(workload, plan, task=1), percent)
