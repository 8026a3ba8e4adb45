"""What a config says besides a model's shape: how its weights are stored, and what the counts leave out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from profiling.architecture import quantised
from profiling.architecture.model import Architecture


def remarks(config: Mapping[str, Any], model: Architecture) -> Iterator[str]:
    """Yield a sentence for each thing in a config that changes what the counts mean."""
    yield from _quantisation(config, model)
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


def positions(config: Mapping[str, Any]) -> int | None:
    """Return the positions that a config, or the one of the text model in it, names; None where it names none."""
    inner = config.get("text_config")
    named = [one.get("max_position_embeddings") for one in (config, inner) if isinstance(one, Mapping)]
    return next((one for one in named if isinstance(one, int)), None)


def _quantisation(config: Mapping[str, Any], model: Architecture) -> Iterator[str]:
    """Yield what the config says of quantisation, and what is made of it."""
    said, precision = quantised.says(config), quantised.stored(config)
    if said is None:
        return
    if not isinstance(said, Mapping):
        yield f"Its quantization_config is {said!r:.80}, and no object: what its weights take is not known here."
        return
    details = [f"{name} {said[name]}" for name in ("quant_method", "bits", "weight_block_size") if said.get(name)]
    known = f"the weights are stored in {precision}" if precision else "what its weights take is not known here"
    yield f"Its quantization_config says {', '.join(details) or 'no method'}: {known}."
    if precision == "fp8" and model.caches:
        yield "Served as stored, its cache is counted in FP8, too; in 16 bits it takes twice as much."
    plain = [one for one in quantised.as_stored(config, model).matrices if one.role == "plain"]
    if precision and plain:
        share = sum(one.weights for one in plain) / model.parameters
        yield f"Its quantization_config leaves {share:.1%} of the weights in 16 bits, beside words and output."
