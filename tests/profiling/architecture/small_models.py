"""Small configs, one for each family and each setting that changes a size, and the models built from them."""

from functools import cache
from typing import Any

import torch
from torch.utils.flop_counter import FlopCounterMode
from transformers import (
    AutoConfig,
    AutoModelForCausalLM,
    AutoModelForImageClassification,
    AutoModelForSeq2SeqLM,
    AutoModelForSequenceClassification,
    AutoModelForSpeechSeq2Seq,
)

from profiling import architecture
from profiling.architecture import Architecture

TEXT_CLASSIFIERS = ("bert", "roberta", "xlm-roberta", "deberta-v2", "distilbert", "encoder", "mlp", "linear")
# Transformers' class for a model type; every other type is a language model.
CLASSES: dict[str, Any] = {
    **dict.fromkeys(TEXT_CLASSIFIERS, AutoModelForSequenceClassification),
    **dict.fromkeys(("vit", "resnet"), AutoModelForImageClassification),
    **dict.fromkeys(("t5", "mt5", "bart"), AutoModelForSeq2SeqLM),
    "whisper": AutoModelForSpeechSeq2Seq,
}
TOKENS = 24
DENSE = {"hidden_size": 32, "num_hidden_layers": 3, "num_attention_heads": 4, "vocab_size": 100}
WIDE = {**DENSE, "intermediate_size": 48}
GROUPED = {**WIDE, "num_key_value_heads": 2}
CLASSIFIER = {**WIDE, "max_position_embeddings": 64, "num_labels": 3}
EXPERTS = {"num_experts_per_tok": 2, "moe_intermediate_size": 16}
LATENT = {
    **{**WIDE, **EXPERTS, "num_key_value_heads": 4},
    **{"n_routed_experts": 8, "n_group": 1, "topk_group": 1, "first_k_dense_replace": 1},
    **{"kv_lora_rank": 8, "q_lora_rank": 12, "qk_rope_head_dim": 4, "qk_nope_head_dim": 8, "v_head_dim": 6},
}
WHISPER = {
    **{"vocab_size": 100, "d_model": 32, "num_mel_bins": 20, "max_source_positions": 50, "max_target_positions": 40},
    **{"encoder_layers": 2, "encoder_attention_heads": 4, "encoder_ffn_dim": 48},
    **{"decoder_layers": 3, "decoder_attention_heads": 4, "decoder_ffn_dim": 64},
    **{"pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 2, "decoder_start_token_id": 1},
}
RESNET = {"embedding_size": 8, "hidden_sizes": [16, 32, 64], "depths": [2, 3, 1], "image_size": 32, "num_labels": 4}
BART = {
    **{"vocab_size": 100, "d_model": 32, "max_position_embeddings": 64, "encoder_layers": 2, "decoder_layers": 3},
    **{"encoder_attention_heads": 4, "decoder_attention_heads": 4, "encoder_ffn_dim": 48, "decoder_ffn_dim": 64},
}
T5 = {"d_model": 32, "d_kv": 8, "d_ff": 48, "num_layers": 2, "num_decoder_layers": 3, "num_heads": 2, "vocab_size": 100}
SETTINGS: dict[str, dict[str, Any]] = {
    "bert": CLASSIFIER,
    "roberta": {**CLASSIFIER, "pad_token_id": 1},
    "xlm-roberta": {**CLASSIFIER, "model_type": "xlm-roberta", "pad_token_id": 1},
    "deberta-v2": {
        **{**CLASSIFIER, "model_type": "deberta-v2", "relative_attention": True, "position_buckets": 8},
        **{"share_att_key": True, "type_vocab_size": 0},
        **{"pos_att_type": ["p2c", "c2p"], "position_biased_input": False, "norm_rel_ebd": "layer_norm"},
    },
    "gpt2": {**DENSE, "max_position_embeddings": 64},
    "gpt2-inner": {"n_embd": 32, "n_layer": 2, "n_head": 2, "n_inner": 40, "vocab_size": 100},
    "opt": {**DENSE, "ffn_dim": 48, "word_embed_proj_dim": 32, "max_position_embeddings": 64},
    "gpt_neox": WIDE,
    "bloom": {"hidden_size": 32, "n_layer": 3, "n_head": 4, "vocab_size": 100},
    "mpt": {"d_model": 32, "n_layers": 3, "n_heads": 4, "vocab_size": 100},
    "llama": GROUPED,
    "llama-biased": {**GROUPED, "attention_bias": True, "mlp_bias": True, "head_dim": 12},
    "llama-tied": {**GROUPED, "tie_word_embeddings": True},
    "llama-classifier": {**GROUPED, "architectures": ["LlamaForSequenceClassification"], "num_labels": 3},
    "mistral": GROUPED,
    "qwen2": GROUPED,
    "qwen3": {**GROUPED, "head_dim": 16, "tie_word_embeddings": True},
    "gemma": {**GROUPED, "head_dim": 12},
    "mixtral": {**GROUPED, "num_local_experts": 4},
    "qwen3_moe": {**GROUPED, **EXPERTS, "num_experts": 6, "mlp_only_layers": [1]},
    "deepseek_v3": LATENT,
    "deepseek_v3-plain-queries": {**LATENT, "q_lora_rank": None, "n_shared_experts": 2},
    "deepseek_v2": {**LATENT, "n_shared_experts": 1, "topk_method": "greedy"},
    # A window longer than the text: eager attention multiplies everything.
    "gpt_oss": {**GROUPED, "num_local_experts": 4, "num_experts_per_tok": 2, "head_dim": 12, "sliding_window": 32},
    "gemma2": {**GROUPED, "head_dim": 12},
    "gemma3_text": {**GROUPED, "head_dim": 12},
    "phi3": {**GROUPED, "pad_token_id": 0},
    "qwen2_moe": {**GROUPED, **EXPERTS, "num_experts": 6, "shared_expert_intermediate_size": 24},
    "granitemoe": {**GROUPED, "num_local_experts": 4, "num_experts_per_tok": 2},
    "granite": GROUPED,
    "rwkv": {"hidden_size": 32, "num_hidden_layers": 3, "attention_hidden_size": 40, "vocab_size": 100},
    "olmoe": {**GROUPED, "num_experts": 4, "num_experts_per_tok": 2},
    "falcon": {**DENSE, "multi_query": True, "alibi": False},
    "starcoder2": GROUPED,
    "cohere": GROUPED,
    "phi": GROUPED,
    "distilbert": {"dim": 32, "n_layers": 3, "n_heads": 4, "hidden_dim": 48, "vocab_size": 100},
    "bart": BART,
    # It classifies by the last token of the text, whose number is the largest of the test's.
    "bart-classifier": {
        **BART,
        **{"architectures": ["BartForSequenceClassification"], "num_labels": 3, "eos_token_id": 2 + TOKENS},
    },
    "vit": {**CLASSIFIER, "image_size": 32, "patch_size": 8},
    "resnet": RESNET,
    "resnet-basic": {**RESNET, "layer_type": "basic"},
    "whisper": WHISPER,
    "t5": T5,
    "mt5": {**T5, "feed_forward_proj": "gated-gelu"},
    "encoder": {**CLASSIFIER, "num_hidden_layers": 2, "intermediate_size": 64, "vocab_size": 50},
    "mlp": {"sizes": [6, 16, 8], "num_labels": 3},
    "linear": {"features": 7},
}
# What follows the dash is the test's own word for a variant.
SMALL = {name: {"model_type": name.partition("-")[0], **config} for name, config in SETTINGS.items()}


def sizes(name: str) -> Architecture:
    """Return the architecture of a small config."""
    return architecture.of(SMALL[name])


def built(name: str, device: str = "meta") -> Any:
    """Return the model that transformers builds from a small config."""
    config = dict(SMALL[name])
    model_type = config.pop("model_type")
    classifies = "architectures" in config
    with torch.device(device):
        made = AutoConfig.for_model(model_type, **config)
        if hasattr(made, "num_experts_per_tok"):
            # Torch counts the loop over experts, and does not count the grouped product.
            made._experts_implementation = "eager"
        # Torch counts eager attention, and does not count fused kernels; a ResNet has no attention.
        attention = None if model_type == "resnet" else "eager"
        usual = CLASSES.get(model_type, AutoModelForCausalLM)
        return (AutoModelForSequenceClassification if classifies else usual).from_config(
            made, attn_implementation=attention
        )


def answer(model: Any, name: str) -> torch.Tensor:
    """Return the model's logits for one example, of `TOKENS` tokens where the model reads tokens."""
    config, tokens = SMALL[name], torch.arange(3, 3 + TOKENS)[None]
    match config["model_type"]:
        case "vit" | "resnet":
            inputs = {"pixel_values": torch.randn(1, 3, config["image_size"], config["image_size"])}
        case "whisper":
            speech = torch.randn(1, config["num_mel_bins"], 2 * config["max_source_positions"])
            inputs = {"input_features": speech, "decoder_input_ids": tokens}
        case "t5" | "mt5" | "bart":
            inputs = {"input_ids": tokens, "decoder_input_ids": tokens}
        case "mlp" | "linear":
            inputs = {"inputs": torch.randn(1, config.get("features") or config["sizes"][0])}
        case _:
            inputs = {"input_ids": tokens}
    return model(**inputs).logits


@cache
def counted(name: str) -> tuple[int, int]:
    """Return the operations that torch counts for one example: of the forward pass, and with the backward pass."""
    torch.manual_seed(20)
    model = built(name, "cpu").train()
    with FlopCounterMode(display=False) as counter:
        logits = answer(model, name)
        forward = counter.get_total_flops()
        logits.sum().backward()
    return forward, counter.get_total_flops()
