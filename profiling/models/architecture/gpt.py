"""Decoders with one key-value head a head and a plain MLP: GPT-2, OPT, GPT-NeoX, BLOOM, MPT."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from profiling.models.architecture import decoder
from profiling.models.architecture.model import Architecture, Matrix
from profiling.models.architecture.settings import Settings

DEFAULTS: dict[str, dict[str, Any]] = {
    "gpt2": {
        "vocab_size": 50257,
        "n_positions": 1024,
        "n_embd": 768,
        "n_layer": 12,
        "n_head": 12,
        "tie_word_embeddings": True,
    },
    "opt": {
        "vocab_size": 50272,
        "hidden_size": 768,
        "num_hidden_layers": 12,
        "num_attention_heads": 12,
        "ffn_dim": 3072,
        "max_position_embeddings": 2048,
        "tie_word_embeddings": True,
    },
    "gpt_neox": {
        "vocab_size": 50432,
        "hidden_size": 6144,
        "num_hidden_layers": 44,
        "num_attention_heads": 64,
        "intermediate_size": 24576,
        "tie_word_embeddings": False,
    },
    "bloom": {"vocab_size": 250880, "hidden_size": 64, "n_layer": 2, "n_head": 8, "tie_word_embeddings": True},
    "mpt": {
        "vocab_size": 50368,
        "d_model": 2048,
        "n_layers": 24,
        "n_heads": 16,
        "expansion_ratio": 4,
        "tie_word_embeddings": True,
    },
}
# OPT's table of positions begins at the third row.
_OPT_OFFSET = 2


def build(config: Mapping[str, Any]) -> Architecture:
    """The language model of one of the families above."""
    return _BUILDERS[str(config["model_type"])](config)


def _gpt2(config: Mapping[str, Any]) -> Architecture:
    """Radford et al. 2019: biases everywhere, learned positions."""
    aliases = {
        "hidden_size": "n_embd",
        "max_position_embeddings": "n_positions",
        "num_attention_heads": "n_head",
        "num_hidden_layers": "n_layer",
    }
    settings = Settings(config, DEFAULTS["gpt2"], aliases)
    hidden, layers, heads = (settings.size(f) for f in ("n_embd", "n_layer", "n_head"))
    ffn = settings.size("n_inner", otherwise=4 * hidden)
    matrices = (
        Matrix("attn.c_attn", hidden, 3 * hidden, layers, bias=True),
        Matrix("attn.c_proj", hidden, hidden, layers, bias=True),
        Matrix("mlp.c_fc", hidden, ffn, layers, bias=True),
        Matrix("mlp.c_proj", ffn, hidden, layers, bias=True),
    )
    positions = settings.size("n_positions")
    return _decoder(settings, hidden, layers, heads, matrices, positions=positions, longest=positions, norm=2 * hidden)


def _opt(config: Mapping[str, Any]) -> Architecture:
    """arXiv:2205.01068; the shapes whose embedding is as wide as the model (all but 350M)."""
    settings = Settings(config, DEFAULTS["opt"])
    hidden, layers, heads = (settings.size(f) for f in ("hidden_size", "num_hidden_layers", "num_attention_heads"))
    if settings.size("word_embed_proj_dim", otherwise=hidden) != hidden:
        settings.fields.fail("word_embed_proj_dim", f"differs from hidden_size {hidden}; that shape is not known here")
    ffn = settings.size("ffn_dim")
    matrices = (
        *decoder.plain_attention(hidden, layers, ("q_proj", "k_proj", "v_proj", "out_proj")),
        Matrix("fc1", hidden, ffn, layers, bias=True),
        Matrix("fc2", ffn, hidden, layers, bias=True),
    )
    longest = settings.size("max_position_embeddings")
    positions = longest + _OPT_OFFSET
    return _decoder(settings, hidden, layers, heads, matrices, positions=positions, longest=longest, norm=2 * hidden)


def _gpt_neox(config: Mapping[str, Any]) -> Architecture:
    """arXiv:2204.06745, and Pythia (arXiv:2304.01373): rotary positions, an output of its own."""
    settings = Settings(config, DEFAULTS["gpt_neox"])
    hidden, layers, heads = (settings.size(f) for f in ("hidden_size", "num_hidden_layers", "num_attention_heads"))
    ffn = settings.size("intermediate_size")
    matrices = (
        Matrix("query_key_value", hidden, 3 * hidden, layers, bias=True),
        Matrix("dense", hidden, hidden, layers, bias=True),
        Matrix("dense_h_to_4h", hidden, ffn, layers, bias=True),
        Matrix("dense_4h_to_h", ffn, hidden, layers, bias=True),
    )
    return _decoder(settings, hidden, layers, heads, matrices, norm=2 * hidden, head="embed_out")


def _bloom(config: Mapping[str, Any]) -> Architecture:
    """arXiv:2211.05100: no positions, but a norm over the embedding."""
    aliases = {"num_hidden_layers": "n_layer", "num_attention_heads": "n_head", "n_embed": "hidden_size"}
    settings = Settings(config, DEFAULTS["bloom"], aliases)
    hidden, layers, heads = (settings.size(f) for f in ("hidden_size", "n_layer", "n_head"))
    matrices = (
        Matrix("query_key_value", hidden, 3 * hidden, layers, bias=True),
        Matrix("self_attention.dense", hidden, hidden, layers, bias=True),
        Matrix("dense_h_to_4h", hidden, 4 * hidden, layers, bias=True),
        Matrix("dense_4h_to_h", 4 * hidden, hidden, layers, bias=True),
    )
    return _decoder(settings, hidden, layers, heads, matrices, norm=2 * hidden, first_norm=2 * hidden)


def _mpt(config: Mapping[str, Any]) -> Architecture:
    """MosaicML's MPT: no biases at all, positions by a slope (arXiv:2108.12409)."""
    aliases = {"hidden_size": "d_model", "num_hidden_layers": "n_layers", "num_attention_heads": "n_heads"}
    settings = Settings(config, DEFAULTS["mpt"], aliases)
    hidden, layers, heads = (settings.size(f) for f in ("d_model", "n_layers", "n_heads"))
    ffn = settings.size("expansion_ratio") * hidden
    matrices = (
        Matrix("Wqkv", hidden, 3 * hidden, layers),
        Matrix("out_proj", hidden, hidden, layers),
        Matrix("up_proj", hidden, ffn, layers),
        Matrix("down_proj", ffn, hidden, layers),
    )
    return _decoder(settings, hidden, layers, heads, matrices, norm=hidden)


def _decoder(
    settings: Settings,
    hidden: int,
    layers: int,
    heads: int,
    matrices: tuple[Matrix, ...],
    *,
    norm: int,  # weights of one norm: with biases 2·d
    positions: int = 0,
    longest: int | None = None,
    first_norm: int = 0,
    head: str = "lm_head",
) -> Architecture:
    """Two norms a layer and one at the end, around the family's own matrices."""
    vocab = settings.size("vocab_size")
    last = decoder.output(settings, hidden, vocab, settings.flag("tie_word_embeddings"), head)
    return Architecture(
        settings.model_type,
        layers,
        hidden,
        heads,
        vocab,
        (*matrices, last),
        decoder.self_attention(layers, hidden),
        lookups=(vocab + positions) * hidden,
        vectors=(2 * layers + 1) * norm + first_norm,
        cached_per_token=2 * layers * hidden,
        longest=longest,
        adapted=_ADAPTED[settings.model_type],
    )


_BUILDERS = {"gpt2": _gpt2, "opt": _opt, "gpt_neox": _gpt_neox, "bloom": _bloom, "mpt": _mpt}
# Where peft puts LoRA in these models by default.
_ADAPTED = {
    "gpt2": ("attn.c_attn",),
    "opt": ("q_proj", "v_proj"),
    "gpt_neox": ("query_key_value",),
    "bloom": ("query_key_value",),
    "mpt": ("Wqkv",),
}
