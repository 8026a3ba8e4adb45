"""Models within models: what reads images or sound has weights, and no token of text passes it."""

from typing import Any

import pytest
import torch
from small_models import BART, GROUPED
from torch.utils.flop_counter import FlopCounterMode
from transformers import AutoConfig, AutoModelForMultimodalLM, AutoModelForSeq2SeqLM

from profiling import architecture

TOKENS = 16
ERNIE = {
    "model_type": "ernie4_5_vl_moe",
    "text_config": {
        **{**GROUPED, "num_hidden_layers": 3, "moe_intermediate_size": [24, 12], "moe_num_experts": 4, "moe_k": 2},
        **{"moe_num_shared_experts": 1, "mlp_layer_types": ["dense", "sparse", "sparse"], "head_dim": 8},
        "rope_parameters": {"rope_type": "default", "rope_theta": 1e4, "mrope_section": [1, 1, 2]},
    },
    "vision_config": {
        **{"hidden_size": 16, "depth": 1, "num_heads": 2, "intermediate_size": 32},
        **{"spatial_merge_size": 2, "temporal_merge_size": 2},
    },
}
FLORENCE = {
    "model_type": "florence2",
    "text_config": {"model_type": "bart", **BART},
    "vision_config": {
        **{"embed_dim": [8, 16, 16, 32], "num_heads": [1, 2, 2, 4], "num_groups": [1, 2, 2, 4]},
        **{"depths": [1, 1, 1, 1], "projection_dim": 32},
    },
}
AUDIO_FLAMINGO = {
    "model_type": "audioflamingo3",
    "text_config": {**GROUPED, "model_type": "qwen2"},
    "audio_config": {
        **{"model_type": "audioflamingo3_encoder", "hidden_size": 32, "num_hidden_layers": 2, "num_mel_bins": 8},
        **{"num_attention_heads": 2, "intermediate_size": 64},
    },
}


def built(config: dict[str, Any]) -> Any:
    """Return the model that transformers builds, without memory."""
    made = AutoConfig.for_model(**config)
    classes = (AutoModelForMultimodalLM, AutoModelForSeq2SeqLM)
    chosen = next(one for one in classes if type(made) in one._model_mapping)
    with torch.device("meta"):
        return chosen.from_config(made, attn_implementation="eager").eval()


@pytest.mark.parametrize("config", [ERNIE, FLORENCE, AUDIO_FLAMINGO], ids=lambda config: config["model_type"])
def test_all_weights_are_those_that_transformers_builds(config: dict[str, Any]) -> None:
    assert architecture.of(config).parameters == sum(one.numel() for one in built(config).parameters())


def test_a_token_of_text_meets_the_experts_for_text_alone() -> None:
    """ERNIE-4.5-VL has as many experts for images in each layer; torch counts none of theirs."""
    model = built(ERNIE)
    model.set_experts_implementation("batched_mm")
    with FlopCounterMode(display=False) as counter, torch.inference_mode():
        model(torch.zeros((1, TOKENS), dtype=torch.long, device="meta"))
    assert architecture.of(ERNIE).forward_flops(TOKENS) == counter.get_total_flops()


@pytest.mark.parametrize("config", [FLORENCE, AUDIO_FLAMINGO], ids=lambda config: config["model_type"])
def test_a_text_takes_what_the_text_model_takes(config: dict[str, Any]) -> None:
    """Operations, and what is kept of it."""
    found, text = architecture.of(config), architecture.of(config["text_config"])
    assert found.forward_flops(TOKENS) == text.forward_flops(TOKENS)
    assert found.cached_numbers(TOKENS) == text.cached_numbers(TOKENS)
    assert found.active_parameters < found.parameters
