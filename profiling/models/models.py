"""Models built from a config with random weights, or read from a folder or a hub."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.nn.modules.module import register_module_module_registration_hook
from transformers import (
    AutoConfig,
    AutoModelForCausalLM,
    AutoModelForImageClassification,
    AutoModelForSequenceClassification,
    AutoModelForSpeechSeq2Seq,
    PreTrainedModel,
)

from profiling.architecture import bounds, source
from profiling.errors import UnsupportedError, WorkloadError
from profiling.examples import corpus
from profiling.hardware import device as devices
from profiling.models import own_models
from profiling.workload.workload import Workload

# Transformers' class for a task; a recommender is a language model over items.
CLASSES: dict[str, Any] = {
    "text": AutoModelForSequenceClassification,
    "causal": AutoModelForCausalLM,
    "image": AutoModelForImageClassification,
    "speech": AutoModelForSpeechSeq2Seq,
    "recommend": AutoModelForCausalLM,
    "regress": AutoModelForSequenceClassification,
}
# Special tokens; a family's defaults lie beyond the end of a smaller vocabulary.
SPECIAL_TOKENS = ("pad_token_id", "bos_token_id", "eos_token_id", "decoder_start_token_id")
# How a model runs, by the workload's `compile`.
HOW = {"no": "eager", "yes": "compiled", "graphs": "compiled with CUDA graphs"}
OWN_TYPES = tuple(config.model_type for config, _ in own_models.TYPES)


def build(workload: Workload, device: torch.device, dtype: torch.dtype = torch.float32) -> Any:
    """Return the workload's model on the device, ready to train, with random weights for a config or the saved ones.

    The model maps a batch to `.logits`, and to `.loss` where the batch has labels.  Raise WorkloadError for a model
    that cannot be built or read.
    """
    model = _random(workload, device, dtype) if "config" in workload.model else _saved(workload, dtype)
    model = cast(model, dtype).to(device).train()
    return model.to(memory_format=torch.channels_last) if workload.memory_format == "channels_last" else model


def cast(module: Any, dtype: torch.dtype) -> Any:
    """Return the module with its weights in a precision, in place.

    What it computes for itself stays in float32, as where transformers reads weights in few bits: frequencies of rotary
    positions in 16 bits would turn the far words of a text by wrong angles.
    """
    for tensor in module.state_dict(keep_vars=True).values():
        if tensor.is_floating_point():
            tensor.data = tensor.data.to(dtype)
    return module


def unplaced(workload: Workload) -> Any:
    """Return the model's structure without memory; raise WorkloadError for a config that makes no model."""
    found = configured(workload)
    found.architectures = found.architectures or []  # which transformers looks through where a type has two classes
    try:
        with torch.device("meta"), module_limit():
            return CLASSES[workload.purpose].from_config(found, **_attention(workload))
    except WorkloadError:
        raise
    except Exception as error:  # of every class, for the odd values of a stranger's file
        raise WorkloadError(
            f"model: {found.model_type} cannot be built ({_line(error)})", todo="change its config"
        ) from error


@contextmanager
def module_limit() -> Iterator[None]:
    """Raise WorkloadError where a config asks for far more modules than any published model has."""
    count = itertools.count(1)

    def counted(*_: object) -> None:
        if next(count) > bounds.MOST_MATRICES:
            raise WorkloadError(
                f"model: more than {bounds.MOST_MATRICES:,} modules", todo="take fewer layers or experts"
            )

    handle = register_module_module_registration_hook(counted)
    try:
        yield
    finally:
        handle.remove()


def configured(workload: Workload) -> Any:
    """Return the transformers config of the workload's model, with as many labels as the data has classes."""
    found = _given(workload.model) if "config" in workload.model else _read(workload, AutoConfig)
    # A causal model that classifies takes the last token that is not padding.
    if workload.purpose == "text" and getattr(found, "pad_token_id", None) is None:
        found.pad_token_id = 0
    labels = corpus.labels(workload.data)
    if workload.purpose not in ("text", "image") or not labels or len(labels) == found.num_labels:
        return found
    if "config" in workload.model:
        raise WorkloadError(
            f"model: its config has num_labels {found.num_labels}, and the data {len(labels)} classes; "
            f"set num_labels to {len(labels)}"
        )
    # The saved model had other classes, or none; the new head is random.
    found.num_labels = len(labels)
    return found


def parameters(workload: Workload) -> int:
    """Return the number of weights and biases, with tied matrices counted once."""
    return sum(weight.numel() for weight in unplaced(workload).parameters())


def engine(workload: Workload) -> str:
    """Return the library that runs the model, with version and attention; measurements depend on them."""
    config = unplaced(workload).config
    library = "torch" if config.model_type in OWN_TYPES else "transformers"
    attention = f", {config._attn_implementation} attention" if hasattr(config, "num_attention_heads") else ""
    return f"{library} {version(library)} {HOW[workload.compile]}{attention}"


def _attention(workload: Workload) -> dict[str, str]:
    """Return the option for eager attention; transformers takes fused attention where a family has it."""
    return {"attn_implementation": "eager"} if workload.attention == "eager" else {}


def _random(workload: Workload, device: torch.device, dtype: torch.dtype) -> Any:
    """Return a model whose weights are drawn on the device in float32, and cast layer by layer.

    The weights are the same in every precision, and take only the memory of that precision.  Weights outside the
    layers, such as embeddings, are drawn last and cast by the caller.
    """
    model = unplaced(workload)
    # Each model initialises its own layers, the innermost first.
    for owner in reversed([module for module in model.modules() if isinstance(module, PreTrainedModel)]):
        for layers in [module for module in owner.modules() if isinstance(module, nn.ModuleList)]:
            for layer in layers:
                _draw(layer, owner, device, dtype)
    _take_room(model, device)
    model.init_weights()
    model.tie_weights()
    return model


def _draw(layer: nn.Module, owner: Any, device: torch.device, dtype: torch.dtype) -> None:
    """Draw the weights of one layer, its parts first, as transformers does; skip a layer that is drawn already."""
    if not any(weight.is_meta for weight in layer.parameters()):
        return
    _take_room(layer, device)
    for module in reversed(list(layer.modules())):
        owner._initialize_weights(module)
    cast(layer, dtype)


def _take_room(module: Any, device: torch.device) -> None:
    """Allocate memory on the device for every tensor that has none."""
    module._apply(lambda tensor: torch.empty_like(tensor, device=device) if tensor.is_meta else tensor)


def _given(model: Any) -> Any:
    """Return the config that the workload contains; raise WorkloadError where transformers refuses it."""
    settings = dict(model["config"])
    family = settings.pop("model_type")
    try:
        found: Any = AutoConfig.for_model(family, **source.decoded(settings))
    except Exception as error:  # of every class, as above
        raise WorkloadError(f"model: {_line(error)}", todo=f"see transformers' page on {family!r}") from error
    vocabulary = int(getattr(found, "vocab_size", 0))
    for name in SPECIAL_TOKENS if vocabulary else ():
        token = getattr(found, name, None)
        if name not in settings and isinstance(token, int) and token >= vocabulary:
            setattr(found, name, 0)
    return found


def _saved(workload: Workload, dtype: torch.dtype) -> Any:
    """Return the weights of a folder or a hub, from safetensors only: reading a pickle would run its code.

    They are read in the bits in which they are run; a new head is drawn in float32, so that it is the same in every
    precision. Raise UnsupportedError for weights in formats of libraries, which would be cast without their scales.
    """
    found = configured(workload)
    if says := getattr(found, "quantization_config", None):
        method = says.get("quant_method") if isinstance(says, dict) else type(says).__name__
        todo = "measure it with `serve`, or take its weights in 16 bits and name a precision"
        raise UnsupportedError(f"model: its weights are stored as {method}", todo=todo)
    drawn = torch.get_rng_state()
    model, told = _read(
        workload,
        CLASSES[workload.purpose],
        config=found,
        use_safetensors=True,
        dtype=dtype,
        **_attention(workload),
        ignore_mismatched_sizes=corpus.labels(workload.data) != (),
        output_loading_info=True,
    )
    torch.set_rng_state(drawn)
    _redraw(model, {*told["missing_keys"], *(one[0] for one in told["mismatched_keys"])})
    return model


def _redraw(model: Any, names: set[str]) -> None:
    """Draw the weights of these names anew in float32: fewer bits would take other numbers of the random stream."""
    for path, module in model.named_modules():
        weights = dict(module.named_parameters(prefix=path, recurse=False))
        if weights and weights.keys() <= names:
            for weight in weights.values():
                weight.data, weight._is_hf_initialized = weight.data.float(), False
            model._init_weights(module)


def _read(workload: Workload, reader: Any, **options: Any) -> Any:
    """Return what `reader` finds in the model's folder or on the hub; raise WorkloadError."""
    place = workload.model.get("path") or workload.model.get("hub")
    if place is None:
        raise WorkloadError(f"model: {workload.model['url']} is a running server", todo="measure only load there")
    local = "path" in workload.model
    if local and not (Path(place) / "config.json").is_file():
        raise WorkloadError(f"model: {place} has no config.json", todo="name a folder made by save_pretrained")
    try:
        return reader.from_pretrained(place, local_files_only=local, trust_remote_code=False, **options)
    except Exception as error:  # of every class, those of safetensors and huggingface_hub among them
        if devices.ran_out_of_memory(error):
            raise
        advice = (
            "cannot be read; it needs config.json and model.safetensors, as save_pretrained writes them"
            if local
            else "cannot be fetched from the hub; check the name and the network, or give a downloaded folder as `path`"
        )
        raise WorkloadError(f"model: {place} {advice} ({_line(error)})") from error


def _line(error: Exception) -> str:
    """Return the beginning of an error, which may be a page long, on one line."""
    return (" ".join(str(error).split()) or type(error).__name__)[:300].rstrip(".")
