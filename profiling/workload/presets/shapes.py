"""Shapes of models, under transformers' own names: those that were published, and small ones of the same families."""

from __future__ import annotations

from typing import Any

Shape = dict[str, Any]


def _transformer(model_type: str, layers: int, width: int, heads: int, **rest: int) -> Shape:
    """Return a Transformer's shape under the names that most types share; `rest` are further fields."""
    sizes = {"num_hidden_layers": layers, "hidden_size": width, "num_attention_heads": heads}
    return {"model_type": model_type, **sizes, **rest}


def _whisper(layers: int, width: int, heads: int) -> Shape:
    """Return a Whisper whose encoder and decoder are alike, with inner layers four times as wide."""
    sizes = {"layers": layers, "attention_heads": heads, "ffn_dim": 4 * width}
    halves = {f"{half}_{name}": size for name, size in sizes.items() for half in ("encoder", "decoder")}
    return {"model_type": "whisper", "d_model": width, **halves, "num_mel_bins": 80, "vocab_size": 51865}


# all-MiniLM (arXiv:2002.10957), BERT-base (arXiv:1810.04805), SmolLM2-135M.
BERT_SMALL = _transformer(
    "bert", 6, 384, 12, intermediate_size=1536, vocab_size=30522, max_position_embeddings=512, num_labels=2
)
BERT_BASE: Shape = {**BERT_SMALL, "num_hidden_layers": 12, "hidden_size": 768, "intermediate_size": 3072}
SMOL_135M: Shape = {
    **_transformer("llama", 30, 576, 9, num_key_value_heads=3, intermediate_size=1536, vocab_size=49152),
    "max_position_embeddings": 2048,
    "tie_word_embeddings": True,
}
LLAMA_TINY: Shape = {
    **SMOL_135M,
    **_transformer("llama", 4, 256, 4, num_key_value_heads=2, intermediate_size=768, vocab_size=8192),
}

# GPT-2 in its smallest size, and a tenth of it; Qwen2.5-0.5B, and a small Qwen3.
GPT2 = _transformer("gpt2", 12, 768, 12, vocab_size=50257, max_position_embeddings=1024)
GPT2_TINY: Shape = {**GPT2, "num_hidden_layers": 4, "hidden_size": 192, "num_attention_heads": 3}
QWEN_05B: Shape = {
    **_transformer("qwen2", 24, 896, 14, num_key_value_heads=2, intermediate_size=4864, vocab_size=151936),
    "max_position_embeddings": 32768,
    "tie_word_embeddings": True,
}
QWEN_TINY: Shape = {
    **_transformer("qwen3", 4, 256, 4, num_key_value_heads=2, head_dim=64, intermediate_size=768, vocab_size=32000),
    "max_position_embeddings": 2048,
    "tie_word_embeddings": True,
}

# Llama 3.2 and 3.1 (arXiv:2407.21783) in the sizes that startups tune.
LLAMA_8B: Shape = {
    **_transformer("llama", 32, 4096, 32, num_key_value_heads=8, intermediate_size=14336, vocab_size=128256),
    "max_position_embeddings": 131072,
}
LLAMA_3B: Shape = {
    **LLAMA_8B,
    **_transformer("llama", 28, 3072, 24, num_key_value_heads=8, intermediate_size=8192, vocab_size=128256),
    "head_dim": 128,
    "tie_word_embeddings": True,
}
LLAMA_1B: Shape = {
    **LLAMA_8B,
    **_transformer("llama", 16, 2048, 32, num_key_value_heads=8, intermediate_size=8192, vocab_size=128256),
    "head_dim": 64,
    "tie_word_embeddings": True,
}

# ViT-B/16 (arXiv:2010.11929) and DeiT-Ti (arXiv:2012.12877); ResNet-50 and -18 (arXiv:1512.03385).
VIT_BASE = _transformer("vit", 12, 768, 12, intermediate_size=3072, image_size=224, patch_size=16, num_labels=1000)
VIT_TINY: Shape = {**VIT_BASE, "hidden_size": 192, "num_attention_heads": 3, "intermediate_size": 768, "num_labels": 10}
RESNET_50: Shape = {
    "model_type": "resnet",
    "layer_type": "bottleneck",
    "hidden_sizes": [256, 512, 1024, 2048],
    "depths": [3, 4, 6, 3],
    "image_size": 224,
    "num_labels": 1000,
}
RESNET_18: Shape = {
    **RESNET_50,
    "layer_type": "basic",
    "hidden_sizes": [64, 128, 256, 512],
    "depths": [2, 2, 2, 2],
    "num_labels": 10,
}

# Whisper tiny (arXiv:2212.04356), and half of it in each direction.
WHISPER_TINY = _whisper(4, 384, 6)
WHISPER_HALF = _whisper(2, 192, 3)

# Two blocks over the last 200 items, as SASRec (arXiv:1808.09781, section 4.3), its width rounded up to 64.
SASREC = _transformer("gpt2", 2, 64, 1, vocab_size=20000, max_position_embeddings=200)
ENCODER = _transformer(
    "encoder", 2, 128, 4, intermediate_size=512, vocab_size=8192, max_position_embeddings=128, num_labels=8
)
MLP: Shape = {"model_type": "mlp", "sizes": [8, 64, 64], "num_labels": 1}
LINEAR: Shape = {"model_type": "linear", "features": 16}
