"""Sizes of a model from its config: transformers builds it without memory, and its matrices are walked once.

`python -m profiling.models.walk` reads `{"config", "task"}` as JSON and answers with the architecture, or with the
reason why there is none; `profiling.architecture.kept` starts it.  Transformers' own classes alone are built, offline.
"""

# transformers types its base classes in part.
# mypy: disallow-untyped-calls=False

from __future__ import annotations

import contextlib
import json
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import asdict, fields
from typing import Any

import torch
import transformers
from transformers import (
    AutoConfig,
    AutoModelForCausalLM,
    AutoModelForImageClassification,
    AutoModelForMaskedLM,
    AutoModelForMultimodalLM,
    AutoModelForSeq2SeqLM,
    AutoModelForSequenceClassification,
    AutoModelForSpeechSeq2Seq,
)
from transformers.models.auto.configuration_auto import CONFIG_MAPPING
from transformers.models.auto.modeling_auto import (
    MODEL_FOR_CAUSAL_LM_MAPPING_NAMES,
    MODEL_FOR_MULTIMODAL_LM_MAPPING_NAMES,
)

from profiling.architecture.model import Architecture
from profiling.architecture.source import decoded
from profiling.errors import WorkloadError
from profiling.models import decoders, matrices, passage, tracing
from profiling.models.models import SPECIAL_TOKENS, module_limit

# Bytes that the process may take; the largest published mixtures, as modules without weights, take less than one GB.
MOST_BYTES = 8 * 2**30
# Fields that count; where the file leaves one out that has a default, it does not say its size.
COUNTS = (
    *("hidden_size", "num_hidden_layers", "num_attention_heads", "vocab_size", "intermediate_size", "d_ff", "ffn_dim"),
    *("encoder_layers", "decoder_layers", "encoder_ffn_dim", "decoder_ffn_dim", "hidden_sizes", "depths"),
    *("num_experts", "num_local_experts", "n_routed_experts", "num_experts_per_tok", "moe_intermediate_size"),
    *("kv_n_heads", "ffn_hidden_size", "moe_num_experts", "moe_top_k"),
    *("sizes", "features"),
)
_EXPERTS = re.compile("expert|moe")
# A count, and how many groups of one size it makes.
GROUPS = (
    *(("num_attention_heads", name) for name in ("num_key_value_heads", "num_kv_heads")),
    ("n_routed_experts", "n_group"),
)


def main() -> int:
    """Answer one request."""
    _limit_memory()
    request = json.load(sys.stdin)
    with contextlib.redirect_stdout(sys.stderr):
        answer = answered(request["config"], request["task"])
    print(json.dumps(answer))
    return 0


def answered(config: Mapping[str, Any], task: str) -> dict[str, Any]:
    """Return the architecture and the counts that the config leaves to defaults, or why the sizes are not known."""
    unstated: list[str] = []
    try:
        found = _configured(config)
        unstated += _unstated(found, decoded(config))
        architecture = _walked(found, config, task)
    except WorkloadError as error:
        return {"refused": error.what, "todo": error.todo}
    # Transformers raises errors of every class for the odd values of a stranger's file.
    except Exception as error:
        what = f"transformers cannot build a {config.get('model_type')} of this config ({_last_line(error)})"
        inner = "take its text_config by itself" if isinstance(config.get("text_config"), Mapping) else ""
        return {"refused": what, "todo": f"it does not say {', '.join(unstated)}" if unstated else inner}
    if not any(one.copies_used for one in architecture.matrices):
        unstated = [name for name in unstated if not _EXPERTS.search(name)]
    return {"architecture": asdict(architecture), "unstated": unstated}


def _last_line(error: Exception) -> str:
    """Return what an error says in the end, without its full stop."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()] or [type(error).__name__]
    return lines[-1][:300].rstrip(".")


def _configured(config: Mapping[str, Any]) -> Any:
    """Return transformers' config; raise WorkloadError for a type that transformers does not have."""
    model_type = _known_type(config)
    # A config within the config, of which the type knows nothing, is another model's.
    parts = {name for name, value in config.items() if name.endswith("_config") and isinstance(value, Mapping)}
    apart = {"model_type", *parts - CONFIG_MAPPING[model_type].sub_configs.keys()}
    settings = {name: value for name, value in decoded(config).items() if name not in apart}
    for name, other in CONFIG_MAPPING[model_type].attribute_map.items():
        if settings.get(name, settings.get(other)) != settings.get(other, settings.get(name)):
            what = f"{name} is {settings[name]!r} and {other} is {settings[other]!r}, which are names of one size"
            raise WorkloadError(what, todo="leave one of them out")
    found: Any = AutoConfig.for_model(model_type, **{**settings, **_kinds(settings)})
    for one in (found, found.get_text_config(decoder=True)):
        # Layers with sizes of their own: the modules tell those, and what stands for the model is read as well.
        if hasattr(one, "allow_global_per_layer_attribute_access"):
            one.allow_global_per_layer_attribute_access = True
        for name in SPECIAL_TOKENS:
            token, words = getattr(one, name, None), getattr(one, "vocab_size", None)
            if isinstance(token, int) and isinstance(words, int) and token >= words:
                setattr(one, name, 0)
    return found


def _kinds(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return the kinds of layers by a pattern such as LLLG, or by no window at all, where the file names no layers.

    Transformers describes both for EXAONE-4, and looks for a number; the last layer sees everything.
    """
    layers, pattern = settings.get("num_hidden_layers"), settings.get("sliding_window_pattern", "")
    if settings.get("layer_types") or not isinstance(layers, int) or "sliding_window" not in settings:
        return {}
    if settings["sliding_window"] is None and not pattern and "sliding_window_pattern" in settings:
        pattern = "G"
    if not isinstance(pattern, str) or not pattern or set(pattern) - {"L", "G"}:
        return {}
    local = [pattern[layer % len(pattern)] == "L" for layer in range(layers - 1)]
    return {"layer_types": ["sliding_attention" if one else "full_attention" for one in [*local, False]]}


def _known_type(config: Mapping[str, Any]) -> str:
    """Return the type of a config, or that of the class it names: Kimi-K2 is a `kimi_k2` of DeepseekV3ForCausalLM.

    Raise WorkloadError where transformers has neither.
    """
    model_type, classes = config.get("model_type"), config.get("architectures")
    if isinstance(model_type, str) and model_type in CONFIG_MAPPING:
        return model_type
    known = {*MODEL_FOR_CAUSAL_LM_MAPPING_NAMES.values(), *MODEL_FOR_MULTIMODAL_LM_MAPPING_NAMES.values()}
    match classes:
        case [str(name)] if name in known:
            return str(getattr(transformers, name).config_class.model_type)
    raise WorkloadError(
        f"the installed transformers has no model type {model_type!r}, nor a class that the config names",
        todo="update transformers, or take another model",
    )


def _unstated(found: Any, config: Mapping[str, Any]) -> Iterator[str]:
    """Yield the counts for which transformers takes a default, those of configs within the config included."""
    names = type(found).attribute_map
    stated = {names.get(name, name) for name, value in config.items() if value is not None}
    defaults = {one.name for one in fields(type(found)) if one.default is not None}
    for name in dict.fromkeys(names.get(name, name) for name in COUNTS):
        if name in defaults - stated and not _follows(found, config, name):
            yield name
    for part in type(found).sub_configs:
        # Older files of models of texts and images have the fields of the text model at the top.
        given = config.get(part, config if part == "text_config" else {})
        if getattr(found, part, None) is not None and isinstance(given, Mapping):
            inner = getattr(found, part)
            for name in _unstated(inner, given):
                # DBRX's experts are as wide as the model around them.
                if names.get(name, name) not in stated or getattr(inner, name) != getattr(found, name):
                    yield f"{part}.{name}"


def _follows(found: Any, config: Mapping[str, Any], name: str) -> bool:
    """Return whether a count follows from other fields, such as BLOOM's n_embed: another value changes nothing."""
    value = getattr(found, name, None)
    if not isinstance(value, int):
        return False
    others = {field: one for field, one in config.items() if field != "model_type"}
    try:
        return bool(getattr(type(found)(**{**others, name: value + 1}), name) == value)
    except Exception:  # of every class, as above: the two contradict each other
        return False


def _walked(found: Any, config: Mapping[str, Any], task: str) -> Architecture:
    """Return the sizes of the model that a task builds; raise WorkloadError where they are not known."""
    _check_groups(found.get_text_config(decoder=True))
    model = _built(found, task)
    # Transformers 5 ties T5's output whatever its config says, and that of a model of images and texts unless the outer
    # config denies it; published weights are as the config says, and most outer ones leave it to the text model's.
    own = getattr(found.get_text_config(decoder=True), "tie_word_embeddings", None)
    tied = config.get("tie_word_embeddings", own) is not False
    try:
        through = decoders.ruled(model) if _is_decoder(found) else tracing.traced(model)
        return matrices.with_matrices(model, through, tied=tied)
    except WorkloadError:
        raise
    except Exception as error:  # of every class: what the rules look for is not there
        what = f"no rule counts a {found.model_type} of this config ({_last_line(error)})"
        raise WorkloadError(what, todo=passage.TODO) from error


def _check_groups(text: Any) -> None:
    """Raise WorkloadError for heads or experts that no groups of one size make: such a model cannot run."""
    known = {one.name for one in fields(type(text))}
    for whole, part in (pair for pair in GROUPS if known.issuperset(pair)):
        all_of, groups = getattr(text, whole), getattr(text, part)
        if isinstance(all_of, int) and isinstance(groups, int) and groups > 0 and all_of % groups:
            what = f"{part} is {groups}, which does not divide the {all_of} of {whole}"
            raise WorkloadError(what, todo="correct one of the two")


def _built(found: Any, task: str) -> Any:
    """Return the model without memory, by the first class for the task that has its type."""
    causal: tuple[Any, ...] = (
        AutoModelForCausalLM,
        AutoModelForMultimodalLM,
        AutoModelForSequenceClassification,
        AutoModelForImageClassification,
    )
    answering = (AutoModelForSeq2SeqLM, AutoModelForSpeechSeq2Seq)
    if found.is_encoder_decoder:
        causal = (*answering, *causal)
    elif {"vision_config", "audio_config"} & type(found).sub_configs.keys():
        causal = (AutoModelForMultimodalLM, *causal, *answering)
    classes: dict[str, tuple[Any, ...]] = {
        "text": (AutoModelForSequenceClassification,),
        "image": (AutoModelForImageClassification,),
        "speech": (AutoModelForSpeechSeq2Seq,),
        "causal": causal,
    }
    chosen = next((one for one in classes[task] if type(found) in one._model_mapping), None)
    if chosen is None:
        what = {"causal": "that writes, or tells classes of texts or images,"}.get(task, f"for {task}")
        raise WorkloadError(f"transformers has no model {what} of type {found.model_type}", todo=passage.TODO)
    # A class for images would leave the part for texts out.
    if chosen is AutoModelForImageClassification and {"text_config", "vision_config"} <= type(found).sub_configs.keys():
        what = f"a {found.model_type} is two models side by side, of texts and of images, and no rule counts it"
        raise WorkloadError(what, todo=passage.TODO)
    # Eager attention is made of products that can be seen; a network of convolutions has no choice of attention.
    attends = {"attn_implementation": "eager"} if getattr(found, "num_attention_heads", None) else {}
    found.architectures = found.architectures or []  # which transformers looks through where a type has two classes
    with torch.device("meta"), module_limit():
        return chosen.from_config(found, **attends)


def _is_decoder(found: Any) -> bool:
    """Return whether each token passes every layer once, as in all language models that are no encoders."""
    answers = (AutoModelForCausalLM, AutoModelForMultimodalLM, AutoModelForSeq2SeqLM, AutoModelForSpeechSeq2Seq)
    writes = any(type(found) in one._model_mapping for one in answers)
    return writes and type(found) not in AutoModelForMaskedLM._model_mapping and not found.is_encoder_decoder


def _limit_memory() -> None:
    """Bound the memory of this process where the system can: a stranger's config may ask for any."""
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource  # noqa: PLC0415 (Windows has none)

        resource.setrlimit(resource.RLIMIT_DATA, (MOST_BYTES, MOST_BYTES))


if __name__ == "__main__":
    sys.exit(main())
