"""Memory, training time and load by arithmetic reproduce the published figures."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as some
from torch import nn
from transformers import AutoConfig, AutoModelForCausalLM

from profiling import architecture
from profiling.errors import WorkloadError
from profiling.estimates import duration, footprint
from profiling.estimates.footprint import Plan
from profiling.reference import datasheets

LLAMA_2_7B, BERT, GPT_3 = (
    architecture.of(datasheets.model(name).config) for name in ("Llama-2-7B", "BERT-base", "GPT-3-175B")
)


# Gigabytes for each device of 7.5B parameters by stage and number of devices in ZeRO, arXiv:1910.02054: 64 devices in
# figure 1, the others in table 1.
ZERO = {
    0: {64: 120},
    1: {4: 52.5, 16: 35.6, 64: 31.4, 256: 30.4},
    2: {4: 41.3, 16: 21.6, 64: 16.6, 256: 15.4},
    3: {4: 30, 16: 7.5, 64: 1.9, 256: 0.47},
}


@pytest.mark.parametrize(
    ("stage", "devices", "published_gigabytes"),
    [(stage, devices, published) for stage, row in ZERO.items() for devices, published in row.items()],
)
def test_zero_reproduces_its_paper(stage: int, devices: int, published_gigabytes: float) -> None:
    """The paper prints two or three digits."""
    found = footprint.training_state(7.5e9, zero_stage=stage, devices=devices)
    assert found.state / 1e9 == pytest.approx(published_gigabytes, rel=0.015)


@pytest.mark.parametrize(
    ("recipe", "bytes_each"),
    [
        ("adamw-mixed", 16),
        ("adamw-mixed-float32-gradients", 18),  # 6 + 8 + 4, transformers' "model memory anatomy"
        ("adamw-8bit", 12),  # the same page: 2 instead of 8
        ("adamw-float32", 16),
    ],
)
def test_a_recipe_takes_the_published_bytes(recipe: str, bytes_each: float) -> None:
    """A recipe has the published bytes for each weight that learns."""
    assert footprint.training_state(1e9, recipe).state == bytes_each * 1e9


@pytest.mark.parametrize(
    ("recipe", "kind", "options"),
    [
        ("adamw-float32", torch.optim.AdamW, {}),
        ("sgd-float32", torch.optim.SGD, {"lr": 0.1}),
        ("sgd-momentum-float32", torch.optim.SGD, {"lr": 0.1, "momentum": 0.9}),
    ],
)
def test_an_optimiser_takes_what_torch_keeps(recipe: str, kind: type, options: dict[str, float]) -> None:
    """Torch keeps the weights, gradients and moments of the recipe, and a few scalars."""
    model = nn.Linear(64, 64)
    optimizer = kind(model.parameters(), **options)
    model(torch.ones(1, 64)).sum().backward()
    optimizer.step()
    weights = list(model.parameters())
    kept = [value for state in optimizer.state.values() for value in state.values() if value is not None]
    moments = sum(value.nbytes for value in kept if value.numel() > 1)
    held = sum(weight.nbytes + weight.grad.nbytes for weight in weights) + moments
    assert footprint.training_state(64 * 64 + 64, recipe).state == held


def test_a_plain_layer_keeps_what_its_paper_says() -> None:
    """GPT-2's twelve layers keep 34·s·b·h bytes each, or their inputs of 2·s·b·h (arXiv:2205.05198)."""
    model = architecture.of({"model_type": "gpt2"})
    assert footprint.layer_activation_bytes(model, 128) == 12 * 34 * 128 * 768
    assert footprint.layer_activation_bytes(model, 128, again=True) == 12 * 2 * 128 * 768


@pytest.mark.parametrize(("precision", "bits"), [("nf4", 4.5), ("nf4-double", 4.127)])
def test_four_bits_take_a_little_more(precision: str, bits: float) -> None:
    """QLoRA's scales take 0.5 bit a weight, and 0.127 with double quantisation (arXiv:2305.14314, section 3)."""
    assert footprint.WEIGHT_BITS[precision] == pytest.approx(bits, abs=0.0005)


def test_weights_take_their_precision() -> None:
    """13B parameters in 16 bits take 26 GB (arXiv:2309.06180, section 3); Llama-2-13B has 13.016B."""
    shape = {"hidden_size": 5120, "intermediate_size": 13824, "num_hidden_layers": 40, "num_attention_heads": 40}
    llama = architecture.of({"model_type": "llama", **shape})
    assert footprint.weight_bytes(llama, "bfloat16") / 1e9 == pytest.approx(26, rel=0.002)


def test_packing_leaves_embeddings_unchanged() -> None:
    """Llama-2-7B has 6.476B packed weights, and two tables of 131M that are not packed."""
    packed = 32 * (4 * 4096 * 4096 + 3 * 4096 * 11008)
    rest = LLAMA_2_7B.parameters - packed
    assert footprint.weight_bytes(LLAMA_2_7B, "int4") == packed / 2 + rest * 2


def test_adapters_of_gpt_3_take_what_their_paper_says() -> None:
    """LoRA takes 350 GB instead of 1.2 TB, and a checkpoint of 35 MB at r = 4 on Wq and Wv (arXiv:2106.09685, 4.2)."""
    frozen = footprint.weight_bytes(GPT_3, "float16")
    # Two factors at the one matrix of queries, keys and values hold as much as at two of the three.
    adapters = GPT_3.trainable_parameters("lora", rank=4, modules=["attn.c_attn"])
    assert frozen / 1e9 == pytest.approx(350, rel=0.005)
    assert adapters * 2 / 2**20 == pytest.approx(35, rel=0.03)


@pytest.mark.parametrize(("method", "published_gibibytes"), [("lora", 21.3), ("qlora", 13.84)])
def test_adapters_need_less_than_was_measured(method: str, published_gibibytes: float) -> None:
    """litgpt, Llama-2-7B on an A100, micro-batch 1: 21.3 GB in bfloat16, 13.84 GB in double-quantised NF4.

    The arithmetic is a floor: weights and adapters, and activations of a short text.
    """
    needed = footprint.training(LLAMA_2_7B, Plan(method, tokens=256)).total
    assert 0.35 * published_gibibytes < needed / 1e9 < published_gibibytes


def test_a_cache_takes_the_published_bytes() -> None:
    """OPT-13B keeps 800 KB a token, so 1.6 GB for its 2048 (arXiv:2309.06180, section 3)."""
    opt = {"model_type": "opt", "hidden_size": 5120, "num_hidden_layers": 40, "num_attention_heads": 40}
    assert footprint.cache_bytes(architecture.of(opt), 1, 2048) == pytest.approx(1.6e9, rel=0.05)


def test_a_frozen_body_keeps_no_activations() -> None:
    """Only the head's input and output are kept."""
    frozen, whole = (footprint.training(BERT, Plan(method, batch=8)) for method in ("head", "full"))
    assert frozen.gradients == 2 * (768 * 2 + 2)
    assert frozen.weights == pytest.approx(whole.weights)
    assert (frozen.activations or 0) < 1e-3 * (whole.activations or 0)


def test_activations_of_a_convolutional_network_are_unknown() -> None:
    """The formula is for layers with attention, so activations of other models are unknown."""
    found = footprint.training(architecture.of({"model_type": "resnet"}), Plan())
    assert (found.activations, found.total) == (None, None)
    assert found.state == 16 * 23_512_130


@given(
    stage=some.integers(0, 3),
    devices=some.integers(1, 512),
    method=some.sampled_from(["full", "lora", "qlora", "adalora", "ia3", "prompt_tuning", "head"]),
)
@settings(max_examples=60, deadline=None)
def test_more_sharding_never_takes_more(stage: int, devices: int, method: str) -> None:
    """A higher stage or one more device needs no more on each device, and no less than an equal share."""
    whole = footprint.training(BERT, Plan(method)).state
    here = footprint.training(BERT, Plan(method, zero_stage=stage, devices=devices)).state
    further = footprint.training(BERT, Plan(method, zero_stage=min(3, stage + 1), devices=devices + 1)).state
    assert further <= here <= whole
    assert here * devices >= whole * (1 - 1e-9)


@pytest.mark.parametrize(
    ("parameters", "devices", "teraflops", "published_days"),
    [
        # Megatron-LM, arXiv:2104.04473, table 2, for 300B tokens; it prints whole days.
        (174.6e9, 384, 153, 84),
        (174.6e9, 768, 149, 43),
        (174.6e9, 1536, 141, 23),
        (529.6e9, 640, 138, 169),
        (529.6e9, 1120, 98, 137),
        (529.6e9, 2240, 48, 140),
    ],
)
def test_training_time_reproduces_megatron(
    parameters: float, devices: int, teraflops: float, published_days: float
) -> None:
    """Days are 8·T·P/(n·X), with every layer's forward pass done twice (equation 4).

    The equation leaves out attention and the output, and is 1-3 % below the measured days.
    """
    days = duration.gpu_hours(8 * parameters * 300e9, teraflops * 1e12) / devices / 24
    assert -0.03 < days / published_days - 1 < -0.01


def test_hours_are_a_lower_bound_of_the_published_hours() -> None:
    """Llama-3.1-405B at 400 TFLOP/s on each H100 (arXiv:2407.21783, table 4): 30.84M hours by its model card.

    The hours are 6·N·D at the rate of a step; longer texts, restarts and evaluation come on top.
    """
    hours = duration.gpu_hours(6 * 405_853_388_800 * 15.6e12, 400e12)
    assert 0.85 < hours / 30.84e6 < 1


@pytest.mark.parametrize(
    ("ask", "words"),
    [
        (lambda: footprint.training_state(1e9, zero_stage=4), "stages go from 0 to 3"),
        (lambda: footprint.training_state(1e9, "lion"), "no recipe 'lion'; choose one of adamw-mixed,"),
        (lambda: footprint.weight_bytes(BERT, "int3"), "'int3'; choose one of float32,"),
    ],
    ids=["stage", "recipe", "precision"],
)
def test_what_does_not_exist_is_refused(ask: Callable[[], object], words: str) -> None:
    """The error lists what there is."""
    with pytest.raises(WorkloadError, match=words):
        ask()


MIXTURE = {"num_local_experts": 8, "num_experts_per_tok": 2}


@pytest.mark.parametrize(
    ("config", "most"),
    [
        ({"model_type": "llama", "intermediate_size": 896}, 1.2),
        ({"model_type": "gpt_neox", "intermediate_size": 1024}, 1.2),
        ({"model_type": "mixtral", "intermediate_size": 896, **MIXTURE}, 1.2),
        ({"model_type": "qwen3_moe", "moe_intermediate_size": 96, "num_experts": 16, "num_experts_per_tok": 8}, 1.3),
    ],
    ids=["dense and gated", "plain", "few wide experts", "many narrow experts"],
)
def test_activations_are_a_close_lower_bound_of_what_autograd_keeps(config: dict[str, Any], most: float) -> None:
    """The formula counts the experts that are met; float32 copies inside norms and rotations come on top."""
    shape = {"hidden_size": 256, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 1}
    whole = {"vocab_size": 1024, "max_position_embeddings": 1024, "head_dim": 64, **shape, **config}
    said = footprint.activation_bytes(architecture.of(whole), 128, 1)
    assert said is not None
    assert 1 <= kept_by_autograd(whole, tokens=128) / said < most


def kept_by_autograd(config: dict[str, Any], tokens: int) -> int:
    """Return the bytes of the tensors that a training step keeps for its backward pass, without the weights."""
    torch.manual_seed(1)
    found = AutoConfig.for_model(**config)
    model = AutoModelForCausalLM.from_config(found, dtype=torch.bfloat16, attn_implementation="sdpa").train()
    own = {weight.untyped_storage().data_ptr() for weight in model.parameters()}
    kept: dict[int, int] = {}

    def pack(tensor: torch.Tensor) -> torch.Tensor:
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in own:
            kept[storage.data_ptr()] = storage.nbytes()
        return tensor

    words = torch.arange(tokens)[None]
    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        loss = model(input_ids=words, labels=words, use_cache=False).loss
    assert loss.requires_grad  # what is kept lives until here
    return sum(kept.values())
