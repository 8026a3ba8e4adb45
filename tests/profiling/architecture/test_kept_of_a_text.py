"""What a decoder keeps of a text, and what its attention multiplies, are those of transformers' own cache and of torch.

Models stand on the meta device, which computes shapes alone; Qwen4's looks at the values of its mask.
"""

from __future__ import annotations

from typing import Any

import pytest
import torch
from small_models import EXPERTS, GROUPED, LATENT
from torch.utils.flop_counter import FlopCounterMode
from transformers import AutoConfig, AutoModelForCausalLM, DynamicCache

from profiling import architecture
from profiling.architecture import Architecture
from profiling.architecture.source import decoded

TOKENS, PICKED = 24, 16
INDEXED = {**LATENT, "index_topk": PICKED, "index_n_heads": 3, "index_head_dim": 10}
SHARED = ["full", "shared", "full"]
STATES = {"mamba_n_heads": 4, "mamba_d_head": 16, "mamba_d_state": 8, "mamba_n_groups": 1}
STATES_BY_NAME = ("conv_states", "recurrent_states", "compressed_kv", "overlap_kv", "overlap_gate")
# Six of DeepSeek-V4's layers: four that compress heavily, and two that compress and pick.
COMPRESSED = {"num_hidden_layers": 6}
CONFIGS: dict[str, dict[str, Any]] = {
    "llama": GROUPED,
    "deepseek_v32": INDEXED,
    "glm_moe_dsa": {**INDEXED, "indexer_types": SHARED},
    "kimi_linear": {
        **{**LATENT, "layer_types": ["linear_attention", "linear_attention", "full_attention"]},
        **{
            "linear_head_dim": 8,
            "linear_num_heads": 4,
            "num_experts": 4,
            "qk_head_dim": 12,
            "num_shared_experts": 1,
            "pad_token_id": 0,
        },
    },
    "deepseek_v4": COMPRESSED,
    "phi4_multimodal": {"num_hidden_layers": 2},
    "qwen4_exp_text": {
        **{**GROUPED, **EXPERTS, "num_hidden_layers": 4, "head_dim": 16, "num_experts": 4, "hc_lowrank": 8},
        **{"shared_expert_intermediate_size": 16, "linear_num_value_heads": 4, "linear_num_key_heads": 2},
        **{"linear_key_head_dim": 8, "linear_value_head_dim": 8, "indexer_n_heads": 3, "indexer_kv_heads": 1},
        **{"indexer_head_dim": 16, "indexer_budget": PICKED, "indexer_compress_ratio": 4, "eos_token_id": 2},
        **{"ple_layer_ids": [1], "heads_per_ngram": 2, "ngram_vocab_size_base": 50},
    },
    "inkling_text": {
        **{**GROUPED, **EXPERTS, "n_routed_experts": 4, "n_shared_experts": 2, "head_dim": 8, "swa_head_dim": 6},
        **{"swa_num_attention_heads": 2, "swa_num_key_value_heads": 1, "sliding_window_size": 32, "d_rel": 2},
        **{"local_layer_ids": [0, 2], "rel_extent": 16},
    },
    "bamba": {**GROUPED, **STATES, "attn_layer_indices": [1], "time_step_limit": [0.0, {"__float__": "Infinity"}]},
}


def measured(name: str, tokens: int) -> tuple[int, int]:
    """Return the operations that torch counts for a text, and the numbers that transformers keeps of it."""
    config, device = AutoConfig.for_model(name, **decoded(CONFIGS[name])), "cpu" if "qwen4" in name else "meta"
    torch.set_default_dtype(torch.bfloat16)
    try:
        with torch.device(device):
            model = AutoModelForCausalLM.from_config(config, attn_implementation="eager").eval()
    finally:
        torch.set_default_dtype(torch.float32)
    model.set_experts_implementation("batched_mm")
    cache = DynamicCache(config=config)
    with FlopCounterMode(display=False) as counter, torch.inference_mode():
        model(torch.zeros((1, tokens), dtype=torch.long, device=device), past_key_values=cache, use_cache=True)
    return counter.get_total_flops(), sum(map(torch.Tensor.numel, kept(cache)))


def kept(cache: Any) -> list[torch.Tensor]:
    """Return the tensors of a cache."""
    lone = [getattr(layer, name, None) for layer in cache.layers for name in ("keys", "values", "indexer_keys")]
    states = [getattr(layer, name, {}) for layer in cache.layers for name in STATES_BY_NAME]
    found = [one for one in (*lone, *(state for each in states for state in each.values())) if one is not None]
    return list({id(one): one for one in found}.values())  # a key may be the value at once


def reckoned(name: str) -> Architecture:
    return architecture.of({"model_type": name, **CONFIGS[name]})


@pytest.mark.parametrize("name", sorted(CONFIGS.keys() - {"deepseek_v4", "qwen4_exp_text"}))
def test_a_text_takes_the_numbers_that_transformers_keeps(name: str) -> None:
    assert reckoned(name).cached_numbers(TOKENS) == measured(name, TOKENS)[1]


def test_convolutions_keep_their_inputs_beside_a_state() -> None:
    """Transformers keeps the last two tokens of a text, too, whose n-gram begins the next one."""
    sizes = reckoned("qwen4_exp_text")
    assert sizes.cached_numbers(TOKENS) + 2 == measured("qwen4_exp_text", TOKENS)[1]
    # One layer of four attends: 2 x 2 x 16 numbers of the picked tokens, and a key of 16 of each.
    assert sizes.read_numbers(1000) - sizes.cached_per_example == PICKED * 64 + 1000 * 16


@pytest.mark.parametrize("name", ["llama", "deepseek_v32", "glm_moe_dsa", "phi4_multimodal"])
def test_a_text_that_is_seen_whole_takes_the_operations_that_torch_counts(name: str) -> None:
    assert reckoned(name).forward_flops(PICKED) == measured(name, PICKED)[0]


def test_layers_with_a_window_have_heads_of_their_own() -> None:
    """Inkling's have two heads of 6 numbers, and the others four of 8."""
    assert {one.key_width for one in reckoned("inkling_text").attentions} == {2 * 6, 4 * 8}


def test_a_query_multiplies_the_keys_that_were_picked_for_it() -> None:
    """Transformers multiplies all and masks; what it counts more is the product with keys beyond the picked ones."""
    dense, width = measured("deepseek_v32", TOKENS)[0], LATENT["num_attention_heads"] * (8 + 4 + 6)
    beyond = 2 * LATENT["num_hidden_layers"] * TOKENS * (TOKENS - PICKED) * width
    assert reckoned("deepseek_v32").forward_flops(TOKENS) == dense - beyond


def test_entries_stand_for_four_tokens_or_128() -> None:
    """A full window empties the buffers of tokens without an entry, and transformers drops its first token early."""
    flops, numbers = measured("deepseek_v4", 128)
    sizes = reckoned("deepseek_v4")
    buffers = 4 * (128 * 2 * 512) + 2 * (4 * 2 * 1024 + 4 * 2 * 256)
    assert sizes.cached_numbers(128) == numbers + buffers + 6 * 512
    assert sizes.cached_numbers(128 + 128) - sizes.cached_numbers(128) == 4 * 512 + 2 * (128 // 4) * (512 + 128)
    # What mixes the streams between layers holds no weights, and is not counted.
    assert sizes.forward_flops(128) == pytest.approx(flops, rel=0.001)


def test_a_decoding_step_reads_the_picked_tokens_and_the_keys_that_pick() -> None:
    """Of 1,000 tokens it reads 16 latents of 8 + 4 numbers, and the indexer's key of 10 numbers of each token."""
    assert reckoned("deepseek_v32").read_numbers(1000) == 3 * (PICKED * (8 + 4) + 1000 * 10)
    assert reckoned("deepseek_v32").cached_numbers(1000) == 3 * 1000 * (8 + 4 + 10)
    assert reckoned("llama").read_numbers(1000) == reckoned("llama").cached_numbers(1000)


@pytest.mark.parametrize(
    ("name", "billions", "active"),
    [
        ("deepseek_v32", 671, 37),  # https://huggingface.co/deepseek-ai/DeepSeek-V3.2
        ("glm_moe_dsa", 744, 40),  # https://huggingface.co/zai-org/GLM-5
        ("deepseek_v4", 284, 13),  # https://huggingface.co/deepseek-ai/DeepSeek-V4-Flash
        ("kimi_linear", 48, 3),  # https://huggingface.co/moonshotai/Kimi-Linear-48B-A3B-Instruct
    ],
)
def test_the_type_stands_for_its_published_model(name: str, billions: int, active: int) -> None:
    """The defaults of these types are the published models; parts beside the layers are in some of the names."""
    sizes = architecture.of(AutoConfig.for_model(name).to_dict())
    assert sizes.parameters / 1e9 == pytest.approx(billions, rel=0.03)
    assert sizes.active_parameters / 1e9 == pytest.approx(active, rel=0.2)
