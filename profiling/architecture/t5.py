"""T5 (arXiv:1910.10683) and mT5 (arXiv:2010.11934): an encoder and a decoder; both read examples of one length."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from profiling.architecture import blocks
from profiling.architecture.model import Architecture, Attention, Matrix
from profiling.architecture.settings import Settings, shape

_T5 = {
    **shape(512, 6, 8, vocab_size=32128, d_kv=64, d_ff=2048, tie_word_embeddings=True),
    "relative_attention_num_buckets": 32,
    "feed_forward_proj": "relu",
}
DEFAULTS: dict[str, dict[str, Any]] = {
    "t5": _T5,
    "mt5": {**_T5, **shape(512, 8, 6, vocab_size=250112, d_ff=1024, feed_forward_proj="gated-gelu")},
}
_ALIASES = {
    "hidden_size": "d_model",
    "num_attention_heads": "num_heads",
    "num_hidden_layers": "num_layers",
    "head_dim": "d_kv",
}
_PROJECTIONS = ("relu", "gelu", "gelu_new", "gated-gelu", "gated-silu", "gated-relu")


def build(config: Mapping[str, Any]) -> Architecture:
    """Return the model, which has no biases, and a table of relative positions in the first layer of either side.

    `tie_word_embeddings` is obeyed, since the published counts of mT5 are untied; transformers 5 ties both types
    always.
    """
    settings = Settings(config, DEFAULTS[str(config["model_type"])], _ALIASES)
    hidden, heads, encoders = settings.hidden, settings.heads, settings.layers
    ffn, width = settings.size("d_ff"), heads * settings.size("d_kv")
    decoders = settings.size("num_decoder_layers", otherwise=encoders)
    gated = settings.word("feed_forward_proj", *_PROJECTIONS).startswith("gated")
    return Architecture(
        *(settings.model_type, encoders + decoders, hidden, heads, settings.vocab),
        matrices=(
            *_attention(hidden, width, encoders, queries_decode=False, keys_decode=False),
            *_feed_forward(hidden, ffn, encoders, gated, decodes=False),
            *_attention(hidden, width, decoders),
            # Keys and values of the cross-attention are made once from the encoder's answer, not in every step.
            *_attention(hidden, width, decoders, keys_decode=False),
            *_feed_forward(hidden, ffn, decoders, gated),
            blocks.last_matrix(settings),
        ),
        # Self-attention on either side, and the cross-attention.
        attentions=(Attention(encoders + 2 * decoders, width, width),),
        lookups=settings.vocab * hidden + 2 * settings.size("relative_attention_num_buckets") * heads,
        vectors=(2 * encoders + 3 * decoders + 2) * hidden,
        cached_per_token=2 * decoders * width,
        adapted=("q", "v"),
    )


def _attention(
    hidden: int, width: int, layers: int, queries_decode: bool = True, keys_decode: bool = True
) -> tuple[Matrix, ...]:
    return (
        Matrix("q", hidden, width, layers, decodes=queries_decode),
        Matrix("k", hidden, width, layers, decodes=keys_decode),
        Matrix("v", hidden, width, layers, decodes=keys_decode),
        Matrix("o", width, hidden, layers, decodes=queries_decode),
    )


def _feed_forward(hidden: int, ffn: int, layers: int, gated: bool, decodes: bool = True) -> tuple[Matrix, ...]:
    return (
        *(Matrix(name, hidden, ffn, layers, decodes=decodes) for name in (("wi_0", "wi_1") if gated else ("wi",))),
        Matrix("wo", ffn, hidden, layers, decodes=decodes),
    )
