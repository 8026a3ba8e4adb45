"""Where a model comes from: a config with random weights, a folder of saved weights, a hub, or a server.

A config has transformers' field names, as in any `config.json`; `encoder`, `mlp` and `linear` are Breakeven's own
model types.  Torch is not imported.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from profiling.checks import OBJECT, TEXT, check, fields, integer, optional, read_json
from profiling.errors import WorkloadError, counted

# The ways to name a model; a workload takes exactly one.
PLACES = ("config", "path", "hub", "url")
LARGEST_CONFIG_BYTES = 1_000_000
# How transformers writes a float that JSON has no number for: `{"__float__": "Infinity"}`.
FLOAT = "__float__"

# The task of a model type where the workload names none; `recommend` is a language model over items, and must be named.
TASK_OF = {
    **dict.fromkeys(("bert", "roberta", "distilbert", "electra", "modernbert", "xlm-roberta"), "text"),
    **dict.fromkeys(("albert", "deberta", "deberta-v2", "mpnet", "encoder"), "text"),
    **dict.fromkeys(("vit", "resnet", "deit", "swin", "convnext", "dinov2"), "image"),
    "whisper": "speech",
    "mlp": "regress",
    "linear": "regress",
}
# Names of the width of the feed-forward layers.
FEED_FORWARD_COLUMNS = ("intermediate_size", "n_inner", "encoder_ffn_dim", "decoder_ffn_dim")

PORT_HERE = re.compile(r"(?<=^http://127\.0\.0\.1):\d+")
TASKS = ("text", "causal", "image", "speech", "recommend", "regress")


_REMARKS = {"name": TEXT, "device": optional(TEXT)}
_SOURCES = {
    "config": fields({"config": fields({"model_type": TEXT})}, _REMARKS, closed=True),
    "path": fields({"path": TEXT}, _REMARKS, closed=True),
    "hub": fields({"hub": TEXT}, _REMARKS, closed=True),
    # Device, their number and engine are what the server runs on, which cannot be seen from here; the key stands in
    # that variable.
    "url": fields(
        {"url": TEXT, "name": TEXT},
        {
            **dict.fromkeys(("device", "engine", "key_variable"), optional(TEXT)),
            "devices": optional(integer(1, 10_000)),
        },
        closed=True,
    ),
}


def checked(data: object, where: str) -> dict[str, Any]:
    """Return a model's source from plain JSON; raise WorkloadError unless it names exactly one place."""
    plain: dict[str, Any] = check(data, OBJECT, where, WorkloadError)
    named = [name for name in PLACES if name in plain]
    if len(named) != 1:
        raise WorkloadError(
            f"names {' and '.join(named) or 'no model'}", todo=f"give one of {', '.join(PLACES)}", where=where
        )
    check(plain, _SOURCES[named[0]], where, WorkloadError)
    return plain


def read_config(path: Path) -> dict[str, Any]:
    """Return the object in a `config.json`; raise WorkloadError where it cannot be read or is none.

    Hubs have configs of state-space models with an infinity, which is no JSON: it is read as transformers writes one.
    """
    found = read_json(path, LARGEST_CONFIG_BYTES, WorkloadError, lambda name: {FLOAT: name})
    if not isinstance(found, dict):
        raise WorkloadError(
            "must be an object with named fields, as transformers writes a config.json", where=str(path)
        )
    if "model_type" not in found and isinstance(name := found.get("_class_name"), str):
        what = f"{name[:80]} is a model of diffusers, whose sizes are not read"
        raise WorkloadError(what, where=str(path), todo="take a model that transformers has")
    return found


def decoded(value: Any) -> Any:
    """Return a config with the floats that JSON has no number for; raise ValueError or TypeError for any other name."""
    if isinstance(value, Mapping):
        return float(value[FLOAT]) if set(value) == {FLOAT} else {name: decoded(one) for name, one in value.items()}
    return [decoded(one) for one in value] if isinstance(value, list) else value


def config_of(model: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the config behind a source; None where only the hub or the server knows it.

    Raise WorkloadError where a folder has no readable `config.json`.
    """
    if "config" in model:
        return dict(model["config"])
    if "path" in model:
        return read_config(Path(model["path"]) / "config.json")
    return None


def recorded(model: Mapping[str, Any]) -> dict[str, Any]:
    """Return a source as a record keeps it: a folder by its name and its config, which say the same everywhere.

    Raise WorkloadError where a folder has no readable `config.json`.
    """
    if "path" in model:
        return {**model, "path": place_of(model["path"]), "config": config_of(model)}
    return {**model, "name": place_of(model["name"])} if "name" in model else dict(model)


def identified(model: Mapping[str, Any]) -> dict[str, Any]:
    """Return a source as another host has it: a server here whose engine is named is the same on any port."""
    return {**model, "url": PORT_HERE.sub("", model["url"])} if "url" in model and model.get("engine") else dict(model)


def place_of(name: str) -> str:
    """Return the name of a model without the way to the folder or the file in which it lies on this computer."""
    return Path(name).name if Path(name).is_absolute() else name


def task_of(model: Mapping[str, Any]) -> str:
    """Return the usual task of a model of that source."""
    config = config_of(model) or {}
    return TASK_OF.get(str(config.get("model_type")), "causal")


def title(model: Mapping[str, Any]) -> str:
    """Return the model as text: `bert, 6 layers x 384`, or the place of a saved model."""
    for place in ("path", "hub"):
        if place in model:
            return str(model[place])
    if "url" in model:
        return f"{model.get('name', 'a model')} at {model['url']}"
    config = config_of(model) or {}
    layers, hidden = config.get("num_hidden_layers"), config.get("hidden_size")
    size = f", {counted(layers, 'layers')} x {hidden}" if layers and hidden else ""
    return f"{config.get('model_type')}{size}, random weights"


def columns_kept(columns: int, pruned_percent: int) -> int:
    """Return how many columns of a feed-forward layer remain: at least one."""
    return max(1, round(columns * (100 - pruned_percent) / 100))


def with_fewer_columns(config: Mapping[str, Any], pruned_percent: int) -> dict[str, Any]:
    """Return a config with that share of feed-forward columns removed, whichever field counts them."""
    found = dict(config)
    if config.get("model_type") == "gpt2":  # which omits the field where it is four times the width
        found["n_inner"] = config.get("n_inner") or 4 * int(config.get("n_embd") or config.get("hidden_size", 768))
    for name in FEED_FORWARD_COLUMNS:
        if isinstance(found.get(name), int):
            found[name] = columns_kept(found[name], pruned_percent)
    return found
