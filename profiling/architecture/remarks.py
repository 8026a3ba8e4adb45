"""What a config says besides a model's shape: how its weights are stored, and what the counts leave out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from profiling.architecture.model import Architecture

# Methods of `quantization_config` that always store weights in one way, by the names that footprints have.
_STORED = {"fp8": "fp8", "fbgemm_fp8": "fp8", "mxfp4": "mxfp4"}
# Methods that keep a scale and a zero point for each group of weights, by their bits.
_GROUPED = ("gptq", "awq", "auto-round")
_GROUPED_BITS = {4: "int4-groups", 8: "int8"}
# What compressed-tensors says of the weights of a group of layers.
_COMPRESSED: Mapping[object, str] = {("float", "8"): "fp8", ("int", "8"): "int8", ("int", "4"): "int4-groups"}


def stored(config: Mapping[str, Any]) -> str | None:
    """Return the precision in which a checkpoint keeps its weights, where its config says another one than 16 bits."""
    says = _quantisation(config)
    method = says.get("quant_method")
    if method in _GROUPED:
        return _GROUPED_BITS.get(says.get("bits", 0))
    if method == "bitsandbytes" and says.get("load_in_4bit"):
        return "nf4-double" if says.get("bnb_4bit_use_double_quant") else "nf4"
    if method == "bitsandbytes":
        return "int8"
    if method == "compressed-tensors":
        return _compressed(says.get("config_groups"))
    if method == "modelopt" and says.get("quant_algo") == "FP8":
        return "fp8"
    return _STORED.get(str(method))


def remarks(config: Mapping[str, Any], model: Architecture) -> Iterator[str]:
    """Yield a sentence for each thing in a config that changes what the counts mean."""
    says, precision = _quantisation(config), stored(config)
    if says:
        details = [f"{name} {says[name]}" for name in ("quant_method", "bits", "weight_block_size") if says.get(name)]
        known = f"the weights are stored in {precision}" if precision else "what its weights take is not known here"
        yield f"Its quantization_config says {', '.join(details) or 'no method'}: {known}."
    if model.model_type != config.get("model_type"):
        yield f"Transformers has no type {config.get('model_type')}: counted as the class that the config names."
    if "auto_map" in config:
        yield "Its config names code of its own (auto_map), which is not read: the type's own class is counted."
    for cache in model.caches:
        if cache.window is not None:
            share = cache.per_token / cache.each / model.kv_bytes_per_token(1)
            yield f"{share:.0%} of the cache of a token is kept for the last {cache.window:,} tokens only (a window)."
    if model.cached_per_example and not model.fixed_positions:
        yield (
            f"State-space or convolution layers keep {model.cached_per_example * 2 / 1e6:,.1f} MB of a sequence of any "
            f"length; the operations on that state are not counted."
        )
    if model.vocab and (unmet := sum(one.parameters for one in model.matrices if not one.used_share)):
        yield f"{unmet:,} parameters are met by images or sound and by no token of text; operations leave them out."
    if ahead := config.get("num_nextn_predict_layers"):
        yield f"Layers that predict further tokens ({ahead}) are not part of the served model, and are not counted."


def _compressed(groups: Any) -> str | None:
    """Return the one precision in which all groups keep their weights; None where they differ, or say none."""
    listed = groups.values() if isinstance(groups, dict) else ()
    weights = [one.get("weights") if isinstance(one, dict) else None for one in listed]
    kinds = {(str(one.get("type")), str(one.get("num_bits"))) if isinstance(one, dict) else None for one in weights}
    return _COMPRESSED.get(kinds.pop()) if len(kinds) == 1 else None


def _quantisation(config: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what the config, or the one of the text model in it, says of quantisation."""
    inner = config.get("text_config")
    found = config.get("quantization_config") or (inner.get("quantization_config") if isinstance(inner, dict) else None)
    return found if isinstance(found, dict) else {}
