"""Breakeven's own model types: a Transformer encoder from scratch, and two small models whose answer is known.

`encoder`: an embedding of words and one of positions, `torch.nn.TransformerEncoder` with its defaults (biases,
two norms a layer, none at the end), the mean over the tokens, and one matrix with bias over `num_labels`.
`mlp`: matrices with biases between each two of `sizes`, whose first is the number of features, and a last one to
`num_labels`.  `linear`: one matrix with bias from `features` to `num_labels` numbers, by default one.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from profiling.architecture import blocks
from profiling.architecture.model import ONCE, Architecture, Attention, Matrix
from profiling.architecture.settings import Settings, shape

DEFAULTS: dict[str, dict[str, Any]] = {
    "encoder": shape(256, 4, 4, vocab_size=30522, intermediate_size=1024, max_position_embeddings=512),
    "mlp": {"sizes": [8, 64, 64], "num_labels": 1},
    "linear": {"features": 16, "num_labels": 1},
}


def build(config: Mapping[str, Any]) -> Architecture:
    """Return the model of an `encoder`, `mlp` or `linear` config."""
    model_type = str(config["model_type"])
    settings = Settings(config, DEFAULTS[model_type])
    if model_type == "encoder":
        return _encoder(settings)
    sizes = settings.sizes("sizes") if model_type == "mlp" else [settings.size("features")]
    if not sizes:
        settings.fail("sizes", "is empty; begin with the number of features")
    return _perceptron(settings, sizes)


def _encoder(settings: Settings) -> Architecture:
    hidden, layers, positions = settings.hidden, settings.layers, settings.size("max_position_embeddings")
    names = ("self_attn.in_proj", "self_attn.out_proj", "linear1", "linear2")
    return Architecture(
        *settings.frame,
        matrices=(
            *blocks.plain_block(hidden, settings.ffn, layers, names),
            Matrix("classifier", hidden, settings.labels, bias=True, rows=ONCE, role="classifier"),
        ),
        attentions=(Attention(layers, hidden, hidden),),
        lookups=(settings.vocab + positions) * hidden,
        vectors=2 * layers * 2 * hidden,
        longest=positions,
        adapted=("linear1", "linear2"),
    )


def _perceptron(settings: Settings, sizes: list[int]) -> Architecture:
    """Return matrices with biases between each two sizes, and one to the labels; each example passes each once."""
    inner = [
        Matrix(f"hidden.{place}", *pair, bias=True, rows=ONCE, from_data=place == 0)
        for place, pair in enumerate(pairwise(sizes))
    ]
    alone = len(sizes) == 1
    last = Matrix("output", sizes[-1], settings.labels, bias=True, rows=ONCE, role="classifier", from_data=alone)
    return Architecture(settings.model_type, len(sizes), sizes[-1], 0, 0, (*inner, last), fixed_positions=1)
