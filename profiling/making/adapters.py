"""Adapters over frozen weights, by peft: what each method adds where, and which models it cannot be used on.

A classifier's head, which a new task brings with it, is trained in full beside the adapters.
"""

from __future__ import annotations

import importlib.util
import inspect
from typing import Any

import torch
from peft import (
    AdaLoraConfig,
    IA3Config,
    LoraConfig,
    PeftConfig,
    PromptTuningConfig,
    TaskType,
    get_peft_model,
    prepare_model_for_kbit_training,
)
from torch import nn
from transformers.pytorch_utils import Conv1D

from profiling.architecture import source
from profiling.errors import Phrase, UnsupportedError
from profiling.making import head
from profiling.making.methods import Made, Making
from profiling.methods.lora import RANK, USUAL_PLACES
from profiling.models import models

# An adapter's output is scaled by alpha / rank.
ALPHA = 2 * RANK
# AdaLoRA starts with half as much rank again and prunes down to the same budget (its paper, section 4).
STARTING_RANK = 12
# A tenth of the steps with the whole budget, the last fifth with the final one; masks move a hundred times.
WARMING_SHARE, FINAL_SHARE, MASKINGS = 0.1, 0.2, 100
# Double-quantised 4-bit NormalFloat, on every linear layer: QLoRA, sections 3 and 4.
FOUR_BIT = {"quant_type": "nf4", "compress_statistics": True}

# What peft wraps a model of a task in, which then knows its head; for the others its general wrapper will do.
WRAPPERS = {"text": TaskType.SEQ_CLS, "causal": TaskType.CAUSAL_LM, "recommend": TaskType.CAUSAL_LM}


# What IA3 rescales: key and value, and, at its input, the matrix that the feed-forward layer's inner activations enter.
# The first whose names are all there: BERT; DeBERTa; DistilBERT; Llama, Qwen, Mistral; ViT, Whisper, OPT; GPT-2; T5;
# those whose feed-forward layers have other names, or hold experts in one block of numbers.
SCALED: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = (
    (("key", "value"), ("output.dense",)),
    (("key_proj", "value_proj"), ("output.dense",)),
    (("k_lin", "v_lin"), ("lin2",)),
    (("k_proj", "v_proj"), ("down_proj",)),
    (("k_proj", "v_proj"), ("fc2",)),
    (("attn.c_attn",), ("mlp.c_proj",)),
    (("k", "v"), ("wo",)),
    *((names, ()) for names in (("key", "value"), ("k_proj", "v_proj"), ("k", "v"))),
)


def adapted(model: Any, config: PeftConfig) -> Any:
    """Return the model with its weights frozen, adapters in place, and a head where the task brings a new one."""
    # In evaluation torch's encoder reads its layers' matrices in one fused call, around any adapter.
    torch.backends.mha.set_fastpath_enabled(False)
    return get_peft_model(model, config)


def lora(making: Making) -> Made:
    """Return the model under LoRA's adapters on query and value."""
    model = models.build(making.workload, making.device, making.arithmetic)
    model = adapted(model, lora_config(model, making.workload.purpose))
    return Made(model, model, making.settings)


def lora_config(model: Any, task: str) -> PeftConfig:
    """Return LoRA's adapters for a model of a task."""
    return LoraConfig(
        **_wrapping(model, task),
        r=RANK,
        lora_alpha=ALPHA,
        target_modules=_ranked(model),
        fan_in_fan_out=_transposed(model),
    )


def adalora(making: Making) -> Made:
    """Return the model under AdaLoRA's adapters, whose ranks are pruned over the steps of the case."""
    model = models.build(making.workload, making.device, making.arithmetic)
    config = AdaLoraConfig(
        **_wrapping(model, making.workload.purpose),
        init_r=STARTING_RANK,
        target_r=RANK,
        lora_alpha=ALPHA,
        tinit=int(WARMING_SHARE * making.steps),
        tfinal=int(FINAL_SHARE * making.steps),
        deltaT=max(1, making.steps // MASKINGS),
        total_step=making.steps,
        target_modules=_ranked(model),
        fan_in_fan_out=_transposed(model),
    )
    model = adapted(model, config)
    # peft's general wrapper would leave out the loss that keeps the factors orthogonal.
    return Made(model.base_model, model, making.settings, after_step=model.base_model.update_and_allocate)


def ia3(making: Making) -> Made:
    """Return the model under IA3's scales of keys, values and inner activations."""
    model = models.build(making.workload, making.device, making.arithmetic)
    names = _matrices(model)
    _ranked(model)  # raises for a model without attention
    scaled = next((one for one in SCALED if {*one[0], *one[1]} <= names), None)
    if scaled is None:
        raise UnsupportedError(
            Phrase(
                "IA3 rescales keys and values, for which a {kind} model has no matrices of their own",
                kind=_kind(model),
            ),
            todo="take lora",
        )
    config = IA3Config(
        **_wrapping(model, making.workload.purpose),
        target_modules=[name for part in scaled for name in part],
        feedforward_modules=list(scaled[1]),
        fan_in_fan_out=_transposed(model),
    )
    model = adapted(model, config)
    return Made(model, model, making.settings)


def prompt(making: Making) -> Made:
    """Return the model with learned tokens before each text."""
    task, count = making.workload.purpose, making.method.virtual_tokens
    positions = (source.config_of(making.workload.model) or {}).get("max_position_embeddings")
    check_prompt(count, making.case.sequence_tokens, positions)
    model = models.build(making.workload, making.device, making.arithmetic)
    if task not in WRAPPERS or not _reads_vectors(model):
        raise UnsupportedError(
            Phrase(
                "prompt tuning puts learned tokens before a text, and a {kind} model for {task} reads none that way",
                kind=_kind(model),
                task=task,
            ),
            todo="use a transformers model for text, causal or recommend",
        )
    # peft would look for these in the config's own words, which DistilBERT's are not.
    shape = {
        "token_dim": "hidden_size",
        "num_layers": "num_hidden_layers",
        "num_attention_heads": "num_attention_heads",
    }
    sizes: dict[str, Any] = {ours: getattr(model.config, theirs, None) for ours, theirs in shape.items()}
    model = adapted(model, PromptTuningConfig(**_wrapping(model, task), num_virtual_tokens=count, **sizes))
    return Made(model, model, making.settings)


def check_prompt(learned: int, tokens: int, positions: int | None) -> None:
    """Raise UnsupportedError where the learned tokens and the text exceed the model's positions."""
    if positions is not None and learned + tokens > positions:
        raise UnsupportedError(
            Phrase(
                "prompt tuning adds {learned} tokens to the case's {tokens}, and the model has {positions} positions",
                learned=learned,
                tokens=tokens,
                positions=positions,
            ),
            todo=Phrase("shorten the case to {tokens} tokens", tokens=positions - learned),
        )


def qlora(making: Making) -> Made:
    """Return the model in 4 bits under LoRA's adapters on every linear layer."""
    check_four_bit(models.unplaced(making.workload), making)
    # Packed on its way to the device, where it need not fit unpacked.
    plain = models.build(making.workload, torch.device("cpu"), making.arithmetic)
    model = four_bit(plain, making)
    wrapping = _wrapping(model, making.workload.purpose)
    model = adapted(model, LoraConfig(**wrapping, r=RANK, lora_alpha=ALPHA, target_modules="all-linear"))
    return Made(model, model, making.settings)


def _wrapping(model: Any, task: str) -> dict[str, Any]:
    """Return peft's wrapper for the task, and the head that is trained in full beside the adapters."""
    saved = {"modules_to_save": head.names(model) if model.get_output_embeddings() is None else None}
    return {"task_type": WRAPPERS[task], **saved} if task in WRAPPERS and _reads_vectors(model) else saved


def _reads_vectors(model: Any) -> bool:
    """Return whether the model takes embedded words, as peft's wrappers of texts hand them on."""
    return "inputs_embeds" in inspect.signature(model.forward).parameters


def _ranked(model: Any) -> list[str]:
    """Return the names of the matrices that low-rank factors usually go to."""
    found = next((names for names in USUAL_PLACES if {*names} <= _matrices(model)), None)
    if found is not None:
        return list(found)
    raise UnsupportedError(
        Phrase("adapters go to the matrices of attention, and a {kind} model has none", kind=_kind(model)),
        todo="train it in full",
    )


def _matrices(model: Any) -> set[str]:
    """Return what the model's matrices are called, by the last part of their paths and by the last two."""
    paths = [path.split(".") for path, module in model.named_modules() if isinstance(module, nn.Linear | Conv1D)]
    return {".".join(parts[-length:]) for parts in paths for length in (1, 2)}


def _kind(model: Any) -> str:
    return str(getattr(getattr(model, "config", None), "model_type", type(model).__name__))


def _transposed(model: Any) -> bool:
    """Return whether the matrices are stored as (in, out), as GPT-2's are."""
    return any(isinstance(module, Conv1D) for module in model.modules())


def four_bit(model: Any, making: Making) -> Any:
    """Return the model on the device with its linear layers in 4 bits, and the rest as k-bit training wants it.

    The head stays as it is, as in the QLoRA paper.
    """
    import bitsandbytes  # noqa: PLC0415 (only where it is installed, and only for this method)

    kept = {id(module) for module in head.of(model).modules()}
    for parent in list(model.modules()):
        for name, child in list(parent.named_children()):
            if isinstance(child, nn.Linear) and id(child) not in kept:
                setattr(parent, name, _packed(bitsandbytes.nn, child, making.arithmetic))
    model.is_loaded_in_4bit = True
    prepared: Any = prepare_model_for_kbit_training  # peft leaves it untyped
    return prepared(model.to(making.device), use_gradient_checkpointing=False)


def _packed(library: Any, layer: nn.Linear, arithmetic: torch.dtype) -> Any:
    """Return one layer whose weights become 4-bit numbers once they move to the device."""
    packed = library.Linear4bit(
        layer.in_features, layer.out_features, layer.bias is not None, compute_dtype=arithmetic, **FOUR_BIT
    )
    packed.weight = library.Params4bit(layer.weight.data, requires_grad=False, **FOUR_BIT)
    if layer.bias is not None:
        packed.bias = nn.Parameter(layer.bias.data, requires_grad=False)
    return packed


def check_four_bit(model: Any, making: Making) -> None:
    """Raise UnsupportedError, with what is missing and why, where nothing can be trained over 4-bit weights.

    The library is asked to pack and unpack one matrix on the device: what it says it supports depends on its build.
    """
    _ranked(model)
    if importlib.util.find_spec("bitsandbytes") is None:
        raise UnsupportedError(
            "QLoRA keeps the frozen weights in 4 bits with the library bitsandbytes, which is not installed: "
            "`pip install bitsandbytes`, or choose the method lora"
        )
    import bitsandbytes  # noqa: PLC0415 (only where it is installed, and only for this method)

    try:
        packed = bitsandbytes.functional.quantize_4bit(torch.ones(64, 64, device=making.device), quant_type="nf4")
        bitsandbytes.functional.dequantize_4bit(*packed)
    except (RuntimeError, NotImplementedError, AttributeError, ValueError) as error:
        raise UnsupportedError(
            Phrase(
                "bitsandbytes {version} cannot keep weights in 4 bits on {device} ({error})",
                version=bitsandbytes.__version__,
                device=making.device.type,
                error=str(error),
            ),
            todo="install a build for this device, or choose the method lora",
        ) from error
