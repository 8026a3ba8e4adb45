"""T5 (arXiv:1910.10683) and mT5 (arXiv:2010.11934): an encoder and a decoder; an example is as long on both sides."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from profiling.models.architecture import decoder
from profiling.models.architecture.model import Architecture, Attention, Matrix
from profiling.models.architecture.settings import Settings

_T5 = {
    "vocab_size": 32128,
    "d_model": 512,
    "d_kv": 64,
    "d_ff": 2048,
    "num_layers": 6,
    "num_heads": 8,
    "relative_attention_num_buckets": 32,
    "feed_forward_proj": "relu",
    "tie_word_embeddings": True,
}
DEFAULTS: dict[str, dict[str, Any]] = {
    "t5": _T5,
    "mt5": {
        **_T5,
        "vocab_size": 250112,
        "d_ff": 1024,
        "num_layers": 8,
        "num_heads": 6,
        "feed_forward_proj": "gated-gelu",
    },
}
_ALIASES = {
    "hidden_size": "d_model",
    "num_attention_heads": "num_heads",
    "num_hidden_layers": "num_layers",
    "head_dim": "d_kv",
}
_PROJECTIONS = ("relu", "gelu", "gelu_new", "gated-gelu", "gated-silu", "gated-relu")


def build(config: Mapping[str, Any]) -> Architecture:
    """No biases; one table of relative positions on either side, in its first layer.

    `tie_word_embeddings` is taken at its word, as the published counts of mT5 are untied; since transformers 5 both
    types are tied whatever it says.
    """
    settings = Settings(config, DEFAULTS[str(config["model_type"])], _ALIASES)
    hidden, size, ffn, encoders, heads, vocab, buckets = (
        settings.size(name)
        for name in (
            "d_model",
            "d_kv",
            "d_ff",
            "num_layers",
            "num_heads",
            "vocab_size",
            "relative_attention_num_buckets",
        )
    )
    decoders = settings.size("num_decoder_layers", otherwise=encoders)
    width, gated = heads * size, settings.word("feed_forward_proj", _PROJECTIONS).startswith("gated")
    return Architecture(
        settings.model_type,
        encoders + decoders,
        hidden,
        heads,
        vocab,
        matrices=(
            *_attention(hidden, width, encoders, decodes=False),
            *_feed_forward(hidden, ffn, encoders, gated, decodes=False),
            *_attention(hidden, width, decoders),
            *_cross_attention(hidden, width, decoders),
            *_feed_forward(hidden, ffn, decoders, gated),
            decoder.output(settings, hidden, vocab, settings.flag("tie_word_embeddings")),
        ),
        # The encoder's own, the decoder's own, and the decoder's look at the encoder.
        attentions=(Attention(encoders + 2 * decoders, width, width),),
        lookups=vocab * hidden + 2 * buckets * heads,
        vectors=(2 * encoders + 3 * decoders + 2) * hidden,
        cached_per_token=2 * decoders * width,
        adapted=("q", "v"),
    )


def _attention(hidden: int, width: int, layers: int, decodes: bool = True) -> tuple[Matrix, ...]:
    inward = tuple(Matrix(name, hidden, width, layers, decodes=decodes) for name in ("q", "k", "v"))
    return (*inward, Matrix("o", width, hidden, layers, decodes=decodes))


def _cross_attention(hidden: int, width: int, layers: int) -> tuple[Matrix, ...]:
    """Keys and values are made once of the encoder's answer, not in every decoding step."""
    once = tuple(Matrix(name, hidden, width, layers, decodes=False) for name in ("k", "v"))
    return (Matrix("q", hidden, width, layers), *once, Matrix("o", width, hidden, layers))


def _feed_forward(hidden: int, ffn: int, layers: int, gated: bool, decodes: bool = True) -> tuple[Matrix, ...]:
    inward = ("wi_0", "wi_1") if gated else ("wi",)
    made = tuple(Matrix(name, hidden, ffn, layers, decodes=decodes) for name in inward)
    return (*made, Matrix("wo", ffn, hidden, layers, decodes=decodes))
