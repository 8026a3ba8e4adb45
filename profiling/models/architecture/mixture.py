"""Mixtures of experts: Mixtral and Qwen3-MoE with grouped-query attention."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from profiling.models.architecture import decoder
from profiling.models.architecture.model import Architecture, Matrix
from profiling.models.architecture.settings import Settings

DEFAULTS: dict[str, dict[str, Any]] = {
    "mixtral": {
        "vocab_size": 32000,
        "hidden_size": 4096,
        "intermediate_size": 14336,
        "num_hidden_layers": 32,
        "num_attention_heads": 32,
        "num_key_value_heads": 8,
        "num_experts_per_tok": 2,
        "num_local_experts": 8,
        "tie_word_embeddings": False,
    },
    "qwen3_moe": {
        "vocab_size": 151936,
        "hidden_size": 2048,
        "intermediate_size": 6144,
        "moe_intermediate_size": 768,
        "num_hidden_layers": 24,
        "num_attention_heads": 32,
        "num_key_value_heads": 4,
        "num_experts_per_tok": 8,
        "num_local_experts": 128,
        "decoder_sparse_step": 1,
        "mlp_only_layers": [],
        "attention_bias": False,
        "tie_word_embeddings": False,
    },
}
_ALIASES = {"num_experts": "num_local_experts"}


def build(config: Mapping[str, Any]) -> Architecture:
    """A Mixtral (arXiv:2401.04088) or a Qwen3-MoE (arXiv:2505.09388)."""
    settings = Settings(config, DEFAULTS[str(config["model_type"])], _ALIASES)
    qwen = settings.model_type == "qwen3_moe"
    hidden, layers, heads = (settings.size(f) for f in ("hidden_size", "num_hidden_layers", "num_attention_heads"))
    vocab, size = settings.size("vocab_size"), settings.head_size(heads, hidden)
    ffn = settings.size("intermediate_size")
    sparse = _sparse_layers(settings, layers) if qwen else layers
    bias = settings.flag("attention_bias") if qwen else False
    return Architecture(
        settings.model_type,
        layers,
        hidden,
        heads,
        vocab,
        matrices=(
            *decoder.grouped_attention(settings, bias=bias, output_bias=bias),
            *decoder.gated_mlp(hidden, ffn, layers - sparse),
            *experts(settings, hidden, settings.size("moe_intermediate_size") if qwen else ffn, sparse),
            decoder.output(settings, hidden, vocab, settings.flag("tie_word_embeddings")),
        ),
        attentions=decoder.self_attention(layers, heads * size),
        lookups=vocab * hidden,
        vectors=layers * (2 * hidden + (2 * size if qwen else 0)) + hidden,
        cached_per_token=2 * layers * size * settings.size("num_key_value_heads", otherwise=heads),
        adapted=("q_proj", "v_proj"),
    )


def _sparse_layers(settings: Settings, layers: int) -> int:
    """Layers with experts: every so many, but for those that are named as plain."""
    every, plain = settings.size("decoder_sparse_step"), settings.sizes("mlp_only_layers", least=0)
    return sum((layer + 1) % every == 0 and layer not in plain for layer in range(layers))


def experts(
    settings: Settings, hidden: int, ffn: int, layers: int, number: str = "num_local_experts"
) -> tuple[Matrix, ...]:
    """The router, and gated experts of which each token meets a few; none where no layer has them.

    Transformers keeps all experts of a layer in two tensors, to which adapters for matrices do not attach.
    """
    if layers == 0:
        return ()
    count, used = settings.size(number), settings.size("num_experts_per_tok")
    if used > count:
        settings.fields.fail("num_experts_per_tok", f"is {used}, of {count} experts; take at most as many")
    copies, met = layers * count, layers * used
    return (
        Matrix("router", hidden, count, layers),
        Matrix("experts_gate_up", hidden, 2 * ffn, copies, met),
        Matrix("experts_down", ffn, hidden, copies, met),
    )
