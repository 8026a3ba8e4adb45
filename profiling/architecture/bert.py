"""BERT (arXiv:1810.04805) and RoBERTa (arXiv:1907.11692) as classifiers of texts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from profiling.architecture import blocks
from profiling.architecture.model import ONCE, Architecture, Attention, Matrix
from profiling.architecture.settings import Settings, shape

_BERT = shape(768, 12, 12, vocab_size=30522, intermediate_size=3072, max_position_embeddings=512, type_vocab_size=2)
DEFAULTS: dict[str, dict[str, Any]] = {"bert": _BERT, "roberta": {**_BERT, "vocab_size": 50265}}
BLOCK = ("query", "key", "value", "attention.output.dense", "intermediate.dense", "output.dense")
# BERT has the square matrix before its classes in the pooler of its body, RoBERTa in its classifier.
HEAD = {"bert": ("pooler.dense", "classifier"), "roberta": ("classifier.dense", "classifier.out_proj")}
# RoBERTa counts positions from the one after its padding token's, which leaves the first two rows unused.
UNUSED_POSITIONS = {"bert": 0, "roberta": 2}


def build(config: Mapping[str, Any]) -> Architecture:
    """Return the encoder, one square matrix and the classes, the last two on the first token only."""
    settings = Settings(config, DEFAULTS[str(config["model_type"])])
    family, hidden, layers = settings.model_type, settings.hidden, settings.layers
    positions, (square, classes) = settings.size("max_position_embeddings"), HEAD[family]
    return Architecture(
        *settings.frame,
        matrices=(
            *blocks.plain_block(hidden, settings.ffn, layers, BLOCK),
            Matrix(square, hidden, hidden, bias=True, rows=ONCE),
            Matrix(classes, hidden, settings.labels, bias=True, rows=ONCE, role="classifier"),
        ),
        attentions=(Attention(layers, hidden, hidden),),
        lookups=(settings.vocab + positions + settings.size("type_vocab_size")) * hidden,
        # Two norms with biases in each layer, and one after the embedding.
        vectors=(2 * layers + 1) * 2 * hidden,
        longest=positions - UNUSED_POSITIONS[family],
        adapted=("query", "value"),
    )
