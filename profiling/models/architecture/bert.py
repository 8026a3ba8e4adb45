"""BERT (arXiv:1810.04805) and RoBERTa (arXiv:1907.11692) as classifiers of texts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from profiling.models.architecture import decoder
from profiling.models.architecture.model import ONCE, Architecture, Matrix
from profiling.models.architecture.settings import Settings

_BERT = {
    "vocab_size": 30522,
    "hidden_size": 768,
    "num_hidden_layers": 12,
    "num_attention_heads": 12,
    "intermediate_size": 3072,
    "max_position_embeddings": 512,
    "type_vocab_size": 2,
}
DEFAULTS: dict[str, dict[str, Any]] = {"bert": _BERT, "roberta": {**_BERT, "vocab_size": 50265}}


def build(config: Mapping[str, Any]) -> Architecture:
    """The encoder, then one square matrix and the classes, both on the first token alone."""
    settings = Settings(config, DEFAULTS[str(config["model_type"])])
    hidden, layers, heads, vocab, ffn = (
        settings.size(name)
        for name in ("hidden_size", "num_hidden_layers", "num_attention_heads", "vocab_size", "intermediate_size")
    )
    # RoBERTa has the square matrix in its classifier, where BERT has it in the pooler of its body.
    square = "pooler.dense" if settings.model_type == "bert" else "classifier.dense"
    last = "classifier" if settings.model_type == "bert" else "classifier.out_proj"
    # RoBERTa numbers positions from behind its padding's, which takes the first two rows.
    positions = settings.size("max_position_embeddings")
    skipped = 0 if settings.model_type == "bert" else 2
    return Architecture(
        settings.model_type,
        layers,
        hidden,
        heads,
        vocab,
        matrices=(
            *decoder.plain_attention(hidden, layers, ("query", "key", "value", "attention.output.dense")),
            Matrix("intermediate.dense", hidden, ffn, layers, bias=True),
            Matrix("output.dense", ffn, hidden, layers, bias=True),
            Matrix(square, hidden, hidden, bias=True, rows=ONCE),
            Matrix(last, hidden, settings.labels, bias=True, rows=ONCE, role="classifier"),
        ),
        attentions=decoder.self_attention(layers, hidden),
        lookups=(vocab + positions + settings.size("type_vocab_size")) * hidden,
        vectors=(2 * layers + 1) * 2 * hidden,
        longest=positions - skipped,
        adapted=("query", "value"),
    )
