"""Llama and the dense models built like it: Mistral, Qwen2, Qwen3, Gemma.  Source: their `config.json` fields.

A sliding window is not looked at: attention and cache count every token, as eager attention computes them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from profiling.models.architecture import decoder
from profiling.models.architecture.model import Architecture
from profiling.models.architecture.settings import Settings

_COMMON = {
    "vocab_size": 32000,
    "hidden_size": 4096,
    "intermediate_size": 11008,
    "num_hidden_layers": 32,
    "num_attention_heads": 32,
    "tie_word_embeddings": False,
    "attention_bias": False,
    "mlp_bias": False,
}
_QWEN = {**_COMMON, "vocab_size": 151936, "intermediate_size": 22016, "num_key_value_heads": 32}
_GEMMA = {
    "vocab_size": 256000,
    "hidden_size": 3072,
    "intermediate_size": 24576,
    "num_hidden_layers": 28,
    "num_attention_heads": 16,
    "num_key_value_heads": 16,
    "head_dim": 256,
    "tie_word_embeddings": True,
}
DEFAULTS: dict[str, dict[str, Any]] = {
    "llama": _COMMON,
    "mistral": {**_COMMON, "intermediate_size": 14336, "num_key_value_heads": 8},
    "qwen2": _QWEN,
    "qwen3": {**_QWEN, "head_dim": 128},
    "gemma": {**_COMMON, **_GEMMA},
}


def build(config: Mapping[str, Any]) -> Architecture:
    """L·(2·d·H·h + 2·d·K·h + 3·d·f + 2·d) + V·d (twice if untied) + d, and the family's biases and norms."""
    settings = Settings(config, DEFAULTS[str(config["model_type"])])
    family = settings.model_type
    hidden, layers, heads = (settings.size(f) for f in ("hidden_size", "num_hidden_layers", "num_attention_heads"))
    vocab, size = settings.size("vocab_size"), settings.head_size(heads, hidden)
    bias = settings.flag("attention_bias") if family in ("llama", "qwen3", "gemma") else False
    matrices = (
        # Qwen2 has biases on queries, keys and values alone, and no setting for them.
        *decoder.grouped_attention(settings, bias=bias or family == "qwen2", output_bias=bias),
        *decoder.gated_mlp(
            hidden,
            settings.size("intermediate_size"),
            layers,
            bias=family == "llama" and settings.flag("mlp_bias"),
        ),
        decoder.output(settings, hidden, vocab, settings.flag("tie_word_embeddings")),
    )
    # Qwen3 has a norm of queries and one of keys, shared among the heads.
    norms = 2 * hidden + (2 * size if family == "qwen3" else 0)
    return Architecture(
        family,
        layers,
        hidden,
        heads,
        vocab,
        matrices,
        decoder.self_attention(layers, heads * size),
        lookups=vocab * hidden,
        vectors=layers * norms + hidden,
        cached_per_token=2 * layers * size * settings.size("num_key_value_heads", otherwise=heads),
        adapted=("q_proj", "v_proj"),
    )
