"""Whisper (arXiv:2212.04356): 30 s of speech through an encoder, and a decoder that writes tokens."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from profiling.architecture import blocks
from profiling.architecture.model import PER_TOKEN, Architecture, Attention, Matrix, Rows
from profiling.architecture.settings import Settings, shape

DEFAULTS: dict[str, dict[str, Any]] = {
    "whisper": {
        **shape(384, 4, 6, vocab_size=51865, num_mel_bins=80, max_source_positions=1500, max_target_positions=448),
        "encoder_ffn_dim": 1536,
        "decoder_layers": 4,
        "decoder_ffn_dim": 1536,
        "tie_word_embeddings": True,
    }
}
_ALIASES = {
    "hidden_size": "d_model",
    "num_hidden_layers": "encoder_layers",
    "num_attention_heads": "encoder_attention_heads",
}
# Of the two convolutions that open the encoder; the stride is the second one's.
_KERNEL, _STRIDE = 3, 2


def build(config: Mapping[str, Any]) -> Architecture:
    """Return the model; keys have no bias, and the encoder's positions are fixed sinusoids that are kept as weights."""
    settings = Settings(config, DEFAULTS["whisper"], _ALIASES)
    hidden, encoders, decoders = settings.hidden, settings.layers, settings.size("decoder_layers")
    frames, tokens = settings.size("max_source_positions"), settings.size("max_target_positions")
    every, speech = Rows(0, _STRIDE * frames), Rows(0, frames)
    return Architecture(
        *(settings.model_type, encoders + decoders, hidden, settings.heads, settings.vocab),
        matrices=(
            # The first convolution meets every frame of 10 ms, the second every other one.
            Matrix("conv1", _KERNEL * settings.size("num_mel_bins"), hidden, bias=True, rows=every, from_data=True),
            Matrix("conv2", _KERNEL * hidden, hidden, bias=True, rows=speech),
            *_attention(hidden, encoders, inward=speech, outward=speech),
            *_feed_forward(hidden, settings.size("encoder_ffn_dim"), encoders, speech),
            *_attention(hidden, decoders, inward=PER_TOKEN, outward=PER_TOKEN),
            *_attention(hidden, decoders, inward=speech, outward=PER_TOKEN),
            *_feed_forward(hidden, settings.size("decoder_ffn_dim"), decoders, PER_TOKEN),
            blocks.last_matrix(settings, "proj_out"),
        ),
        attentions=(
            Attention(encoders, hidden, hidden, frames, frames),
            Attention(decoders, hidden, hidden),
            Attention(decoders, hidden, hidden, None, frames),
        ),
        lookups=(settings.vocab + tokens + frames) * hidden,
        vectors=(2 * encoders + 3 * decoders + 2) * 2 * hidden,
        cached_per_token=2 * decoders * hidden,
        cached_per_example=2 * decoders * hidden * frames,
        fixed_positions=frames,
        longest=tokens,
        adapted=("q_proj", "v_proj"),
    )


def _attention(hidden: int, layers: int, inward: Rows, outward: Rows) -> tuple[Matrix, ...]:
    """Return the matrices with `inward` rows of keys and values, and `outward` rows of queries and outputs."""
    return (
        Matrix("q_proj", hidden, hidden, layers, bias=True, rows=outward),
        Matrix("k_proj", hidden, hidden, layers, rows=inward),
        Matrix("v_proj", hidden, hidden, layers, bias=True, rows=inward),
        Matrix("out_proj", hidden, hidden, layers, bias=True, rows=outward),
    )


def _feed_forward(hidden: int, ffn: int, layers: int, rows: Rows) -> tuple[Matrix, ...]:
    return (
        Matrix("fc1", hidden, ffn, layers, bias=True, rows=rows),
        Matrix("fc2", ffn, hidden, layers, bias=True, rows=rows),
    )
