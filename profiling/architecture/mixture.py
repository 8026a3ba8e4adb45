"""Mixtures of experts: Mixtral and Qwen3-MoE with grouped-query attention."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from profiling.architecture import blocks
from profiling.architecture.llama import COMMON
from profiling.architecture.model import Architecture
from profiling.architecture.settings import Settings, shape

DEFAULTS: dict[str, dict[str, Any]] = {
    "mixtral": {
        **COMMON,
        "intermediate_size": 14336,
        "num_key_value_heads": 8,
        "num_experts_per_tok": 2,
        "num_local_experts": 8,
    },
    "qwen3_moe": {
        **COMMON,
        **shape(2048, 24, 32, vocab_size=151936, intermediate_size=6144, moe_intermediate_size=768),
        "num_key_value_heads": 4,
        "num_experts_per_tok": 8,
        "num_local_experts": 128,
        "decoder_sparse_step": 1,
        "mlp_only_layers": [],
    },
}
_ALIASES = {"num_experts": "num_local_experts"}


def build(config: Mapping[str, Any]) -> Architecture:
    """Return a Mixtral (arXiv:2401.04088) or a Qwen3-MoE (arXiv:2505.09388)."""
    settings = Settings(config, DEFAULTS[str(config["model_type"])], _ALIASES)
    qwen = settings.model_type == "qwen3_moe"
    layers, bias = settings.layers, qwen and settings.flag("attention_bias")
    sparse = _sparse_layers(settings) if qwen else layers
    expert = settings.size("moe_intermediate_size") if qwen else settings.ffn
    feed_forward = (
        *blocks.gated_mlp(settings.hidden, settings.ffn, layers - sparse),
        *blocks.experts(settings, expert, sparse, settings.size("num_local_experts")),
    )
    return blocks.grouped_model(settings, feed_forward, qkv_bias=bias, output_bias=bias, head_norms=qwen)


def _sparse_layers(settings: Settings) -> int:
    """Return the number of layers with experts: every n-th, unless the config names it as plain."""
    every, plain = settings.size("decoder_sparse_step"), settings.sizes("mlp_only_layers", least=0)
    return sum((layer + 1) % every == 0 and layer not in plain for layer in range(settings.layers))
