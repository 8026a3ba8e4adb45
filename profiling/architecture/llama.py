"""Llama and the dense models built like it: Mistral, Qwen2, Qwen3, Gemma.  Source: their `config.json` fields.

A sliding window is ignored: attention and cache count every token, as eager attention computes them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from profiling.architecture import blocks
from profiling.architecture.model import Architecture
from profiling.architecture.settings import Settings, shape

COMMON = shape(
    4096,
    32,
    32,
    vocab_size=32000,
    intermediate_size=11008,
    tie_word_embeddings=False,
    attention_bias=False,
    mlp_bias=False,
)
_QWEN = {**COMMON, "vocab_size": 151936, "intermediate_size": 22016, "num_key_value_heads": 32}
_GEMMA = shape(
    3072,
    28,
    16,
    vocab_size=256000,
    intermediate_size=24576,
    num_key_value_heads=16,
    head_dim=256,
    tie_word_embeddings=True,
)
DEFAULTS: dict[str, dict[str, Any]] = {
    "llama": COMMON,
    "mistral": {**COMMON, "intermediate_size": 14336, "num_key_value_heads": 8},
    "qwen2": _QWEN,
    "qwen3": {**_QWEN, "head_dim": 128},
    "gemma": {**COMMON, **_GEMMA},
}


def build(config: Mapping[str, Any]) -> Architecture:
    """Return a model of L·(2·d·H·h + 2·d·K·h + 3·d·f + 2·d) + V·d (twice if untied) + d parameters.

    The family's biases and further norms come on top.
    """
    settings = Settings(config, DEFAULTS[str(config["model_type"])])
    family = settings.model_type
    bias = family in ("llama", "qwen3", "gemma") and settings.flag("attention_bias")
    mlp_bias = family == "llama" and settings.flag("mlp_bias")
    return blocks.grouped_model(
        settings,
        blocks.gated_mlp(settings.hidden, settings.ffn, settings.layers, bias=mlp_bias),
        # Qwen2 has biases on queries, keys and values only, and no setting for them.
        qkv_bias=bias or family == "qwen2",
        output_bias=bias,
        head_norms=family == "qwen3",
    )
