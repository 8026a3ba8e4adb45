"""DeepSeek-V3: latent attention, shared and routed experts, and a few dense layers first (arXiv:2412.19437).

The layer that predicts a second token ahead is not part of the served model, and is not counted.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from profiling.architecture import blocks
from profiling.architecture.model import Architecture, Matrix
from profiling.architecture.settings import Settings, shape

DEFAULTS: dict[str, dict[str, Any]] = {
    "deepseek_v3": {
        **shape(7168, 61, 128, vocab_size=129280, intermediate_size=18432, tie_word_embeddings=False),
        "moe_intermediate_size": 2048,
        "n_shared_experts": 1,
        "n_routed_experts": 256,
        "num_experts_per_tok": 8,
        "first_k_dense_replace": 3,
        "kv_lora_rank": 512,
        "q_lora_rank": 1536,
        "qk_rope_head_dim": 64,
        "qk_nope_head_dim": 128,
        "v_head_dim": 128,
        "attention_bias": False,
    }
}
_ALIASES = {"num_local_experts": "n_routed_experts"}


def build(config: Mapping[str, Any]) -> Architecture:
    """Return the model; the cache holds the latent and the rotated key (arXiv:2405.04434, section 2.1)."""
    settings = Settings(config, DEFAULTS["deepseek_v3"], _ALIASES)
    hidden, layers, heads = settings.hidden, settings.layers, settings.heads
    latent, rotated = settings.size("kv_lora_rank"), settings.size("qk_rope_head_dim")
    plain, value = settings.size("qk_nope_head_dim"), settings.size("v_head_dim")
    # Null is a value here: queries without a latent of their own.
    has_query_latent = config.get("q_lora_rank", ...) is not None
    query_latent = settings.size("q_lora_rank") if has_query_latent else 0
    key, bias = plain + rotated, settings.flag("attention_bias")
    queries = [Matrix("q_proj", hidden, heads * key, layers)]
    if has_query_latent:
        first = Matrix("q_a_proj", hidden, query_latent, layers, bias=bias)
        queries = [first, Matrix("q_b_proj", query_latent, heads * key, layers)]
    attention = (
        *queries,
        Matrix("kv_a_proj_with_mqa", hidden, latent + rotated, layers, bias=bias),
        Matrix("kv_b_proj", latent, heads * (plain + value), layers),
        Matrix("o_proj", heads * value, hidden, layers, bias=bias),
    )
    # Dense layers come first, then layers with a router, shared experts and routed ones.
    dense = min(layers, settings.count("first_k_dense_replace"))
    expert, shared = settings.size("moe_intermediate_size"), settings.count("n_shared_experts")
    feed_forward = (
        *blocks.gated_mlp(hidden, settings.ffn, dense),
        *blocks.gated_mlp(hidden, expert * shared, layers - dense if shared else 0),
        *blocks.experts(settings, expert, layers - dense, settings.size("n_routed_experts")),
    )
    return blocks.language_model(
        settings,
        (*attention, *feed_forward),
        widths=(heads * key, heads * value),
        cached=latent + rotated,
        # Two norms a layer, one of each latent, and one at the end.
        vectors=layers * (2 * hidden + latent + query_latent) + hidden,
        adapted=("kv_a_proj_with_mqa", "kv_b_proj"),
    )
