"""The sizes of small models are those that torch, transformers and peft count."""

from typing import Any

import pytest
import torch
from peft import AdaLoraConfig, IA3Config, LoraConfig, PromptTuningConfig, TaskType, get_peft_model
from small_models import SMALL, TOKENS, answer, built, counted, sizes
from torch.utils.flop_counter import FlopCounterMode

BERT_BLOCK = ("query", "key", "value", "attention.output.dense")
SCALED = ["k_proj", "v_proj", "down_proj"]
LLAMA_BLOCK = ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj")


def weights(model: Any, *, learning: bool = False) -> int:
    """Return the count of all parameters, or of those that learn."""
    return sum(one.numel() for one in model.parameters() if one.requires_grad or not learning)


@pytest.mark.parametrize("name", SMALL)
def test_parameters_are_those_of_the_built_model(name: str) -> None:
    """Parameters agree to the last bias, with tied matrices counted once."""
    assert sizes(name).parameters == weights(built(name))


@pytest.mark.parametrize("name", SMALL)
def test_forward_operations_are_those_that_torch_counts(name: str) -> None:
    """Forward operations are the products with weights, the convolutions and the attention."""
    assert sizes(name).forward_flops(TOKENS) == counted(name)[0]


@pytest.mark.parametrize("name", SMALL)
def test_training_operations_are_those_that_torch_counts(name: str) -> None:
    """Training takes three forward passes, less the gradient with respect to the data."""
    assert sizes(name).training_flops(TOKENS, "full") == counted(name)[1]


@pytest.mark.parametrize("name", ["gpt2", "llama", "qwen3", "deepseek_v3", "mixtral"])
def test_prefill_operations_are_those_that_torch_counts(name: str) -> None:
    """Prefill applies the output matrix to the last token only."""
    model = built(name, "cpu").eval()
    with FlopCounterMode(display=False) as counter, torch.inference_mode():
        model(torch.arange(TOKENS)[None], logits_to_keep=1)
    assert counter.get_total_flops() == pytest.approx(sizes(name).prefill_flops(TOKENS), rel=0.003)


def test_a_frozen_body_costs_a_forward_pass_and_the_gradient_of_the_head() -> None:
    """Torch counts the same where only the classifier learns."""
    model = built("bert", "cpu")
    for name, weight in model.named_parameters():
        weight.requires_grad = name.startswith("classifier")
    with FlopCounterMode(display=False) as counter:
        answer(model, "bert").sum().backward()
    assert counter.get_total_flops() == sizes("bert").training_flops(TOKENS, "head")


@pytest.mark.parametrize(
    ("name", "modules", "kind"),
    [
        ("bert", ("query", "value"), TaskType.SEQ_CLS),
        ("bert", BERT_BLOCK, TaskType.SEQ_CLS),
        ("gpt2", ("attn.c_attn",), TaskType.CAUSAL_LM),
        ("llama", LLAMA_BLOCK, TaskType.CAUSAL_LM),
        ("llama-classifier", ("q_proj", "v_proj"), TaskType.SEQ_CLS),
        ("t5", ("q", "v"), TaskType.SEQ_2_SEQ_LM),
        ("whisper", ("q_proj", "v_proj"), None),
    ],
)
def test_lora_trains_the_parameters_that_peft_makes(name: str, modules: tuple[str, ...], kind: str | None) -> None:
    """LoRA trains the adapters, and the head of a classifier."""
    transposed = name == "gpt2"  # GPT-2 stores its matrices transposed.
    config = LoraConfig(task_type=kind, r=4, target_modules=list(modules), fan_in_fan_out=transposed)
    made = get_peft_model(built(name), config)
    assert sizes(name).trainable_parameters("lora", rank=4, modules=modules) == weights(made, learning=True)


@pytest.mark.parametrize(
    ("method", "name", "config", "options"),
    [
        # AdaLoRA has one singular value for each rank.
        (
            "adalora",
            "bert",
            AdaLoraConfig(task_type=TaskType.SEQ_CLS, init_r=6, target_modules=["query", "value"], total_step=10),
            {"rank": 6},
        ),
        # IA3 has one scale for each output of a module, and for each input of the last feed-forward matrix.
        (
            *("ia3", "llama"),
            IA3Config(task_type=TaskType.CAUSAL_LM, target_modules=SCALED, feedforward_modules=SCALED[2:]),
            {"modules": SCALED, "feedforward": SCALED[2:]},
        ),
        # Prompt tuning has one row of the hidden size for each virtual token.
        ("prompt_tuning", "llama", PromptTuningConfig(TaskType.CAUSAL_LM, num_virtual_tokens=7), {"virtual_tokens": 7}),
    ],
)
def test_further_adapters_train_the_parameters_that_peft_makes(
    method: str, name: str, config: Any, options: dict[str, Any]
) -> None:
    """AdaLoRA, IA3 and prompt tuning train the parameters that peft adds."""
    made = get_peft_model(built(name, "cpu"), config)
    assert sizes(name).trainable_parameters(method, **options) == weights(made, learning=True)
