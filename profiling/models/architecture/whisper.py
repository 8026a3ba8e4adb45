"""Whisper (arXiv:2212.04356): 30 s of speech through an encoder, and a decoder that writes `tokens`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from profiling.models.architecture import decoder
from profiling.models.architecture.model import PER_TOKEN, Architecture, Attention, Matrix, Rows
from profiling.models.architecture.settings import Settings

DEFAULTS: dict[str, dict[str, Any]] = {
    "whisper": {
        "vocab_size": 51865,
        "num_mel_bins": 80,
        "d_model": 384,
        "encoder_layers": 4,
        "encoder_attention_heads": 6,
        "encoder_ffn_dim": 1536,
        "decoder_layers": 4,
        "decoder_ffn_dim": 1536,
        "max_source_positions": 1500,
        "max_target_positions": 448,
        "tie_word_embeddings": True,
    }
}
_ALIASES = {
    "hidden_size": "d_model",
    "num_hidden_layers": "encoder_layers",
    "num_attention_heads": "encoder_attention_heads",
}
# The first of two convolutions sees every frame of 10 ms, the second every other one.
_KERNEL, _STRIDE = 3, 2


def build(config: Mapping[str, Any]) -> Architecture:
    """Keys have no bias; the encoder's positions are fixed waves, kept as weights; the output is tied."""
    settings = Settings(config, DEFAULTS["whisper"], _ALIASES)
    hidden, encoders, decoders, frames, vocab = (
        settings.size(name)
        for name in ("d_model", "encoder_layers", "decoder_layers", "max_source_positions", "vocab_size")
    )
    speech = Rows(0, frames)
    return Architecture(
        settings.model_type,
        encoders + decoders,
        hidden,
        settings.size("encoder_attention_heads"),
        vocab,
        matrices=(
            *_convolutions(settings.size("num_mel_bins"), hidden, frames),
            *_attention(hidden, encoders, inward=speech, outward=speech),
            *_feed_forward(hidden, settings.size("encoder_ffn_dim"), encoders, speech),
            *_attention(hidden, decoders, inward=PER_TOKEN, outward=PER_TOKEN),
            *_attention(hidden, decoders, inward=speech, outward=PER_TOKEN),
            *_feed_forward(hidden, settings.size("decoder_ffn_dim"), decoders, PER_TOKEN),
            decoder.output(settings, hidden, vocab, settings.flag("tie_word_embeddings"), "proj_out"),
        ),
        attentions=(
            Attention(encoders, hidden, hidden, frames, frames),
            Attention(decoders, hidden, hidden),
            Attention(decoders, hidden, hidden, None, frames),
        ),
        lookups=(vocab + settings.size("max_target_positions") + frames) * hidden,
        vectors=(2 * encoders + 3 * decoders + 2) * 2 * hidden,
        cached_per_token=2 * decoders * hidden,
        cached_per_example=2 * decoders * hidden * frames,
        fixed_positions=frames,
        longest=settings.size("max_target_positions"),
        adapted=("q_proj", "v_proj"),
    )


def _convolutions(bins: int, hidden: int, frames: int) -> tuple[Matrix, ...]:
    return (
        Matrix("conv1", _KERNEL * bins, hidden, bias=True, rows=Rows(0, _STRIDE * frames), from_data=True),
        Matrix("conv2", _KERNEL * hidden, hidden, bias=True, rows=Rows(0, frames)),
    )


def _attention(hidden: int, layers: int, inward: Rows, outward: Rows) -> tuple[Matrix, ...]:
    """`inward` are the rows of keys and values, `outward` those of queries and of what comes of them."""
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
