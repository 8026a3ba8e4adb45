"""DeepSeek-V3: latent attention, shared and routed experts, and a few dense layers first (arXiv:2412.19437).

The layer that predicts a second token ahead is not part of the model that is served, and is not counted.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from profiling.models.architecture import decoder, mixture
from profiling.models.architecture.model import Architecture, Attention, Matrix
from profiling.models.architecture.settings import Settings

DEFAULTS: dict[str, dict[str, Any]] = {
    "deepseek_v3": {
        "vocab_size": 129280,
        "hidden_size": 7168,
        "intermediate_size": 18432,
        "moe_intermediate_size": 2048,
        "num_hidden_layers": 61,
        "num_attention_heads": 128,
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
        "tie_word_embeddings": False,
    },
}
_ALIASES = {"num_local_experts": "n_routed_experts"}


def build(config: Mapping[str, Any]) -> Architecture:
    """The model of a `deepseek_v3` config; the cache holds the latent and the rotated key (arXiv:2405.04434, 2.1)."""
    # Here null is a value: queries without a latent of their own.
    plain_queries = "q_lora_rank" in config and config["q_lora_rank"] is None
    settings = Settings(config, DEFAULTS["deepseek_v3"], _ALIASES)
    hidden, layers, heads, vocab, latent, rotated = (
        settings.size(name)
        for name in (
            "hidden_size",
            "num_hidden_layers",
            "num_attention_heads",
            "vocab_size",
            "kv_lora_rank",
            "qk_rope_head_dim",
        )
    )
    query_latent = 0 if plain_queries else settings.size("q_lora_rank")
    key, value = settings.size("qk_nope_head_dim") + rotated, settings.size("v_head_dim")
    return Architecture(
        settings.model_type,
        layers,
        hidden,
        heads,
        vocab,
        matrices=(
            *_latent_attention(settings, query_latent),
            *_feed_forward(settings, hidden, layers),
            decoder.output(settings, hidden, vocab, settings.flag("tie_word_embeddings")),
        ),
        attentions=(Attention(layers, heads * key, heads * value),),
        lookups=vocab * hidden,
        vectors=layers * (2 * hidden + latent + query_latent) + hidden,
        cached_per_token=layers * (latent + rotated),
        adapted=("kv_a_proj_with_mqa", "kv_b_proj"),
    )


def _latent_attention(settings: Settings, query_latent: int) -> tuple[Matrix, ...]:
    """Queries, keys and values through latents of low rank."""
    hidden, layers, heads = (settings.size(f) for f in ("hidden_size", "num_hidden_layers", "num_attention_heads"))
    latent, rotated = settings.size("kv_lora_rank"), settings.size("qk_rope_head_dim")
    plain, value = settings.size("qk_nope_head_dim"), settings.size("v_head_dim")
    bias, queries = settings.flag("attention_bias"), heads * (plain + rotated)
    return (
        *(
            (
                Matrix("q_a_proj", hidden, query_latent, layers, bias=bias),
                Matrix("q_b_proj", query_latent, queries, layers),
            )
            if query_latent
            else (Matrix("q_proj", hidden, queries, layers),)
        ),
        Matrix("kv_a_proj_with_mqa", hidden, latent + rotated, layers, bias=bias),
        Matrix("kv_b_proj", latent, heads * (plain + value), layers),
        Matrix("o_proj", heads * value, hidden, layers, bias=bias),
    )


def _feed_forward(settings: Settings, hidden: int, layers: int) -> tuple[Matrix, ...]:
    """Dense layers first, then a router with shared and routed experts."""
    dense = min(layers, settings.count("first_k_dense_replace"))
    expert, shared = settings.size("moe_intermediate_size"), settings.count("n_shared_experts")
    return (
        *decoder.gated_mlp(hidden, settings.size("intermediate_size"), dense),
        *decoder.gated_mlp(hidden, expert * shared, layers - dense if shared else 0),
        *mixture.experts(settings, hidden, expert, layers - dense, "n_routed_experts"),
    )
