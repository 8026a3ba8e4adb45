"""The sizes of models reproduce published figures, and are torch's own counts."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as some
from peft import AdaLoraConfig, IA3Config, LoraConfig, PromptTuningConfig, TaskType, get_peft_model
from torch.utils.flop_counter import FlopCounterMode
from transformers import (
    AutoConfig,
    AutoModelForCausalLM,
    AutoModelForImageClassification,
    AutoModelForSeq2SeqLM,
    AutoModelForSequenceClassification,
    AutoModelForSpeechSeq2Seq,
)

from profiling.errors import WorkloadError
from profiling.models import architecture, own_models  # noqa: F401 (its model types become known to transformers)
from profiling.models.architecture import Architecture

CLASSES: dict[str, Any] = {
    "bert": AutoModelForSequenceClassification,
    "roberta": AutoModelForSequenceClassification,
    "vit": AutoModelForImageClassification,
    "resnet": AutoModelForImageClassification,
    "whisper": AutoModelForSpeechSeq2Seq,
    "t5": AutoModelForSeq2SeqLM,
    "mt5": AutoModelForSeq2SeqLM,
    "encoder": AutoModelForSequenceClassification,
    "mlp": AutoModelForSequenceClassification,
    "linear": AutoModelForSequenceClassification,
}
OWN = {
    "encoder": {
        "hidden_size": 32,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "intermediate_size": 64,
        "vocab_size": 50,
        "max_position_embeddings": 64,
        "num_labels": 3,
    },
    "mlp": {"sizes": [6, 16, 8], "num_labels": 3},
    "linear": {"features": 7},
}

DENSE = {"hidden_size": 32, "num_hidden_layers": 3, "num_attention_heads": 4, "vocab_size": 100}
GROUPED = {**DENSE, "num_key_value_heads": 2, "intermediate_size": 48}
LATENT = {
    **DENSE,
    "num_key_value_heads": 4,
    "intermediate_size": 48,
    "moe_intermediate_size": 16,
    "n_routed_experts": 8,
    "n_group": 1,
    "topk_group": 1,
    "num_experts_per_tok": 2,
    "first_k_dense_replace": 1,
    "kv_lora_rank": 8,
    "q_lora_rank": 12,
    "qk_rope_head_dim": 4,
    "qk_nope_head_dim": 8,
    "v_head_dim": 6,
}
CLASSIFIER = {**DENSE, "intermediate_size": 48, "max_position_embeddings": 64, "num_labels": 3}
SPEECH = {
    "vocab_size": 100,
    "d_model": 32,
    "encoder_layers": 2,
    "decoder_layers": 3,
    "encoder_attention_heads": 4,
    "decoder_attention_heads": 4,
    "encoder_ffn_dim": 48,
    "decoder_ffn_dim": 64,
    "max_source_positions": 50,
    "max_target_positions": 40,
    "num_mel_bins": 20,
    "pad_token_id": 0,
    "bos_token_id": 1,
    "eos_token_id": 2,
    "decoder_start_token_id": 1,
}
RESNET = {"embedding_size": 8, "hidden_sizes": [16, 32, 64], "depths": [2, 3, 1], "image_size": 32, "num_labels": 4}
T5 = {"d_model": 32, "d_kv": 8, "d_ff": 48, "num_layers": 2, "num_decoder_layers": 3, "num_heads": 2, "vocab_size": 100}
# One small config for each family and each setting that changes a size.
SMALL: dict[str, dict[str, Any]] = {
    "bert": {"model_type": "bert", **CLASSIFIER},
    "roberta": {"model_type": "roberta", **CLASSIFIER, "pad_token_id": 1},
    "gpt2": {"model_type": "gpt2", **DENSE, "max_position_embeddings": 64},
    "gpt2-inner": {"model_type": "gpt2", "n_embd": 32, "n_layer": 2, "n_head": 2, "n_inner": 40, "vocab_size": 100},
    "opt": {"model_type": "opt", **DENSE, "ffn_dim": 48, "word_embed_proj_dim": 32, "max_position_embeddings": 64},
    "gpt_neox": {"model_type": "gpt_neox", **DENSE, "intermediate_size": 48},
    "bloom": {"model_type": "bloom", "hidden_size": 32, "n_layer": 3, "n_head": 4, "vocab_size": 100},
    "mpt": {"model_type": "mpt", "d_model": 32, "n_layers": 3, "n_heads": 4, "vocab_size": 100},
    "llama": {"model_type": "llama", **GROUPED},
    "llama-biased": {"model_type": "llama", **GROUPED, "attention_bias": True, "mlp_bias": True, "head_dim": 12},
    "llama-tied": {"model_type": "llama", **GROUPED, "tie_word_embeddings": True},
    "mistral": {"model_type": "mistral", **GROUPED},
    "qwen2": {"model_type": "qwen2", **GROUPED},
    "qwen3": {"model_type": "qwen3", **GROUPED, "head_dim": 16, "tie_word_embeddings": True},
    "gemma": {"model_type": "gemma", **GROUPED, "head_dim": 12},
    "mixtral": {"model_type": "mixtral", **GROUPED, "num_local_experts": 4},
    "qwen3_moe": {
        "model_type": "qwen3_moe",
        **GROUPED,
        "num_experts": 6,
        "num_experts_per_tok": 2,
        "moe_intermediate_size": 16,
        "mlp_only_layers": [1],
    },
    "deepseek_v3": {"model_type": "deepseek_v3", **LATENT},
    "deepseek_v3-plain-queries": {"model_type": "deepseek_v3", **LATENT, "q_lora_rank": None, "n_shared_experts": 2},
    "vit": {"model_type": "vit", **CLASSIFIER, "image_size": 32, "patch_size": 8},
    "resnet": {"model_type": "resnet", **RESNET},
    "resnet-basic": {"model_type": "resnet", **RESNET, "layer_type": "basic"},
    "whisper": {"model_type": "whisper", **SPEECH},
    "t5": {"model_type": "t5", **T5},
    "mt5": {"model_type": "mt5", **T5, "feed_forward_proj": "gated-gelu"},
    "llama-classifier": {
        "model_type": "llama",
        **GROUPED,
        "architectures": ["LlamaForSequenceClassification"],
        "num_labels": 3,
    },
    **{name: {"model_type": name, **config} for name, config in OWN.items()},
}
IMAGES = ("vit", "resnet")
TOKENS = 24


def built(config: dict[str, Any], device: str = "meta") -> Any:
    """The model that the framework makes of a config."""
    settings_ = dict(config)
    model_type = settings_.pop("model_type")
    with torch.device(device):
        made = AutoConfig.for_model(model_type, **settings_)
        if hasattr(made, "num_experts_per_tok"):
            # The loop over experts, which torch can count; the grouped product it cannot.
            made._experts_implementation = "eager"
        kind = AutoModelForSequenceClassification if "architectures" in config else AutoModelForCausalLM
        return CLASSES.get(model_type, kind).from_config(made, attn_implementation=_attention(model_type))


def _attention(model_type: str) -> str | None:
    """Eager attention, which torch can count; a network of convolutions has none."""
    return None if model_type == "resnet" else "eager"


def inputs(config: dict[str, Any]) -> dict[str, torch.Tensor]:
    """One example for a model, with `TOKENS` tokens where it reads any."""
    tokens = torch.arange(3, 3 + TOKENS)[None]
    if config["model_type"] in IMAGES:
        return {"pixel_values": torch.randn(1, 3, config["image_size"], config["image_size"])}
    if config["model_type"] == "whisper":
        speech = torch.randn(1, config["num_mel_bins"], 2 * config["max_source_positions"])
        return {"input_features": speech, "decoder_input_ids": tokens}
    if config["model_type"] in ("t5", "mt5"):
        return {"input_ids": tokens, "decoder_input_ids": tokens}
    if config["model_type"] in ("mlp", "linear"):
        return {"inputs": torch.randn(1, config.get("features") or config["sizes"][0])}
    return {"input_ids": tokens}


def answer(model: Any, config: dict[str, Any]) -> torch.Tensor:
    """The model's logits for one example."""
    logits: torch.Tensor = model(**inputs(config)).logits
    return logits


def counted(config: dict[str, Any], backward: bool) -> int:
    """Operations that torch counts for one example, attention as the plain products that it can count."""
    torch.manual_seed(20)
    model = built(config, "cpu").train()
    with FlopCounterMode(display=False) as counter:
        logits = answer(model, config)
        if backward:
            logits.sum().backward()
    return counter.get_total_flops()


def sizes(name: str) -> Architecture:
    """The architecture of a small config."""
    return architecture.of(SMALL[name])


def llama(layers: int, hidden: int, heads: int, kv_heads: int, *, ffn: int, vocab: int) -> Architecture:
    """A Llama by the fields of its `config.json`."""
    return architecture.of(
        {
            "model_type": "llama",
            "num_hidden_layers": layers,
            "hidden_size": hidden,
            "num_attention_heads": heads,
            "num_key_value_heads": kv_heads,
            "intermediate_size": ffn,
            "vocab_size": vocab,
        }
    )


LLAMA_2_7B = llama(32, 4096, 32, 32, ffn=11008, vocab=32000)
LLAMA_2_13B = llama(40, 5120, 40, 40, ffn=13824, vocab=32000)
LLAMA_2_70B = llama(80, 8192, 64, 8, ffn=28672, vocab=32000)
LLAMA_3_8B = llama(32, 4096, 32, 8, ffn=14336, vocab=128256)
LLAMA_3_70B = llama(80, 8192, 64, 8, ffn=28672, vocab=128256)
LLAMA_3_405B = llama(126, 16384, 128, 8, ffn=53248, vocab=128256)
MT0_LARGE = {"d_model": 1024, "d_ff": 2816, "num_layers": 24, "num_heads": 16, "tie_word_embeddings": False}
FOUNDRY_7B = {
    "model_type": "gpt2",
    "n_embd": 4096,
    "n_layer": 32,
    "n_head": 32,
    "n_positions": 2048,
    "vocab_size": 50368,
}
PYTHIA = {"model_type": "gpt_neox", "vocab_size": 50304}
QWEN3 = {"model_type": "qwen3_moe", "num_hidden_layers": 48, "num_experts": 128, "head_dim": 128}


def test_every_family_is_tried() -> None:
    """There is a small config of each model type that is known."""
    assert {config["model_type"] for config in SMALL.values()} == set(architecture.KNOWN)


@pytest.mark.parametrize("name", SMALL)
def test_parameters_are_those_of_the_model_that_is_built(name: str) -> None:
    """To the last bias; tied matrices are counted once."""
    assert sizes(name).parameters == sum(weight.numel() for weight in built(SMALL[name]).parameters())


def test_a_task_decides_what_a_language_model_ends_in() -> None:
    """For `text` in classes, for `causal` in words, whatever class once saved it."""
    plain = {**SMALL["llama"], "num_labels": 3}
    saved = SMALL["llama-classifier"]
    assert architecture.of(plain, "text") == sizes("llama-classifier")
    assert architecture.of(saved, "causal") == sizes("llama")


@pytest.mark.parametrize("model_type", architecture.KNOWN)
def test_defaults_are_those_of_the_framework(model_type: str) -> None:
    """A config that names nothing but its type is transformers' own default."""
    with torch.device("meta"):
        config = AutoConfig.for_model(model_type)
        model = CLASSES.get(model_type, AutoModelForCausalLM).from_config(config)
    assert architecture.of({"model_type": model_type}).parameters == sum(one.numel() for one in model.parameters())


@pytest.mark.parametrize("name", SMALL)
def test_forward_operations_are_those_that_torch_counts(name: str) -> None:
    """Products with weights, convolutions, and attention."""
    assert sizes(name).forward_flops(TOKENS) == counted(SMALL[name], backward=False)


@pytest.mark.parametrize("name", SMALL)
def test_training_operations_are_those_that_torch_counts(name: str) -> None:
    """Three forward passes, but that no gradient goes back to the data."""
    assert sizes(name).training_flops(TOKENS, "full") == counted(SMALL[name], backward=True)


@pytest.mark.parametrize(
    ("config", "published"),
    [
        # Counts of the model hub.
        ({"model_type": "llama"}, 6_738_415_616),
        ({"model_type": "gpt2"}, 124_439_808),
        ({"model_type": "mixtral"}, 46_702_792_704),
        ({"model_type": "mistral"}, 7_241_732_096),
        ({"model_type": "vit", "num_labels": 1000}, 86_567_656),
        ({"model_type": "resnet", "num_labels": 1000}, 25_557_032),
        # BERT-base without its classifier of two classes is 109,482,240.
        ({"model_type": "bert"}, 109_482_240 + 2 * 769),
        # Whisper-tiny, which arXiv:2212.04356, table 1, prints as 39M.
        ({"model_type": "whisper"}, 37_760_640),
        # peft's README counts 1,231,940,608 with the adapters.
        ({"model_type": "mt5", **MT0_LARGE}, 1_231_940_608 - 2_359_296),
        # Pythia, arXiv:2304.01373.
        (
            {
                **PYTHIA,
                "hidden_size": 512,
                "num_hidden_layers": 6,
                "num_attention_heads": 8,
                "intermediate_size": 2048,
            },
            70_426_624,
        ),
        (
            {
                **PYTHIA,
                "hidden_size": 2048,
                "num_hidden_layers": 16,
                "num_attention_heads": 8,
                "intermediate_size": 8192,
            },
            1_011_781_632,
        ),
        # MosaicML's MPT-7B, and the one with biases and positions in llm-foundry's table: the shape of a GPT-2.
        ({"model_type": "mpt", "d_model": 4096, "n_layers": 32, "n_heads": 32, "vocab_size": 50432}, 6_649_286_656),
        (FOUNDRY_7B, 6_658_859_008),
    ],
)
def test_parameters_are_those_of_the_published_weights(config: dict[str, Any], published: int) -> None:
    """From the fields of each `config.json`."""
    assert architecture.of(config).parameters == published


@pytest.mark.parametrize(
    ("model", "published"),
    [
        (LLAMA_2_7B, 6_738_415_616),
        (LLAMA_2_13B, 13_015_864_320),
        (LLAMA_2_70B, 68_976_648_192),
        (LLAMA_3_8B, 8_030_261_248),
        (LLAMA_3_70B, 70_553_706_496),
        (LLAMA_3_405B, 405_853_388_800),
    ],
)
def test_parameters_of_llama_are_the_published_ones(model: Architecture, published: int) -> None:
    """Counts by the model hub."""
    assert model.parameters == published


@pytest.mark.parametrize(
    ("config", "total", "active", "tolerance"),
    [
        # arXiv:2401.04088, section 1: 47B and 13B, printed elsewhere as 46.7B and 12.9B.
        ({"model_type": "mixtral"}, 46.7e9, 12.9e9, 0.002),
        # arXiv:2412.19437: 671B and 37B; the second figure leaves out part of the two embeddings, 0.93B each.
        ({"model_type": "deepseek_v3"}, 671e9, 37e9, 0.016),
        # arXiv:2505.09388, table 2: 30B-A3B, 30.5B and 3.3B in its model card.
        ({**QWEN3}, 30.5e9, 3.3e9, 0.02),
    ],
)
def test_a_mixture_has_the_published_active_parameters(
    config: dict[str, Any], total: float, active: float, tolerance: float
) -> None:
    """What a token meets: all but the experts that it is not sent to."""
    found = architecture.of(config)
    assert found.parameters == pytest.approx(total, rel=0.002)
    assert found.active_parameters == pytest.approx(active, rel=tolerance)


@pytest.mark.parametrize(
    ("model", "published"),
    [
        # vLLM, arXiv:2309.06180, section 3: 800 KB.
        (
            architecture.of(
                {
                    "model_type": "opt",
                    "hidden_size": 5120,
                    "num_hidden_layers": 40,
                    "num_attention_heads": 40,
                    "word_embed_proj_dim": 5120,
                }
            ),
            819_200,
        ),
        # arXiv:2505.09343, table 1.
        (architecture.of({"model_type": "deepseek_v3"}), 70_272),
        (LLAMA_3_405B, 516_096),
        (LLAMA_3_8B, 131_072),
        (LLAMA_2_7B, 524_288),
        (LLAMA_2_13B, 819_200),
    ],
)
def test_the_key_value_cache_takes_the_published_bytes(model: Architecture, published: int) -> None:
    """At 16 bits a number."""
    assert model.kv_bytes_per_token(2) == published


@pytest.mark.parametrize(
    ("model", "tokens", "rate", "published_tflops"),
    [(LLAMA_2_7B, 4096, 16934, 780), (LLAMA_2_70B, 4096, 1728, 768), (LLAMA_3_70B, 8192, 1524, 734)],
)
def test_training_operations_reproduce_nemo(
    model: Architecture, tokens: int, rate: float, published_tflops: float
) -> None:
    """NVIDIA NeMo 24.12 performance summary, H100: tokens/s and TFLOP/s per GPU belong together."""
    tflops = model.training_flops(tokens, "full") / tokens * rate / 1e12
    assert tflops == pytest.approx(published_tflops, rel=0.001)


@pytest.mark.parametrize(
    ("method", "rate", "published_tflops", "tolerance"), [("full", 16891, 673, 0.006), ("lora", 24824, 663, 0.011)]
)
def test_fine_tuning_operations_reproduce_nemo(
    method: str, rate: float, published_tflops: float, tolerance: float
) -> None:
    """Packed short texts, whose attention is negligible: 6·(N - V·d), and 4·(N - V·d) with LoRA."""
    tflops = LLAMA_2_7B.training_flops(1, method) * rate / 1e12
    assert tflops == pytest.approx(published_tflops, rel=tolerance)


@pytest.mark.parametrize(("tokens", "rate", "published_mfu"), [(2048, 10643, 0.4644), (4096, 8611, 0.4042)])
def test_utilisation_reproduces_llm_foundry(tokens: int, rate: float, published_mfu: float) -> None:
    """MPT-7B on H100s in bfloat16, by its table of throughput; 989.5 TFLOP/s is what that code divides by."""
    flops = architecture.of(FOUNDRY_7B).training_flops(tokens, "pretrain") / tokens
    # It multiplies all parameters, positions and norms too, which are 0.15 % of them.
    assert flops * rate / 989.5e12 == pytest.approx(published_mfu, rel=0.003)


def test_lora_by_arithmetic_alone_is_at_most_half_as_fast_again() -> None:
    """Without attention the ratio is 6 to 4; NeMo's 24,824 to 16,891 tokens/s comes within 2.1 % of it."""
    full, lora = (LLAMA_2_7B.training_flops(1, method) for method in ("full", "lora"))
    assert full / lora == pytest.approx(24824 / 16891, rel=0.021)
    assert full / lora <= 1.5


@pytest.mark.parametrize("name", ["gpt2", "llama", "qwen3", "deepseek_v3", "mixtral"])
def test_prefill_operations_are_those_that_torch_counts(name: str) -> None:
    """The output matrix is applied to the last token alone."""
    model = built(SMALL[name], "cpu").eval()
    with FlopCounterMode(display=False) as counter, torch.inference_mode():
        model(torch.arange(TOKENS)[None], logits_to_keep=1)
    assert counter.get_total_flops() == pytest.approx(sizes(name).prefill_flops(TOKENS), rel=0.003)


def test_a_frozen_body_costs_a_forward_pass_and_the_heads_gradient() -> None:
    """Torch counts the same where only the classifier learns."""
    model = built(SMALL["bert"], "cpu")
    for name, weight in model.named_parameters():
        weight.requires_grad = name.startswith("classifier")
    with FlopCounterMode(display=False) as counter:
        answer(model, SMALL["bert"]).sum().backward()
    assert counter.get_total_flops() == sizes("bert").training_flops(TOKENS, "head")


def test_decoding_reads_the_published_bandwidth() -> None:
    """gpt-fast, Llama-2-7B at 104.9 tokens/s on an A100: 1,397 GB/s; the cache is what it leaves out."""
    moved = LLAMA_2_7B.decode_bytes(batch=1, context_tokens=0, bytes_per_number=2)
    assert moved * 104.9 / 1e9 == pytest.approx(1397.31, rel=0.015)


def test_a_large_batch_reads_every_expert() -> None:
    """One token of Mixtral meets two experts of eight, and very many tokens meet all."""
    mixtral = architecture.of({"model_type": "mixtral"})
    assert mixtral.decode_bytes(1, 0, 2) == pytest.approx(2 * (mixtral.active_parameters - 32000 * 4096), rel=1e-6)
    assert mixtral.decode_bytes(1000, 0, 2) == pytest.approx(2 * (mixtral.parameters - 32000 * 4096), rel=1e-6)


def test_an_encoder_is_not_read_again_for_each_token() -> None:
    """Of Whisper, the cached keys and values of 1500 frames are read instead."""
    whisper = architecture.of({"model_type": "whisper"})
    step = whisper.decode_bytes(1, 0, 2) / 2
    decoder = 4 * (6 * 384 * 384 + 2 * 384 * 1536) + 51865 * 384
    assert step == pytest.approx(decoder + 2 * 4 * 384 * 1500, rel=0.002)


@pytest.mark.parametrize(
    ("model", "modules", "published"),
    [
        (LLAMA_2_7B, ("q_proj", "v_proj"), 4_194_304),  # Lightning's litgpt
        (LLAMA_2_13B, ("q_proj", "v_proj"), 6_553_600),
        (architecture.of({"model_type": "mt5", **MT0_LARGE}), ("q", "v"), 2_359_296),  # peft's README
    ],
)
def test_adapters_of_rank_eight_have_the_published_parameters(
    model: Architecture, modules: tuple[str, ...], published: int
) -> None:
    """On queries and values, those of the look at an encoder included."""
    assert model.lora_parameters(8, modules) == published


def trained(model: Any) -> int:
    """Parameters that learn."""
    return sum(weight.numel() for weight in model.parameters() if weight.requires_grad)


@pytest.mark.parametrize(
    ("name", "modules", "kind"),
    [
        ("bert", ("query", "value"), TaskType.SEQ_CLS),
        ("bert", ("query", "key", "value", "attention.output.dense"), TaskType.SEQ_CLS),
        ("gpt2", ("attn.c_attn",), TaskType.CAUSAL_LM),
        ("llama", ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"), TaskType.CAUSAL_LM),
        ("llama-classifier", ("q_proj", "v_proj"), TaskType.SEQ_CLS),
        ("t5", ("q", "v"), TaskType.SEQ_2_SEQ_LM),
        ("whisper", ("q_proj", "v_proj"), None),
    ],
)
def test_lora_trains_as_many_weights_as_peft_makes(name: str, modules: tuple[str, ...], kind: str | None) -> None:
    """The adapters, and the head of a classifier."""
    turned = name == "gpt2"  # whose matrices are kept the other way round
    config = LoraConfig(task_type=kind, r=4, target_modules=list(modules), fan_in_fan_out=turned)
    made = get_peft_model(built(SMALL[name]), config)
    assert sizes(name).trainable_parameters("lora", rank=4, modules=modules) == trained(made)


def test_adalora_trains_as_many_weights_as_peft_makes() -> None:
    """With a singular value for each rank."""
    made = get_peft_model(
        built(SMALL["bert"], "cpu"),
        AdaLoraConfig(task_type=TaskType.SEQ_CLS, init_r=6, target_modules=["query", "value"], total_step=10),
    )
    assert sizes("bert").trainable_parameters("adalora", rank=6) == trained(made)


def test_ia3_trains_as_many_weights_as_peft_makes() -> None:
    """One scale for each output, of the feed-forward's last matrix for each input."""
    modules, feedforward = ["k_proj", "v_proj", "down_proj"], ["down_proj"]
    config = IA3Config(task_type=TaskType.CAUSAL_LM, target_modules=modules, feedforward_modules=feedforward)
    made = get_peft_model(built(SMALL["llama"]), config)
    expected = sizes("llama").trainable_parameters("ia3", modules=modules, feedforward=feedforward)
    assert expected == trained(made)


def test_prompt_tuning_trains_as_many_weights_as_peft_makes() -> None:
    """So many rows of the hidden size."""
    config = PromptTuningConfig(task_type=TaskType.CAUSAL_LM, num_virtual_tokens=7)
    made = get_peft_model(built(SMALL["llama"], "cpu"), config)
    assert sizes("llama").trainable_parameters("prompt", virtual_tokens=7) == trained(made)


@given(layers=some.integers(1, 8), heads=some.integers(1, 8), tokens=some.integers(1, 200), ffn=some.integers(1, 99))
@settings(max_examples=50, deadline=None)
def test_training_is_three_forward_passes(layers: int, heads: int, tokens: int, ffn: int) -> None:
    """Of any model that begins with a lookup; an adapter costs less, and a frozen body least."""
    model = llama(layers, 16 * heads, heads, heads, ffn=ffn, vocab=50)
    full, lora, head = (model.training_flops(tokens, method) for method in ("full", "lora", "head"))
    assert full == pytest.approx(3 * model.forward_flops(tokens))
    assert full > lora > head > model.forward_flops(tokens)


@given(share=some.integers(1, 8), batch=some.integers(1, 50))
@settings(max_examples=50, deadline=None)
def test_a_batch_reads_no_fewer_bytes_than_one_token_and_no_more_than_all(share: int, batch: int) -> None:
    """Of a mixture with any number of experts in use."""
    model = architecture.of({**SMALL["mixtral"], "num_local_experts": 8, "num_experts_per_tok": share})
    one, some_of_them, bound = (model.decode_bytes(n, 0, 1) for n in (1, batch, 10**6))
    assert one <= some_of_them * (1 + 1e-12)
    assert some_of_them <= bound * (1 + 1e-12)


@pytest.mark.parametrize(
    ("config", "sentence"),
    [
        ({"model_type": "unheard"}, r"'unheard' are not known; those of bert, .*whisper are"),
        ({}, "type None are not known"),
        ({"model_type": "mlp", "sizes": []}, "config of a mlp: 'sizes' is empty"),
        ({"model_type": "llama", "hidden_size": -4}, "'hidden_size' is -4; it must be a whole number from 1"),
        ({"model_type": "llama", "hidden_size": True}, "'hidden_size' is True"),
        ({"model_type": "mixtral", "num_experts_per_tok": 9}, "is 9, of 8 experts"),
        ({"model_type": "resnet", "depths": [1]}, "has 1 stages, and hidden_sizes 4"),
    ],
)
def test_a_config_that_says_too_little_is_refused(config: dict[str, Any], sentence: str) -> None:
    """With a sentence that names the field."""
    with pytest.raises(WorkloadError, match=sentence):
        architecture.of(config)


def test_an_unknown_method_is_refused() -> None:
    """It is not taken for a whole one."""
    with pytest.raises(WorkloadError, match="there is no method 'magic'"):
        LLAMA_2_7B.training_flops(10, "magic")


def test_an_adapter_on_a_module_that_is_not_there_is_refused() -> None:
    """The names that there are stand beside it."""
    with pytest.raises(WorkloadError, match=r"has no module 'query' for adapters; it has .*q_proj"):
        LLAMA_2_7B.lora_parameters(8, ["query"])
