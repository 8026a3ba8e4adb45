"""Parameters, bytes and floating-point operations of a model, from its config alone.  Torch is not imported.

    >>> of({"model_type": "gpt2"}).parameters
    124439808

Transformers builds the model without memory in a process of its own, and its matrices are walked once; `model` derives
every size from them.  `kept` holds what was walked, `bounds` what is not walked at all, `remarks` what a config says of
itself.  Only `profiling.places`, `checks`, `files` and `errors` are imported, and `methods` for what each one trains.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from profiling.architecture import bounds, kept, source
from profiling.architecture.model import Architecture, Attention, Cache, Matrix, Rows
from profiling.errors import WorkloadError

__all__ = ["Architecture", "Attention", "Cache", "Matrix", "Rows", "checked", "of"]

# Fields that do not change the shape of a model, or that name code and files, which are not read.
_NOT_OF_SHAPE = (
    *(
        "auto_map",
        "quantization_config",
        "compression_config",
        "transformers_version",
        "torch_dtype",
        "dtype",
        "use_cache",
    ),
    *("attn_implementation", "problem_type", "torchscript", "task_specific_params", "tokenizer_class"),
)
_OUTPUTS = {"recommend": "causal", "regress": "text"}


def of(config: Mapping[str, Any], task: str | None = None) -> Architecture:
    """Return the architecture of a transformers config, with the field names of a `config.json`.

    Absent fields take the defaults of transformers, as they do where the model is built.  A language model ends in the
    vocabulary, unless the task is `text`, or no task is named and `architectures` names a class for sequence
    classification.  Raise WorkloadError for a model that transformers cannot build, or whose sizes are not known.
    """
    return kept.answer(request(config, task))[0]


def checked(config: Mapping[str, Any]) -> Architecture:
    """Return the architecture of a file's config; raise WorkloadError where the file does not say the model's sizes."""
    found, unstated = kept.answer(request(config))
    if unstated:
        within = " or ".join(
            name for name, value in config.items() if isinstance(value, dict) and "vocab_size" in value
        )
        raise WorkloadError(
            f"the config of a {config.get('model_type')} does not say {', '.join(unstated)}",
            todo=f"take {within} by itself, or the model's whole config.json"
            if within
            else "take the whole config.json",
        )
    return found


def request(config: Mapping[str, Any], task: str | None = None) -> str:
    """Return what is asked about a config, and under which its answer is kept; raise WorkloadError beyond `bounds`."""
    bounds.check(config, "config")
    chosen = task or _usual_task(config)
    return json.dumps({"config": _shape(config), "task": _OUTPUTS.get(chosen, chosen)}, sort_keys=True)


def _usual_task(config: Mapping[str, Any]) -> str:
    classes = config.get("architectures")
    if isinstance(classes, list) and any(str(name).endswith("ForSequenceClassification") for name in classes):
        return "text"
    return source.task_of({"config": config})


def _shape(config: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields that decide the shape of a model, and of the models within it."""
    return {
        name: _shape(value) if isinstance(value, dict) else value
        for name, value in config.items()
        if name not in _NOT_OF_SHAPE and not str(name).startswith("_")
    }
