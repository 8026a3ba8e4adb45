"""Parts that several families share: blocks of a Transformer, and the frame of a language model."""

from __future__ import annotations

from collections.abc import Sequence

from profiling.architecture.model import PER_TOKEN, Architecture, Attention, Matrix, Rows
from profiling.architecture.settings import Settings


def plain_block(
    hidden: int,
    ffn: int,
    layers: int,
    names: Sequence[str],
    *,
    bias: bool = True,
    qkv_bias: bool | None = None,
    rows: Rows = PER_TOKEN,
) -> tuple[Matrix, ...]:
    """Return the matrices of the first Transformer's block (arXiv:1706.03762) in all layers.

    `names` has queries, keys and values as one matrix or as three, then the attention's output, and the two
    matrices of the feed-forward.  `qkv_bias` is `bias` unless it is given.
    """
    *qkv, output, up, down = names
    of_qkv = bias if qkv_bias is None else qkv_bias
    return (
        *(Matrix(name, hidden, 3 * hidden // len(qkv), layers, bias=of_qkv, rows=rows) for name in qkv),
        Matrix(output, hidden, hidden, layers, bias=bias, rows=rows),
        Matrix(up, hidden, ffn, layers, bias=bias, rows=rows),
        Matrix(down, ffn, hidden, layers, bias=bias, rows=rows),
    )


def gated_mlp(hidden: int, ffn: int, layers: int, *, bias: bool = False) -> tuple[Matrix, ...]:
    """Return the three matrices of SwiGLU and similar MLPs (arXiv:2002.05202); none where no layer has them."""
    if layers == 0:
        return ()
    return (
        Matrix("gate_proj", hidden, ffn, layers, bias=bias),
        Matrix("up_proj", hidden, ffn, layers, bias=bias),
        Matrix("down_proj", ffn, hidden, layers, bias=bias),
    )


def experts(settings: Settings, ffn: int, layers: int, count: int) -> tuple[Matrix, ...]:
    """Return a router, and `count` gated experts of which each token passes a few; none where no layer has them.

    Transformers keeps all experts of a layer in two tensors, to which adapters for matrices do not attach.
    """
    if layers == 0:
        return ()
    hidden, used = settings.hidden, settings.size("num_experts_per_tok")
    if used > count:
        settings.fail("num_experts_per_tok", f"is {used}, of {count} experts; take at most as many")
    return (
        Matrix("router", hidden, count, layers),
        Matrix("experts_gate_up", hidden, 2 * ffn, layers * count, layers * used),
        Matrix("experts_down", ffn, hidden, layers * count, layers * used),
    )


def grouped_model(
    settings: Settings,
    feed_forward: Sequence[Matrix],
    *,
    qkv_bias: bool = False,
    output_bias: bool = False,
    head_norms: bool = False,
) -> Architecture:
    """Return a language model with grouped-query attention (arXiv:2305.13245) and norms without biases.

    With `head_norms` each layer has one norm of queries and one of keys, shared among the heads.
    """
    hidden, layers, size = settings.hidden, settings.layers, settings.head_size
    queries, keys = settings.heads * size, settings.kv_heads * size
    attention = (
        Matrix("q_proj", hidden, queries, layers, bias=qkv_bias),
        Matrix("k_proj", hidden, keys, layers, bias=qkv_bias),
        Matrix("v_proj", hidden, keys, layers, bias=qkv_bias),
        Matrix("o_proj", queries, hidden, layers, bias=output_bias),
    )
    return language_model(
        settings,
        (*attention, *feed_forward),
        widths=(queries, queries),
        cached=2 * keys,
        vectors=layers * (2 * hidden + 2 * size * head_norms) + hidden,
        adapted=("q_proj", "v_proj"),
    )


def language_model(
    settings: Settings,
    matrices: Sequence[Matrix],
    *,
    widths: tuple[int, int],  # of one layer's keys and values, over all heads
    cached: int,  # numbers that one token leaves in one layer's cache
    vectors: int,
    adapted: tuple[str, ...],
    positions: int = 0,  # rows of a table of learned positions
    longest: int | None = None,
    output: str = "lm_head",
) -> Architecture:
    """Return a decoder: an embedding, the family's own matrices, and an output over the vocabulary or the classes."""
    layers = settings.layers
    return Architecture(
        *settings.frame,
        (*matrices, last_matrix(settings, output)),
        (Attention(layers, *widths),),
        lookups=(settings.vocab + positions) * settings.hidden,
        vectors=vectors,
        cached_per_token=layers * cached,
        longest=longest,
        adapted=adapted,
    )


def last_matrix(settings: Settings, name: str = "lm_head") -> Matrix:
    """Return the matrix over the vocabulary, or the one over the classes of a classifier of sequences."""
    if settings.classifies:
        return Matrix("score", settings.hidden, settings.labels, role="classifier")
    return Matrix(name, settings.hidden, settings.vocab, role="vocabulary", tied=settings.flag("tie_word_embeddings"))
