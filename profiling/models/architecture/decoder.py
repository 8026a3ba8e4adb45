"""What the language models have in common: their parts, from which a family puts itself together."""

from __future__ import annotations

from profiling.models.architecture.model import Attention, Matrix
from profiling.models.architecture.settings import Settings


def output(settings: Settings, hidden: int, vocab: int, tied: bool, name: str = "lm_head") -> Matrix:
    """The matrix over the vocabulary; of a classifier of sequences, the one over its classes."""
    if settings.classifies:
        return Matrix("score", hidden, settings.labels, role="classifier")
    return Matrix(name, hidden, vocab, role="vocabulary", tied=tied)


def grouped_attention(settings: Settings, *, bias: bool = False, output_bias: bool = False) -> tuple[Matrix, ...]:
    """Queries, keys, values and output, with as many key-value heads as the config says (arXiv:2305.13245)."""
    hidden, heads, layers = (settings.size(f) for f in ("hidden_size", "num_attention_heads", "num_hidden_layers"))
    size = settings.head_size(heads, hidden)
    shared = settings.size("num_key_value_heads", otherwise=heads) * size
    return (
        Matrix("q_proj", hidden, heads * size, layers, bias=bias),
        Matrix("k_proj", hidden, shared, layers, bias=bias),
        Matrix("v_proj", hidden, shared, layers, bias=bias),
        Matrix("o_proj", heads * size, hidden, layers, bias=output_bias),
    )


def gated_mlp(hidden: int, ffn: int, layers: int, *, bias: bool = False) -> tuple[Matrix, ...]:
    """The three matrices of SwiGLU and its kin (arXiv:2002.05202); none where no layer has them."""
    if layers == 0:
        return ()
    return (
        Matrix("gate_proj", hidden, ffn, layers, bias=bias),
        Matrix("up_proj", hidden, ffn, layers, bias=bias),
        Matrix("down_proj", ffn, hidden, layers, bias=bias),
    )


def plain_attention(
    hidden: int, layers: int, names: tuple[str, str, str, str], bias: bool = True
) -> tuple[Matrix, ...]:
    """Four square matrices a layer, as in the first Transformer (arXiv:1706.03762)."""
    return tuple(Matrix(name, hidden, hidden, layers, bias=bias) for name in names)


def self_attention(layers: int, width: int) -> tuple[Attention, ...]:
    """Every token with every token."""
    return (Attention(layers, width, width),)
