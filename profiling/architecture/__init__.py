"""Parameters, bytes and floating-point operations of a model, from its config alone.  Torch is not imported.

    >>> of({"model_type": "gpt2"}).parameters
    124439808

Each family has a module that lists the model's matrices, put together from the `blocks` that families share;
`model` derives every size from that list.  Only `profiling.checks` and `profiling.errors` are imported.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from profiling.architecture import bert, deepseek, gpt, llama, mixture, own, t5, vision, whisper
from profiling.architecture.model import Architecture, Attention, Matrix, Rows
from profiling.errors import WorkloadError

_FAMILIES = (bert, gpt, llama, mixture, deepseek, t5, vision, whisper, own)
_BUILDERS: dict[Any, Callable[[Mapping[str, Any]], Architecture]] = {
    model_type: family.build for family in _FAMILIES for model_type in family.DEFAULTS
}

KNOWN = tuple(sorted(_BUILDERS))

__all__ = ["KNOWN", "Architecture", "Attention", "Matrix", "Rows", "of"]


def of(config: Mapping[str, Any], task: str | None = None) -> Architecture:
    """Return the architecture of a transformers config, with the field names of a `config.json`.

    Absent fields take the defaults of their model type.  A language model ends in the vocabulary, unless the task is
    `text`, or no task is named and `architectures` names a class for sequence classification; `bert`, `roberta`,
    `vit` and `resnet` are always classifiers of `num_labels` (or `id2label`).  Raise WorkloadError for a model type
    that is not in `KNOWN`, for a field that is missing and has no default, and for a value that is no size.
    """
    model_type = config.get("model_type")
    if model_type not in _BUILDERS:
        raise WorkloadError(
            f"the sizes of a model of type {model_type!r} are not known", todo=f"those of {', '.join(KNOWN)} are"
        )
    if task is not None:
        config = {**config, "architectures": ["ForSequenceClassification"] if task == "text" else None}
    return _BUILDERS[model_type](config)
