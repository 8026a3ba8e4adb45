"""Sizes, operations and bytes of well-known models reproduce the published figures."""

from typing import Any

import pytest

from profiling import architecture
from profiling.architecture import Architecture, quantised
from profiling.estimates import footprint

LLAMA_FIELDS = (
    *("num_hidden_layers", "hidden_size", "num_attention_heads"),
    *("num_key_value_heads", "intermediate_size", "vocab_size"),
)
LLAMAS = {
    "Llama-2-7B": (32, 4096, 32, 32, 11008, 32000),
    "Llama-2-13B": (40, 5120, 40, 40, 13824, 32000),
    "Llama-2-70B": (80, 8192, 64, 8, 28672, 32000),
    "Llama-3-8B": (32, 4096, 32, 8, 14336, 128256),
    "Llama-3-70B": (80, 8192, 64, 8, 28672, 128256),
    "Llama-3-405B": (126, 16384, 128, 8, 53248, 128256),
}
PYTHIA = {"model_type": "gpt_neox", "vocab_size": 50304, "num_attention_heads": 8}
# The fields of each `config.json` that differ from transformers' defaults.
CONFIGS: dict[str, dict[str, Any]] = {
    **{name: {"model_type": "llama", **dict(zip(LLAMA_FIELDS, shape, strict=True))} for name, shape in LLAMAS.items()},
    "ViT-base, ImageNet": {"model_type": "vit", "num_labels": 1000},
    "ResNet-50, ImageNet": {"model_type": "resnet", "num_labels": 1000},
    "mT0-large": {
        **{"model_type": "mt5", "d_model": 1024, "d_ff": 2816, "num_layers": 24, "num_heads": 16},
        "tie_word_embeddings": False,
    },
    "Pythia-70M": {**PYTHIA, "hidden_size": 512, "num_hidden_layers": 6, "intermediate_size": 2048},
    "Pythia-1B": {**PYTHIA, "hidden_size": 2048, "num_hidden_layers": 16, "intermediate_size": 8192},
    "MPT-7B": {"model_type": "mpt", "d_model": 4096, "n_layers": 32, "n_heads": 32, "vocab_size": 50432},
    # The MPT-7B with biases and positions in llm-foundry's table, which has the shape of a GPT-2.
    "foundry-7B": {
        **{"model_type": "gpt2", "n_embd": 4096, "n_layer": 32, "n_head": 32},
        **{"n_positions": 2048, "vocab_size": 50368},
    },
    "Qwen3-30B-A3B": {"model_type": "qwen3_moe", "num_hidden_layers": 48, "num_experts": 128, "head_dim": 128},
    "OPT-13B": {
        **{"model_type": "opt", "hidden_size": 5120, "num_hidden_layers": 40},
        **{"num_attention_heads": 40, "word_embed_proj_dim": 5120},
    },
}


LLAMA_4_VISION = {
    **{"model_type": "llama4_vision_model", "hidden_size": 1408, "num_hidden_layers": 34, "num_attention_heads": 16},
    **{"intermediate_size": 5632, "vision_output_dim": 4096, "projector_input_dim": 4096, "projector_output_dim": 4096},
}
PIXTRAL = {
    **{"model_type": "pixtral", "hidden_size": 1024, "intermediate_size": 4096, "num_hidden_layers": 24},
    **{"num_attention_heads": 16, "head_dim": 64, "image_size": 1540, "patch_size": 14},
}
SIGLIP = {
    **{"model_type": "siglip_vision_model", "hidden_size": 1152, "intermediate_size": 4304, "num_hidden_layers": 27},
    **{"num_attention_heads": 16, "image_size": 896, "patch_size": 14, "vision_use_head": False},
}
QWEN_VISION = {"depth": 32, "hidden_size": 1280, "intermediate_size": 3420, "num_heads": 16, "out_hidden_size": 3584}


def shaped(model_type: str, *shape: int, **further: Any) -> dict[str, Any]:
    """Return a config with its numbers in the order of `LLAMA_FIELDS`."""
    return {"model_type": model_type, **dict(zip(LLAMA_FIELDS, shape, strict=True)), **further}


# Written down from each model's `config.json` on the hub.
CONFIGS |= {
    "XLM-R-base": {
        **{"model_type": "xlm-roberta", "vocab_size": 250002, "max_position_embeddings": 514, "type_vocab_size": 1},
    },
    "DeBERTa-v3-base": {
        **{"model_type": "deberta-v2", "hidden_size": 768, "num_hidden_layers": 12, "num_attention_heads": 12},
        **{"intermediate_size": 3072, "vocab_size": 128100, "type_vocab_size": 0, "max_position_embeddings": 512},
        **{"relative_attention": True, "position_buckets": 256, "share_att_key": True, "pos_att_type": ["p2c", "c2p"]},
        **{"position_biased_input": False, "norm_rel_ebd": "layer_norm", "max_relative_positions": -1},
    },
    "Phi-3-mini": shaped("phi3", 32, 3072, 32, 32, 8192, 32064, sliding_window=2047),
    "Gemma-2-9B": shaped("gemma2", 42, 3584, 16, 8, 14336, 256000, head_dim=256),
    "Gemma-3-1B": shaped("gemma3_text", 26, 1152, 4, 1, 6912, 262144, head_dim=256, sliding_window=512),
    "Granite-3.1-8B": shaped("granite", 40, 4096, 32, 8, 12800, 49155, tie_word_embeddings=True),
    "Falcon-7B": {
        **{"model_type": "falcon", "hidden_size": 4544, "num_hidden_layers": 32, "num_attention_heads": 71},
        **{"vocab_size": 65024, "multi_query": True, "parallel_attn": True, "bias": False},
    },
    "DBRX": {
        **{"model_type": "dbrx", "d_model": 6144, "n_heads": 48, "n_layers": 40, "max_seq_len": 32768},
        **{"vocab_size": 100352, "attn_config": {"clip_qkv": 8, "kv_n_heads": 8, "rope_theta": 5e5}},
        "ffn_config": {"ffn_hidden_size": 10752, "moe_num_experts": 16, "moe_top_k": 4},
    },
    "RWKV-4-169M": {
        **{"model_type": "rwkv", "hidden_size": 768, "num_hidden_layers": 12, "attention_hidden_size": 768},
        **{"intermediate_size": 3072, "vocab_size": 50277, "context_length": 1024, "tie_word_embeddings": False},
    },
    "DeiT-tiny": {
        **{"model_type": "deit", "hidden_size": 192, "num_hidden_layers": 12, "num_attention_heads": 3},
        **{"intermediate_size": 768, "num_labels": 1000},
    },
    "RecurrentGemma-2B": shaped("recurrent_gemma", 26, 2560, 10, 1, 15360, 256000, head_dim=256, lru_width=2560),
    # Transformers' own class looks for a number where the file has a pattern, and divides by none without a window.
    "EXAONE-4.0-1.2B": {
        **shaped("exaone4", 30, 2048, 32, 8, 4096, 102400, head_dim=64, tie_word_embeddings=True),
        **{"sliding_window": None, "sliding_window_pattern": None},
    },
    "EXAONE-4.0-32B": {
        **shaped("exaone4", 64, 5120, 40, 8, 27392, 102400, head_dim=128, tie_word_embeddings=False),
        **{"sliding_window": 4096, "sliding_window_pattern": "LLLG"},
    },
    "Zamba-7B": {
        **{"model_type": "zamba", "hidden_size": 3712, "num_hidden_layers": 76, "n_mamba_heads": 2},
        **{"num_attention_heads": 16, "intermediate_size": 14848, "vocab_size": 32000},
    },
    "BLOOM-7B1": {
        "model_type": "bloom",
        "n_embed": 4096,
        "n_layer": 30,
        "num_attention_heads": 32,
        "vocab_size": 250880,
    },
    "LFM2-1.2B": {
        **{"model_type": "lfm2", "hidden_size": 2048, "num_hidden_layers": 16, "num_attention_heads": 32},
        **{
            "num_key_value_heads": 8,
            "vocab_size": 65536,
            "block_ff_dim": 12288,
            "full_attn_idxs": [2, 5, 8, 10, 12, 14],
        },
    },
    "Llama-3.2-11B-Vision": {
        "model_type": "mllama",
        "text_config": {
            **shaped("mllama_text_model", 40, 4096, 32, 8, 14336, 128256),
            "cross_attention_layers": [3, 8, 13, 18, 23, 28, 33, 38],
        },
        "vision_config": {
            **{"model_type": "mllama_vision_model", "hidden_size": 1280, "num_hidden_layers": 32, "image_size": 560},
            **{"num_global_layers": 8, "attention_heads": 16, "intermediate_size": 5120, "vision_output_dim": 7680},
        },
    },
    "Mamba-2.8B": {"model_type": "mamba", "hidden_size": 2560, "num_hidden_layers": 64, "vocab_size": 50280},
    "Qwen2.5-VL-7B": {
        **shaped("qwen2_5_vl", 28, 3584, 28, 4, 18944, 152064, tie_word_embeddings=False),
        "vision_config": QWEN_VISION,
    },
    # Its config says nothing of tied embeddings; its text model's type has none.
    "Mistral-Small-3.1-24B": {
        "model_type": "mistral3",
        "text_config": shaped("mistral", 40, 5120, 32, 8, 32768, 131072, head_dim=128),
        "vision_config": PIXTRAL,
    },
    "Gemma-3-27B": {
        "model_type": "gemma3",
        "text_config": shaped("gemma3_text", 62, 5376, 32, 16, 21504, 262208, head_dim=128, sliding_window=1024),
        "vision_config": SIGLIP,
    },
    "gpt-oss-20b": {
        **shaped("gpt_oss", 24, 2880, 64, 8, 2880, 201088, head_dim=64, sliding_window=128),
        **{"num_local_experts": 32, "num_experts_per_tok": 4, "quantization_config": {"quant_method": "mxfp4"}},
    },
    "DeepSeek-V2-Lite": {
        **shaped("deepseek_v2", 27, 2048, 16, 16, 10944, 102400, kv_lora_rank=512, q_lora_rank=None),
        **{"qk_rope_head_dim": 64, "qk_nope_head_dim": 128, "v_head_dim": 128, "moe_intermediate_size": 1408},
        **{"n_routed_experts": 64, "n_shared_experts": 2, "num_experts_per_tok": 6, "first_k_dense_replace": 1},
    },
    "Qwen1.5-MoE-A2.7B": {
        **shaped("qwen2_moe", 24, 2048, 16, 16, 5632, 151936, num_experts=60, num_experts_per_tok=4),
        **{"moe_intermediate_size": 1408, "shared_expert_intermediate_size": 5632},
    },
    "Jamba-v0.1": {
        **shaped("jamba", 32, 4096, 32, 8, 14336, 65536, num_experts=16, num_experts_per_tok=2, mamba_dt_rank=256),
        **{"attn_layer_period": 8, "attn_layer_offset": 4, "expert_layer_period": 2, "expert_layer_offset": 1},
    },
    "Llama-4-Scout": {
        "model_type": "llama4",
        "text_config": {
            **shaped("llama4_text", 48, 5120, 40, 8, 8192, 202048, head_dim=128, intermediate_size_mlp=16384),
            **{"num_local_experts": 16, "num_experts_per_tok": 1, "interleave_moe_layer_step": 1},
        },
        "vision_config": LLAMA_4_VISION,
    },
}


def published(name: str) -> Architecture:
    """Return the architecture of a model in `CONFIGS`, or of a model type with transformers' defaults."""
    return architecture.of(CONFIGS.get(name, {"model_type": name}))


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        # Counts of the model hub.
        ("llama", 6_738_415_616),
        ("gpt2", 124_439_808),
        ("mixtral", 46_702_792_704),
        ("mistral", 7_241_732_096),
        ("ViT-base, ImageNet", 86_567_656),
        ("ResNet-50, ImageNet", 25_557_032),
        ("Llama-2-7B", 6_738_415_616),
        ("Llama-2-13B", 13_015_864_320),
        ("Llama-2-70B", 68_976_648_192),
        ("Llama-3-8B", 8_030_261_248),
        ("Llama-3-70B", 70_553_706_496),
        ("Llama-3-405B", 405_853_388_800),
        # BERT-base without its classifier of two classes is 109,482,240.
        ("bert", 109_482_240 + 2 * 769),
        # With a pooler in the place of the classifier's first matrix, or without, 278,043,648 and 183,831,552.
        ("XLM-R-base", 278_043_648 + 2 * 769),
        ("DeBERTa-v3-base", 183_831_552 + 768 * 769 + 2 * 769),
        # Whisper-tiny, which arXiv:2212.04356, table 1, prints as 39M.
        ("whisper", 37_760_640),
        # peft's README counts 1,231,940,608 with the adapters.
        ("mT0-large", 1_231_940_608 - 2_359_296),
        # Pythia, arXiv:2304.01373.
        ("Pythia-70M", 70_426_624),
        ("Pythia-1B", 1_011_781_632),
        # MosaicML's llm-foundry.
        ("MPT-7B", 6_649_286_656),
        ("foundry-7B", 6_658_859_008),
        # Counts of the model hub.
        ("Phi-3-mini", 3_821_079_552),
        ("Gemma-2-9B", 9_241_705_984),
        ("Gemma-3-1B", 999_885_952),
        ("Falcon-7B", 6_921_720_704),
        ("RecurrentGemma-2B", 2_682_862_080),
        ("DBRX", 131_596_523_520),
        ("RWKV-4-169M", 169_342_464),
        ("DeiT-tiny", 5_717_416 + 2 * 192),  # transformers keeps the token of its teacher, and its position
        ("Mamba-2.8B", 2_768_345_600),
        ("EXAONE-4.0-1.2B", 1_279_391_488),
        ("EXAONE-4.0-32B", 32_003_216_384),
        ("Zamba-7B", 7_232_490_496),
        ("BLOOM-7B1", 7_069_016_064),
        ("LFM2-1.2B", 1_170_340_608),
        ("Llama-3.2-11B-Vision", 10_670_220_835),
        ("Qwen2.5-VL-7B", 8_292_166_656),
        ("Mistral-Small-3.1-24B", 24_011_361_280),
        ("Gemma-3-27B", 27_432_406_640),
    ],
)
def test_parameters_are_those_of_the_published_weights(name: str, parameters: int) -> None:
    """The config alone gives the published count of parameters."""
    assert published(name).parameters == parameters


@pytest.mark.parametrize("name", ["BLOOM-7B1", "LFM2-1.2B", "DBRX"])
def test_a_width_under_another_name_is_a_size(name: str) -> None:
    """BLOOM writes n_embed, LFM2 block_ff_dim, DBRX the width of its experts once: their files say all sizes."""
    assert architecture.checked(CONFIGS[name]) == published(name)


def test_a_layer_that_sees_all_keeps_all() -> None:
    """One of four layers of EXAONE-4 has no window, and transformers notes the window in each."""
    windows = {cache.window: cache.per_token for cache in published("EXAONE-4.0-32B").caches}
    assert windows == {4096: 48 * 2 * 8 * 128, None: 16 * 2 * 8 * 128}
    assert [cache.window for cache in published("EXAONE-4.0-1.2B").caches] == [None]


def test_a_text_passes_by_layers_that_look_at_images() -> None:
    """Llama-3.2-11B-Vision is Llama-3.1-8B for a text: eight of its forty layers look at images alone."""
    vision, text = published("Llama-3.2-11B-Vision"), published("Llama-3-8B")
    assert vision.forward_flops(100) == text.forward_flops(100)
    assert vision.cached_numbers(100) == text.cached_numbers(100)
    assert vision.decode_bytes(1, 100, 2) == pytest.approx(text.decode_bytes(1, 100, 2), rel=0.001)


@pytest.mark.parametrize(
    ("name", "total", "active", "tolerance"),
    [
        # arXiv:2401.04088, section 1: 47B and 13B, printed elsewhere as 46.7B and 12.9B.
        ("mixtral", 46.7e9, 12.9e9, 0.002),
        # arXiv:2412.19437: 671B and 37B; the second figure leaves out part of the two embeddings, 0.93B each.
        ("deepseek_v3", 671e9, 37e9, 0.016),
        # arXiv:2505.09388, table 2: 30B-A3B, 30.5B and 3.3B in its model card.
        ("Qwen3-30B-A3B", 30.5e9, 3.3e9, 0.02),
        # Their model cards: Qwen1.5-MoE-A2.7B 14.3B and 2.7B, Jamba 52B and 12B, Llama 4 Scout 109B and 17B.
        ("Qwen1.5-MoE-A2.7B", 14.3e9, 2.7e9, 0.005),
        ("Jamba-v0.1", 51.6e9, 12e9, 0.01),
        ("DBRX", 131.6e9, 36e9, 0.015),  # Databricks' announcement: 132B and 36B
        ("Llama-4-Scout", 108.6e9, 17e9, 0.012),
    ],
)
def test_a_mixture_has_the_published_active_parameters(
    name: str, total: float, active: float, tolerance: float
) -> None:
    """Active parameters leave out the experts to which a token is not sent."""
    assert published(name).parameters == pytest.approx(total, rel=0.002)
    assert published(name).active_parameters == pytest.approx(active, rel=tolerance)


@pytest.mark.parametrize(
    ("name", "total", "multiplied"),
    [
        # arXiv:2508.10925, table 1: 20.91B, and 3.61B active without the table of words.
        ("gpt-oss-20b", 20.91e9, 3.61e9),
        # arXiv:2405.04434, appendix B: 15.7B, and 2.4B active.
        ("DeepSeek-V2-Lite", 15.7e9, 2.4e9),
        # IBM's model card: 8.1B, all of them active.
        ("Granite-3.1-8B", 8.1e9, 8.1e9),
    ],
)
def test_a_token_is_multiplied_by_the_published_parameters(name: str, total: float, multiplied: float) -> None:
    """Some publish the active parameters without the lookup of words."""
    assert published(name).parameters == pytest.approx(total, rel=0.01)
    assert published(name).matmul_parameters == pytest.approx(multiplied, rel=0.025)


@pytest.mark.parametrize(("name", "gibibytes"), [("gpt-oss-20b", 12.8), ("deepseek_v3", 625), ("Llama-3-8B", 8.456)])
def test_a_checkpoint_takes_the_published_bytes(name: str, gibibytes: float) -> None:
    """gpt-oss-20b takes 12.8 GiB with experts in MXFP4 (arXiv:2508.10925), DeepSeek-V3 671 GB in FP8 (its README).

    Llama-3-8B in FP8 takes 9.08 GB, since its words keep 16 bits (tinygrad, pull request 12893).
    """
    precision = quantised.stored(CONFIGS.get(name, {})) or "fp8"
    assert footprint.weight_bytes(published(name), precision) / 2**30 == pytest.approx(gibibytes, rel=0.005)


@pytest.mark.parametrize(
    ("name", "bytes_per_token"),
    [
        ("OPT-13B", 819_200),  # vLLM, arXiv:2309.06180, section 3: 800 KB
        ("deepseek_v3", 70_272),  # arXiv:2505.09343, table 1, and Llama-3-405B too
        ("Llama-3-405B", 516_096),
        ("Llama-3-8B", 131_072),
        ("Llama-2-7B", 524_288),
        ("Llama-2-13B", 819_200),
    ],
)
def test_the_key_value_cache_takes_the_published_bytes(name: str, bytes_per_token: int) -> None:
    """A cached number takes 16 bits."""
    assert published(name).kv_bytes_per_token(2) == bytes_per_token


@pytest.mark.parametrize(
    ("name", "method", "tokens", "rate", "tflops", "tolerance"),
    [
        ("Llama-2-7B", "full", 4096, 16934, 780, 0.001),
        ("Llama-2-70B", "full", 4096, 1728, 768, 0.001),
        ("Llama-3-70B", "full", 8192, 1524, 734, 0.001),
        # Fine-tuning on packed short texts, whose attention is negligible: 6·(N - V·d), and 4·(N - V·d) with LoRA.
        ("Llama-2-7B", "full", 1, 16891, 673, 0.006),
        ("Llama-2-7B", "lora", 1, 24824, 663, 0.011),
    ],
)
def test_training_operations_reproduce_nemo(
    name: str, method: str, tokens: int, *, rate: float, tflops: float, tolerance: float
) -> None:
    """Tokens/s and TFLOP/s per H100 agree in NVIDIA's NeMo 24.12 performance summary."""
    found = published(name).training_flops(tokens, method) / tokens * rate / 1e12
    assert found == pytest.approx(tflops, rel=tolerance)


@pytest.mark.parametrize(("tokens", "rate", "mfu"), [(2048, 10643, 0.4644), (4096, 8611, 0.4042)])
def test_utilisation_reproduces_llm_foundry(tokens: int, rate: float, mfu: float) -> None:
    """MPT-7B in bfloat16 on H100s has the MFU of llm-foundry's table, whose code divides by 989.5 TFLOP/s."""
    flops = published("foundry-7B").training_flops(tokens, "pretrain") / tokens
    # llm-foundry multiplies all parameters, including positions and norms, which are 0.15 % of them.
    assert flops * rate / 989.5e12 == pytest.approx(mfu, rel=0.003)


def test_lora_by_arithmetic_alone_is_at_most_one_and_a_half_times_as_fast() -> None:
    """Without attention the ratio is 6 to 4; NeMo's 24,824 to 16,891 tokens/s is within 2.1 % of the ratio here."""
    full, lora = (published("Llama-2-7B").training_flops(1, method) for method in ("full", "lora"))
    assert full / lora == pytest.approx(24824 / 16891, rel=0.021)
    assert full / lora <= 1.5


def test_decoding_reads_the_published_bandwidth() -> None:
    """gpt-fast decodes Llama-2-7B at 104.9 tokens/s on an A100 and reports 1,397 GB/s, without the cache."""
    moved = published("Llama-2-7B").decode_bytes(batch=1, context_tokens=0, bytes_per_number=2)
    assert moved * 104.9 / 1e9 == pytest.approx(1397.31, rel=0.015)


@pytest.mark.parametrize(
    ("name", "modules", "parameters"),
    [
        ("Llama-2-7B", ("q_proj", "v_proj"), 4_194_304),  # Lightning's litgpt
        ("Llama-2-13B", ("q_proj", "v_proj"), 6_553_600),
        ("mT0-large", ("q", "v"), 2_359_296),  # peft's README
    ],
)
def test_adapters_of_rank_eight_have_the_published_parameters(
    name: str, modules: tuple[str, ...], parameters: int
) -> None:
    """Adapters on queries and values include those of the cross-attention."""
    assert published(name).trainable_parameters("lora", rank=8, modules=modules) == parameters


@pytest.mark.parametrize("name", ["XLM-R-base", "DeBERTa-v3-base"])
def test_the_head_of_a_classifier_is_all_that_stands_beside_its_body(name: str) -> None:
    """XLM-RoBERTa's class has its head before the body, and DeBERTa's has its first layer under another name."""
    assert published(name).trainable_parameters("head") == 768 * 769 + 2 * 769


def test_a_recurrent_layer_keeps_three_inputs_and_a_state_of_each_channel() -> None:
    """Griffin's blocks (arXiv:2402.19427) have a convolution over four tokens; two layers in three are such."""
    assert published("RecurrentGemma-2B").cached_per_example == 18 * (3 + 1) * 2560
