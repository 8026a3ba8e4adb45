"""Models built from their shape with random weights, and data that they can learn from."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import version
from typing import Any

import torch
from peft import LoraConfig, TaskType, get_peft_model
from transformers import BertConfig, BertForSequenceClassification, LlamaConfig, LlamaForCausalLM, PreTrainedModel

from profiling.workload import ModelShape

# Torch's fused attention, which is also what transformers takes by itself.
ATTENTION = "sdpa"
# On query and value, as in the LoRA paper (arXiv:2106.09685, section 4.2).
LORA_RANK = 8
LORA_MATRICES = ["query", "value"]

Batch = dict[str, torch.Tensor]


def build(
    shape: ModelShape, device: torch.device, dtype: torch.dtype = torch.float32, attention: str = ATTENTION
) -> Any:
    """A model of that shape on the device, its weights random: a transformers model.

    It takes its room on the device before it is initialised there, so that nothing is drawn twice.
    """
    with torch.device("meta"):
        model: Any = _unplaced(shape, attention)
    model.to_empty(device=device)
    model.init_weights()
    model.tie_weights()
    return model.to(dtype=dtype)


def _unplaced(shape: ModelShape, attention: str) -> PreTrainedModel:
    """The model's structure under whatever device is current."""
    common: dict[str, Any] = {
        "vocab_size": shape.vocab,
        "hidden_size": shape.hidden,
        "intermediate_size": shape.ffn,
        "num_hidden_layers": shape.layers,
        "num_attention_heads": shape.heads,
        "max_position_embeddings": shape.positions,
        "attn_implementation": attention,
    }
    if shape.family == "bert":
        return BertForSequenceClassification(BertConfig(**common | {"num_labels": shape.labels}))
    return LlamaForCausalLM(LlamaConfig(**common, num_key_value_heads=shape.kv_heads, tie_word_embeddings=shape.tied))


def with_lora(model: Any) -> Any:
    """The classifier with its weights frozen and adapters on query and value; the head is trained in full."""
    return get_peft_model(
        model,
        LoraConfig(
            task_type=TaskType.SEQ_CLS,
            r=LORA_RANK,
            lora_alpha=2 * LORA_RANK,
            target_modules=LORA_MATRICES,
        ),
    )


def engine() -> str:
    """What runs the model: a figure belongs to it as much as to the device."""
    return f"transformers {version('transformers')} eager, {ATTENTION} attention"


def labelled_batches(shape: ModelShape, batch: int, tokens: int, seed: int) -> Iterator[Batch]:
    """Endless texts with labels that can be learned: each class draws from its own part of the vocabulary.

    `input_ids` and `attention_mask` have shape (batch, tokens), `labels` (batch,).  On the host, from a fixed seed.
    """
    draw = torch.Generator().manual_seed(seed)
    share = shape.vocab // shape.labels
    while True:
        labels = torch.randint(shape.labels, (batch,), generator=draw)
        words = torch.randint(share, (batch, tokens), generator=draw)
        ids = words + share * labels[:, None]
        yield {"input_ids": ids, "attention_mask": torch.ones_like(ids), "labels": labels}


def prompts(shape: ModelShape, batch: int, tokens: int, seed: int) -> torch.Tensor:
    """Random prompts of shape (batch, tokens), on the host, from a fixed seed."""
    draw = torch.Generator().manual_seed(seed)
    return torch.randint(shape.vocab, (batch, tokens), generator=draw)
