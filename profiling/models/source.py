"""Where a model comes from: a config with random weights, a folder of saved weights, a hub, or a server.

A config goes by transformers' own names, as in any `config.json`; `encoder`, `mlp` and `linear` are our own
model types.  No torch.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from profiling.checks import Fields, read_json
from profiling.errors import WorkloadError

# How a model can be named; a workload takes exactly one of them.
PLACES = ("config", "path", "hub", "url")
LARGEST_CONFIG_BYTES = 1_000_000

# What a model is for, where the workload does not say; `recommend` is a language model over items, so it must.
TASK_OF = {
    "bert": "text",
    "encoder": "text",
    "vit": "image",
    "resnet": "image",
    "whisper": "speech",
    "mlp": "regress",
    "linear": "regress",
}
# What families call the width of their feed-forward layers.
FEED_FORWARD_COLUMNS = ("intermediate_size", "n_inner", "encoder_ffn_dim", "decoder_ffn_dim")

TASKS = ("text", "causal", "image", "speech", "recommend", "regress")

# Before configs were spoken in transformers' own names, two families had names of ours.
_OLD_NAMES = {
    "layers": "num_hidden_layers",
    "hidden": "hidden_size",
    "heads": "num_attention_heads",
    "kv_heads": "num_key_value_heads",
    "ffn": "intermediate_size",
    "vocab": "vocab_size",
    "positions": "max_position_embeddings",
    "tied": "tie_word_embeddings",
    "labels": "num_labels",
}
_ONLY_LLAMA = ("kv_heads", "tied")


def checked(data: object, where: str) -> dict[str, Any]:
    """A model's source from plain JSON; raises WorkloadError unless it names exactly one place."""
    fields = Fields.of(data, where, WorkloadError)
    if "family" in fields.values:
        return {"config": _migrated(fields.values)}
    named = [name for name in PLACES if name in fields.values]
    if len(named) != 1:
        raise WorkloadError(f"{where}: names {' and '.join(named) or 'no model'}; give one of {', '.join(PLACES)}")
    if unknown := fields.beyond((*PLACES, "name", "device")):
        fields.fail(next(iter(unknown)), f"is not known; a model has one of {', '.join(PLACES)}")
    if named == ["config"]:
        Fields.of(fields["config"], f"{where}.config", WorkloadError).text("model_type")
    else:
        fields.text(named[0])
    if named == ["url"]:
        fields.text("name")
        fields.optional_text("device")  # what the server runs on, which nobody here can see
    return dict(fields.values)


def config_of(model: Mapping[str, Any]) -> dict[str, Any] | None:
    """The config behind a source, of old records as of new ones; None where only the hub or the server knows it.

    Raises WorkloadError where a folder has no readable `config.json`.
    """
    if "family" in model:
        return _migrated(model)
    if "config" in model:
        return dict(model["config"])
    if "path" in model:
        found: dict[str, Any] = read_json(Path(model["path"]) / "config.json", LARGEST_CONFIG_BYTES, WorkloadError)
        return found
    return None


def _migrated(model: Mapping[str, Any]) -> dict[str, Any]:
    """A shape as the first version of records wrote it."""
    skipped = () if model["family"] == "llama" else _ONLY_LLAMA
    named = {new: model[old] for old, new in _OLD_NAMES.items() if old in model and old not in skipped}
    if model["family"] == "llama":
        named.pop("num_labels", None)
    return {"model_type": model["family"], **named}


def task_of(model: Mapping[str, Any]) -> str:
    """What a model of that source is for, unless the workload says otherwise."""
    config = config_of(model) or {}
    return TASK_OF.get(str(config.get("model_type")), "causal")


def title(model: Mapping[str, Any]) -> str:
    """The model for people: `bert, 6 layers x 384`, or where it lies."""
    for place in ("path", "hub"):
        if place in model:
            return str(model[place])
    if "url" in model:
        return f"{model['name']} at {model['url']}"
    config = config_of(model) or {}
    layers, hidden = config.get("num_hidden_layers"), config.get("hidden_size")
    size = f", {layers} layers x {hidden}" if layers and hidden else ""
    return f"{config.get('model_type')}{size}, random weights"


def columns_kept(columns: int, pruned_percent: int) -> int:
    """How many columns of a feed-forward layer remain: at least one."""
    return max(1, round(columns * (100 - pruned_percent) / 100))


def with_fewer_columns(config: Mapping[str, Any], pruned_percent: int) -> dict[str, Any]:
    """A config whose feed-forward layers have that many columns less, under each name that a family has for them."""
    found = dict(config)
    if config.get("model_type") == "gpt2":  # which leaves it out where it is four times the width
        found["n_inner"] = config.get("n_inner") or 4 * int(config.get("n_embd") or config.get("hidden_size", 768))
    for name in FEED_FORWARD_COLUMNS:
        if isinstance(found.get(name), int):
            found[name] = columns_kept(found[name], pruned_percent)
    return found
