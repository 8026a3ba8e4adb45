"""A model made ready for training: which weights move, and by which optimiser.

What a method is in numbers stands in `profiling.methods`; the makers that it names stand here and in the modules
`head`, `adapters` and `distillation`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import torch
from transformers import PreTrainedModel

from profiling import methods, registry
from profiling.architecture import source
from profiling.data import batches
from profiling.data.rows import Batch
from profiling.errors import Phrase, UnsupportedError
from profiling.making import replay
from profiling.methods import Method, Settings
from profiling.models import models
from profiling.workload.workload import Case, Workload

# The norm that gradients are cut to, as in transformers' trainer.
CLIPPED_NORM = 1.0
# Ten times Adam's default suits a perceptron on numbers, which is small.
SMALL = Settings(1e-2, weight_decay=0.0)


def settings(workload: Workload, case: Case) -> Settings:
    """Return the optimiser's settings for a case; each has its source where it is defined.

    A workload that brings a config alone starts from random weights, for which a method may have other settings.
    """
    config = source.config_of(workload.model) or {}
    if config.get("model_type") == "linear":
        return descent(int(config["features"]), int(case.point["batch"]))
    if config.get("model_type") == "mlp":
        return SMALL
    method = methods.find(case.point["method"])
    return (method.settings_from_random if "config" in workload.model else None) or method.settings


def descent(features: int, batch: int) -> Settings:
    """Return gradient descent at the rate that comes nearest to the answer with every batch, for unit variance inputs.

    A step along 2 X'(Xw - y) / b scales the expected squared distance by 1 - 4r + 4r^2 (1 + (d + 1) / b), for normal
    inputs with d columns; that is smallest at r = 1 / 2(1 + (d + 1) / b).  Source: least mean squares, B. Widrow and
    M. Hoff (1960).
    """
    columns = features + 1  # the constant is one
    return Settings(1 / (2 * (1 + (columns + 1) / batch)), betas=None, weight_decay=0.0)


@dataclass(frozen=True)
class Made:
    """A model that is ready to be trained; called with a batch it gives `loss` and `logits`."""

    model: Any
    kept: Any  # what a checkpoint holds
    settings: Settings
    clipped: bool = False  # whether gradients are cut to a norm of CLIPPED_NORM
    moving: Any = None  # the only part in training mode; None for all of it
    after_step: Callable[[int], None] | None = None  # between an update and the clearing of its gradients

    @property
    def trained(self) -> list[Any]:
        """The weights that move."""
        return [weight for weight in self.model.parameters() if weight.requires_grad]

    @property
    def trainable_parameters(self) -> int:
        """The number of weights that move."""
        return sum(weight.numel() for weight in self.trained)

    def learning(self) -> None:
        """Put the part that learns into training mode."""
        self.model.train(self.moving is None)
        if self.moving is not None:
            self.moving.train()

    def optimizer(self) -> torch.optim.Optimizer:
        """Return the optimiser of the weights that move."""
        rate, decay, trained = self.settings.learning_rate, self.settings.weight_decay, self.trained
        if self.settings.betas is None:
            return torch.optim.SGD(trained, lr=rate, weight_decay=decay)
        # One kernel for all weights, where the device has it: what transformers' trainer takes too.
        fused = trained[0].device.type == "cuda"
        return torch.optim.AdamW(trained, lr=rate, betas=self.settings.betas, weight_decay=decay, fused=fused)

    def told(self, optimizer: torch.optim.Optimizer) -> dict[str, Any]:
        """Return how weights are stored and updated, for the record."""
        frozen = [one for one in self.model.parameters() if not one.requires_grad]
        kinds = {"trained": self.trained, "frozen": frozen}
        return {
            "stored": {name: sorted({_dtype(one) for one in weights}) for name, weights in kinds.items()},
            "optimiser": f"{type(optimizer).__name__}{', fused' if optimizer.defaults.get('fused') else ''}",
        }


@dataclass(frozen=True)
class Making:
    """A case for which a model is to be made ready."""

    workload: Workload
    case: Case
    device: torch.device
    arithmetic: torch.dtype
    steps: int  # for which it is trained in all

    @property
    def method(self) -> Method:
        """The training method of the case."""
        return methods.find(self.case.point["method"])

    @property
    def settings(self) -> Settings:
        """The optimiser's settings."""
        return settings(self.workload, self.case)

    @property
    def trained(self) -> torch.dtype:
        """What weights that move are stored in; those that do not are stored in the arithmetic's."""
        return self.arithmetic if self.workload.weights == "pure" else torch.float32


def make(making: Making) -> Made:
    """Return the case's model, made ready for its method.

    Raises UnsupportedError where the method has no meaning for the model or the device.
    """
    if making.trained is torch.float16:
        what = "gradients of weights stored in float16 are too small for it"
        raise UnsupportedError(what, todo="set weights to mixed, or take a device with bfloat16")
    made: Made = registry.load(making.method.maker)(making)
    for weight in made.trained:
        weight.data = weight.data.to(making.trained)
    # Nothing is decoded while training; and with a cache, transformers lets the texts of a packed row see one another.
    for part in made.kept.modules():
        if isinstance(part, PreTrainedModel):
            part.config.use_cache = False
    if making.workload.checkpointing == "yes":
        _checkpoint(made, making.method)
    return replace(made, clipped=making.workload.clipping == "yes" and made.settings.betas is not None)


def _checkpoint(made: Made, method: Method) -> None:
    """Let each layer compute its activations again in the backward pass; raise UnsupportedError where none can."""
    if method.trains == "head":
        raise UnsupportedError("a frozen body keeps no activations", todo="take checkpointing out")
    model = next((part for part in made.kept.modules() if isinstance(part, PreTrainedModel)), None)
    if model is None or not model.supports_gradient_checkpointing:
        kind = getattr(getattr(made.kept, "config", None), "model_type", type(made.kept).__name__)
        what = Phrase("a {kind} model has no layers that can forget", kind=kind)
        raise UnsupportedError(what, todo="take checkpointing out")
    model.activation_checkpointing_enable()


def _dtype(weight: torch.Tensor) -> str:
    return str(weight.dtype).removeprefix("torch.")


def whole(making: Making) -> Made:
    """Return the model with every weight free to move."""
    model = models.build(making.workload, making.device, making.trained)
    return Made(model, model, making.settings)


def data(workload: Workload, case: Case) -> Iterator[Batch]:
    """Yield batches without end: of the one task, or of the second with a share of the first."""
    if not methods.find(case.point["method"]).replays:
        return batches.of(workload, case)
    percent = int(case.point.get("replay_percent", replay.DEFAULT_PERCENT))
    return replay.mixed(batches.of(workload, case, task=2), batches.of(workload, case, task=1), percent)
