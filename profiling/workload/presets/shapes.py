"""Shapes of models, under transformers' own names: those that were published, and small ones of the same families."""

from __future__ import annotations

from typing import Any

Shape = dict[str, Any]

# all-MiniLM (arXiv:2002.10957), BERT-base (arXiv:1810.04805), SmolLM2-135M.
BERT_SMALL: Shape = {
    "model_type": "bert",
    "num_hidden_layers": 6,
    "hidden_size": 384,
    "num_attention_heads": 12,
    "intermediate_size": 1536,
    "vocab_size": 30522,
    "max_position_embeddings": 512,
    "num_labels": 2,
}
BERT_BASE: Shape = {**BERT_SMALL, "num_hidden_layers": 12, "hidden_size": 768, "intermediate_size": 3072}
SMOL_135M: Shape = {
    "model_type": "llama",
    "num_hidden_layers": 30,
    "hidden_size": 576,
    "num_attention_heads": 9,
    "num_key_value_heads": 3,
    "intermediate_size": 1536,
    "vocab_size": 49152,
    "max_position_embeddings": 2048,
    "tie_word_embeddings": True,
}
LLAMA_TINY: Shape = {
    **SMOL_135M,
    "num_hidden_layers": 4,
    "hidden_size": 256,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "intermediate_size": 768,
    "vocab_size": 8192,
}

# GPT-2 in its smallest size, and a tenth of it; Qwen2.5-0.5B, and a small Qwen3.
GPT2: Shape = {
    "model_type": "gpt2",
    "num_hidden_layers": 12,
    "hidden_size": 768,
    "num_attention_heads": 12,
    "vocab_size": 50257,
    "max_position_embeddings": 1024,
}
GPT2_TINY: Shape = {**GPT2, "num_hidden_layers": 4, "hidden_size": 192, "num_attention_heads": 3}
QWEN_05B: Shape = {
    "model_type": "qwen2",
    "num_hidden_layers": 24,
    "hidden_size": 896,
    "num_attention_heads": 14,
    "num_key_value_heads": 2,
    "intermediate_size": 4864,
    "vocab_size": 151936,
    "max_position_embeddings": 32768,
    "tie_word_embeddings": True,
}
QWEN_TINY: Shape = {
    "model_type": "qwen3",
    "num_hidden_layers": 4,
    "hidden_size": 256,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "head_dim": 64,
    "intermediate_size": 768,
    "vocab_size": 32000,
    "max_position_embeddings": 2048,
    "tie_word_embeddings": True,
}

# ViT-B/16 (arXiv:2010.11929) and DeiT-Ti (arXiv:2012.12877); ResNet-50 and -18 (arXiv:1512.03385).
VIT_BASE: Shape = {
    "model_type": "vit",
    "num_hidden_layers": 12,
    "hidden_size": 768,
    "num_attention_heads": 12,
    "intermediate_size": 3072,
    "image_size": 224,
    "patch_size": 16,
    "num_labels": 1000,
}
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
WHISPER_TINY: Shape = {
    "model_type": "whisper",
    "d_model": 384,
    "encoder_layers": 4,
    "decoder_layers": 4,
    "encoder_attention_heads": 6,
    "decoder_attention_heads": 6,
    "encoder_ffn_dim": 1536,
    "decoder_ffn_dim": 1536,
    "num_mel_bins": 80,
    "vocab_size": 51865,
}
WHISPER_HALF: Shape = {
    **WHISPER_TINY,
    "d_model": 192,
    "encoder_layers": 2,
    "decoder_layers": 2,
    "encoder_attention_heads": 3,
    "decoder_attention_heads": 3,
    "encoder_ffn_dim": 768,
    "decoder_ffn_dim": 768,
}

# Two blocks over the last 200 items, as SASRec (arXiv:1808.09781, section 4.3), its width rounded up to 64.
SASREC: Shape = {
    "model_type": "gpt2",
    "num_hidden_layers": 2,
    "hidden_size": 64,
    "num_attention_heads": 1,
    "vocab_size": 20000,
    "max_position_embeddings": 200,
}
ENCODER: Shape = {
    "model_type": "encoder",
    "num_hidden_layers": 2,
    "hidden_size": 128,
    "num_attention_heads": 4,
    "intermediate_size": 512,
    "vocab_size": 8192,
    "max_position_embeddings": 128,
    "num_labels": 8,
}
MLP: Shape = {"model_type": "mlp", "sizes": [8, 64, 64], "num_labels": 1}
LINEAR: Shape = {"model_type": "linear", "features": 16}
