"""A new head over a frozen body: which part of a model is its head, and how a new one replaces it."""

from __future__ import annotations

from typing import Any

from torch import nn

from profiling.errors import Phrase, UnsupportedError
from profiling.making.methods import Made, Making
from profiling.models import models


def make(making: Making) -> Made:
    """Return the model frozen under a new head, the only part that learns."""
    model = renew(models.build(making.workload, making.device, making.arithmetic))
    return Made(model, model, making.settings, moving=of(model))


def of(model: Any) -> nn.ModuleList:
    """Return the parts that turn features into classes, words, items or numbers; raise UnsupportedError without any.

    A classifier of transformers has them beside its body: one layer, or several.
    """
    layers = getattr(model, "layers", None)
    if isinstance(layers, nn.Sequential):
        return nn.ModuleList([layers[-1]])
    if isinstance(vocabulary := model.get_output_embeddings(), nn.Module):
        return nn.ModuleList([vocabulary])
    if parts := names(model):
        return nn.ModuleList([getattr(model, name) for name in parts])
    kind = getattr(getattr(model, "config", None), "model_type", type(model).__name__)
    raise UnsupportedError(Phrase("a {kind} model has no body below its head", kind=kind), todo="train it in full")


def names(model: Any) -> list[str]:
    """Return what a classifier calls the parts with weights beside its body."""
    body = getattr(model, "base_model", model)
    beside = model.named_children() if body is not model else ()
    own = ((name, part) for name, part in beside if part is not body and not isinstance(part, nn.Embedding))
    return [name for name, part in own if any(True for _ in part.parameters())]


def renew(model: Any) -> Any:
    """Return the model with its weights frozen and a new head, in evaluation mode but for that head.

    Normalisation and dropout of a frozen body stay as in evaluation, so that it is one fixed function.  A head
    that shares its matrix with the embeddings gets one of its own, or the body would change with it.
    """
    model.requires_grad_(False)
    if (old := model.get_output_embeddings()) is not None:
        model.set_output_embeddings(nn.Linear(old.in_features, old.out_features, old.bias is not None))
        model.config.tie_word_embeddings = False
    new = of(model).to(next(model.parameters()).device)
    for part in new.modules():
        if isinstance(part, nn.Linear):
            part.reset_parameters()
    new.requires_grad_(True)
    return model
