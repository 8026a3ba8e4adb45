"""Sizes, operations and bytes of well-known models reproduce the published figures."""

from typing import Any

import pytest

from profiling import architecture
from profiling.architecture import Architecture

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
    ],
)
def test_parameters_are_those_of_the_published_weights(name: str, parameters: int) -> None:
    """The config alone gives the published count of parameters."""
    assert published(name).parameters == parameters


@pytest.mark.parametrize(
    ("name", "total", "active", "tolerance"),
    [
        # arXiv:2401.04088, section 1: 47B and 13B, printed elsewhere as 46.7B and 12.9B.
        ("mixtral", 46.7e9, 12.9e9, 0.002),
        # arXiv:2412.19437: 671B and 37B; the second figure leaves out part of the two embeddings, 0.93B each.
        ("deepseek_v3", 671e9, 37e9, 0.016),
        # arXiv:2505.09388, table 2: 30B-A3B, 30.5B and 3.3B in its model card.
        ("Qwen3-30B-A3B", 30.5e9, 3.3e9, 0.02),
    ],
)
def test_a_mixture_has_the_published_active_parameters(
    name: str, total: float, active: float, tolerance: float
) -> None:
    """Active parameters leave out the experts to which a token is not sent."""
    assert published(name).parameters == pytest.approx(total, rel=0.002)
    assert published(name).active_parameters == pytest.approx(active, rel=tolerance)


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
    assert published(name).lora_parameters(8, modules) == parameters
