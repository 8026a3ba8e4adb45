"""Decoders with keys and values for every head and a plain MLP: GPT-2, OPT, GPT-NeoX, BLOOM, MPT."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from profiling.architecture import blocks
from profiling.architecture.model import Architecture
from profiling.architecture.settings import Settings, shape

DEFAULTS: dict[str, dict[str, Any]] = {
    "gpt2": shape(768, 12, 12, vocab_size=50257, n_positions=1024, tie_word_embeddings=True),
    "opt": shape(768, 12, 12, vocab_size=50272, ffn_dim=3072, max_position_embeddings=2048, tie_word_embeddings=True),
    "gpt_neox": shape(6144, 44, 64, vocab_size=50432, intermediate_size=24576, tie_word_embeddings=False),
    "bloom": shape(64, 2, 8, vocab_size=250880, tie_word_embeddings=True),
    "mpt": shape(2048, 24, 16, vocab_size=50368, expansion_ratio=4, tie_word_embeddings=True),
}


@dataclass(frozen=True)
class _Family:
    """Differences between the families."""

    block: tuple[str, ...]  # names of the matrices, as `plain_block` takes them
    adapted: tuple[str, ...]  # where peft puts LoRA by default
    ffn: Callable[[Settings], int]  # width of the feed-forward layers
    aliases: Mapping[str, str] = field(default_factory=dict)
    bias: bool = True
    positions: str | None = None  # the field that counts learned positions
    unused_positions: int = 0  # rows of their table before the first position
    first_norm: bool = False  # a norm over the embedding
    output: str = "lm_head"


_NEOX_MLP = ("dense_h_to_4h", "dense_4h_to_h")
_FAMILIES = {
    # Radford et al. 2019: biases everywhere, learned positions.
    "gpt2": _Family(
        ("attn.c_attn", "attn.c_proj", "mlp.c_fc", "mlp.c_proj"),
        adapted=("attn.c_attn",),
        ffn=lambda settings: settings.size("n_inner", otherwise=4 * settings.hidden),
        aliases={
            "hidden_size": "n_embd",
            "max_position_embeddings": "n_positions",
            "num_attention_heads": "n_head",
            "num_hidden_layers": "n_layer",
        },
        positions="n_positions",
    ),
    # arXiv:2205.01068: the table of positions begins at the third row.
    "opt": _Family(
        ("q_proj", "k_proj", "v_proj", "out_proj", "fc1", "fc2"),
        adapted=("q_proj", "v_proj"),
        ffn=lambda settings: settings.size("ffn_dim"),
        positions="max_position_embeddings",
        unused_positions=2,
    ),
    # arXiv:2204.06745, and Pythia (arXiv:2304.01373): rotary positions, an output of its own.
    "gpt_neox": _Family(
        ("query_key_value", "dense", *_NEOX_MLP),
        adapted=("query_key_value",),
        ffn=lambda settings: settings.ffn,
        output="embed_out",
    ),
    # arXiv:2211.05100: no positions, but a norm over the embedding.
    "bloom": _Family(
        ("query_key_value", "self_attention.dense", *_NEOX_MLP),
        adapted=("query_key_value",),
        ffn=lambda settings: 4 * settings.hidden,
        aliases={"num_hidden_layers": "n_layer", "num_attention_heads": "n_head", "n_embed": "hidden_size"},
        first_norm=True,
    ),
    # MosaicML's MPT: no biases at all, positions by a slope (arXiv:2108.12409).
    "mpt": _Family(
        ("Wqkv", "out_proj", "up_proj", "down_proj"),
        adapted=("Wqkv",),
        ffn=lambda settings: settings.size("expansion_ratio") * settings.hidden,
        aliases={"hidden_size": "d_model", "num_hidden_layers": "n_layers", "num_attention_heads": "n_heads"},
        bias=False,
    ),
}


def build(config: Mapping[str, Any]) -> Architecture:
    """Return the language model, with two norms a layer and one at the end around the family's own matrices."""
    family = _FAMILIES[str(config["model_type"])]
    settings = Settings(config, DEFAULTS[str(config["model_type"])], family.aliases)
    hidden, layers = settings.hidden, settings.layers
    if settings.model_type == "opt" and settings.size("word_embed_proj_dim", otherwise=hidden) != hidden:
        settings.fail("word_embed_proj_dim", f"differs from hidden_size {hidden}; that shape is not known here")
    longest = None if family.positions is None else settings.size(family.positions)
    norm = 2 * hidden if family.bias else hidden
    return blocks.language_model(
        settings,
        blocks.plain_block(hidden, family.ffn(settings), layers, family.block, bias=family.bias),
        widths=(hidden, hidden),
        cached=2 * hidden,
        vectors=(2 * layers + 1 + family.first_norm) * norm,
        adapted=family.adapted,
        positions=0 if longest is None else longest + family.unused_positions,
        longest=longest,
        output=family.output,
    )
