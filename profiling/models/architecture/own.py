"""The model types that are ours: a Transformer encoder from scratch, and two small models whose answer is known.

`encoder`: an embedding of words and one of positions, `torch.nn.TransformerEncoder` with its defaults (biases,
two norms a layer, none at the end), the mean over the tokens, and one matrix with bias over `num_labels`.
`mlp`: matrices with biases between each two of `sizes`, whose first is the number of features, and a last one to
`num_labels`.  `linear`: one matrix with bias from `features` to `num_labels` numbers, which is one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import pairwise
from typing import Any

from profiling.models.architecture import decoder
from profiling.models.architecture.model import ONCE, Architecture, Matrix
from profiling.models.architecture.settings import Settings

DEFAULTS: dict[str, dict[str, Any]] = {
    "encoder": {
        "vocab_size": 30522,
        "hidden_size": 256,
        "num_hidden_layers": 4,
        "num_attention_heads": 4,
        "intermediate_size": 1024,
        "max_position_embeddings": 512,
    },
    "mlp": {"sizes": [8, 64, 64], "num_labels": 1},
    "linear": {"features": 16, "num_labels": 1},
}


def build(config: Mapping[str, Any]) -> Architecture:
    """The model of an `encoder`, `mlp` or `linear` config."""
    return {"encoder": _encoder, "mlp": _mlp, "linear": _linear}[str(config["model_type"])](config)


def _encoder(config: Mapping[str, Any]) -> Architecture:
    settings = Settings(config, DEFAULTS["encoder"])
    hidden, layers, heads, ffn, vocab, positions = (
        settings.size(name)
        for name in (
            "hidden_size",
            "num_hidden_layers",
            "num_attention_heads",
            "intermediate_size",
            "vocab_size",
            "max_position_embeddings",
        )
    )
    return Architecture(
        settings.model_type,
        layers,
        hidden,
        heads,
        vocab,
        matrices=(
            Matrix("self_attn.in_proj", hidden, 3 * hidden, layers, bias=True),
            Matrix("self_attn.out_proj", hidden, hidden, layers, bias=True),
            Matrix("linear1", hidden, ffn, layers, bias=True),
            Matrix("linear2", ffn, hidden, layers, bias=True),
            _once("classifier", hidden, settings.labels),
        ),
        attentions=decoder.self_attention(layers, hidden),
        lookups=(vocab + positions) * hidden,
        vectors=2 * layers * 2 * hidden,
        longest=positions,
        adapted=("linear1", "linear2"),
    )


def _mlp(config: Mapping[str, Any]) -> Architecture:
    settings = Settings(config, DEFAULTS["mlp"])
    sizes = settings.sizes("sizes")
    if not sizes:
        settings.fields.fail("sizes", "is empty; begin with the number of features")
    inner = [
        replace(_once(f"hidden.{place}", *pair, first=place == 0), role="body")
        for place, pair in enumerate(pairwise(sizes))
    ]
    last = _once("output", sizes[-1], settings.labels, first=not inner)
    return Architecture(settings.model_type, len(sizes), sizes[-1], 0, 0, (*inner, last), fixed_positions=1)


def _linear(config: Mapping[str, Any]) -> Architecture:
    settings = Settings(config, DEFAULTS["linear"])
    features = settings.size("features")
    return Architecture(
        settings.model_type,
        1,
        features,
        0,
        0,
        (_once("output", features, settings.labels, first=True),),
        fixed_positions=1,
    )


def _once(name: str, inputs: int, outputs: int, first: bool = False) -> Matrix:
    """A matrix with bias that each example passes once; by default it gives the answer."""
    return Matrix(name, inputs, outputs, bias=True, rows=ONCE, role="classifier", from_data=first)
