"""The arithmetic of models reproduces published figures, and torch's own counts."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from profiling import arithmetic, models, presets
from profiling.workload import ModelShape

CPU = torch.device("cpu")


def llama(layers: int, hidden: int, heads: int, kv_heads: int, *, ffn: int, vocab: int) -> ModelShape:
    return ModelShape("llama", layers, hidden, heads, kv_heads, ffn, vocab, positions=8192, tied=False)


LLAMA_2_7B = llama(32, 4096, 32, 32, ffn=11008, vocab=32000)
LLAMA_2_70B = llama(80, 8192, 64, 8, ffn=28672, vocab=32000)
LLAMA_3_8B = llama(32, 4096, 32, 8, ffn=14336, vocab=128256)
LLAMA_3_70B = llama(80, 8192, 64, 8, ffn=28672, vocab=128256)
LLAMA_3_405B = llama(126, 16384, 128, 8, ffn=53248, vocab=128256)


@pytest.mark.parametrize(
    ("shape", "published"),
    [
        (LLAMA_2_7B, 6_738_415_616),
        (LLAMA_2_70B, 68_976_648_192),
        (LLAMA_3_8B, 8_030_261_248),
        (LLAMA_3_70B, 70_553_706_496),
        (LLAMA_3_405B, 405_853_388_800),
        (presets.SMOL_135M, 134_515_008),
    ],
)
def test_parameters_are_those_of_the_published_weights(shape: ModelShape, published: int) -> None:
    """Counts by the model hub, Llama's and SmolLM2's config.json."""
    assert arithmetic.parameters(shape) == published


@pytest.mark.parametrize("shape", [presets.BERT_SMALL, presets.SMOL_135M, replace(presets.SMOL_135M, tied=False)])
def test_parameters_are_those_of_the_model_that_is_built(shape: ModelShape) -> None:
    """The formula and the module agree to the last bias."""
    model = models.build(shape, torch.device("meta")) if shape.family == "bert" else models.build(shape, CPU)
    assert sum(weight.numel() for weight in model.parameters()) == arithmetic.parameters(shape)


def test_lora_trains_its_adapters_and_the_head() -> None:
    """2·r·d weights beside each adapted matrix of each layer, and the classifier; all else is frozen."""
    shape = presets.BERT_SMALL
    model = models.with_lora(models.build(shape, CPU))
    trained = sum(weight.numel() for weight in model.parameters() if weight.requires_grad)
    adapters = shape.layers * len(models.LORA_MATRICES) * 2 * models.LORA_RANK * shape.hidden
    assert trained == adapters + shape.labels * (shape.hidden + 1)


def test_the_key_value_cache_takes_the_published_bytes() -> None:
    """Llama-3.1-405B at 16 bit: 516,096 bytes a token (arXiv:2505.09343, table 1)."""
    assert arithmetic.kv_bytes_per_token(LLAMA_3_405B, "bfloat16") == 516_096


@pytest.mark.parametrize(
    ("shape", "tokens", "rate", "published_tflops"),
    [(LLAMA_2_7B, 4096, 16934, 780), (LLAMA_2_70B, 4096, 1728, 768), (LLAMA_3_70B, 8192, 1524, 734)],
)
def test_training_operations_reproduce_nemo(
    shape: ModelShape, tokens: int, rate: float, published_tflops: float
) -> None:
    """NVIDIA NeMo 24.12 performance summary, H100: tokens/s and TFLOP/s per GPU belong together."""
    tflops = arithmetic.training_flops_per_token(shape, tokens, "full") * rate / 1e12
    assert tflops == pytest.approx(published_tflops, rel=0.001)


def test_lora_by_arithmetic_alone_is_at_most_half_as_fast_again() -> None:
    """Without attention the ratio is 6 to 4."""
    full, lora = (arithmetic.training_flops_per_token(LLAMA_2_7B, 0, method) for method in ("full", "lora"))
    assert full / lora == 1.5


@pytest.mark.parametrize(("method", "tolerance"), [("full", 0.02), ("lora", 0.06)])
def test_training_operations_are_those_that_torch_counts(method: str, tolerance: float) -> None:
    """With eager attention, which torch can count; LoRA spares more, as nothing flows below its first layer."""
    shape = replace(presets.BERT_SMALL, vocab=100)
    model = models.build(shape, CPU, attention="eager")
    if method == "lora":
        model = models.with_lora(model)
    batch = next(models.labelled_batches(shape, 2, 64, seed=0))
    with FlopCounterMode(display=False) as counter:
        model.train()(**batch).loss.backward()
    expected = 2 * 64 * arithmetic.training_flops_per_token(shape, 64, method)
    assert counter.get_total_flops() == pytest.approx(expected, rel=tolerance)


def test_prefill_operations_are_those_that_torch_counts() -> None:
    """The output matrix is applied to the last token alone."""
    shape = presets.SMOL_135M
    model = models.build(shape, CPU, attention="eager").eval()
    with FlopCounterMode(display=False) as counter, torch.inference_mode():
        model(models.prompts(shape, 1, 32, seed=0), logits_to_keep=1)
    assert counter.get_total_flops() == pytest.approx(arithmetic.prefill_flops(shape, 32), rel=0.01)


def test_decoding_reads_the_published_bandwidth() -> None:
    """gpt-fast, Llama-2-7B at 104.9 tokens/s on an A100: 1,397 GB/s; the cache is what it leaves out."""
    moved = arithmetic.decode_bytes_per_step(LLAMA_2_7B, "bfloat16", batch=1, context_tokens=0)
    assert moved * 104.9 / 1e9 == pytest.approx(1397.31, rel=0.015)
