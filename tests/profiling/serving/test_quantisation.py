"""Fewer bits are fewer bytes and nearly the same answers; fewer columns are fewer operations."""

import weakref
from pathlib import Path
from typing import Any

import pytest
import torch
from answering_cases import build, serve
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from transformers.pytorch_utils import Conv1D

from profiling.architecture import source
from profiling.errors import UnsupportedError
from profiling.hardware import ceiling
from profiling.measure import counters
from profiling.models import models
from profiling.serving import pruning, quality, quantisation
from profiling.serving.quantisation import Fp8Linear, Int4Linear, Int8Linear

# Rounding to n levels errs by a uniform step / sqrt(12): half a percent for 8 bits, some 8 % for 4. Three bits of
# mantissa err by up to a sixteenth, some 2.6 % on average, of weights and of inputs.
TOLERANCE = {Int8Linear: 0.03, Int4Linear: 0.12, Fp8Linear: 0.05}


@pytest.mark.parametrize("kind", [Int8Linear, Int4Linear, Fp8Linear])
@settings(max_examples=15, deadline=None)
@given(rows=st.integers(1, 4), width=st.integers(1, 4), batch=st.integers(1, 5), biased=st.booleans())
def test_a_quantised_layer_is_nearly_the_layer(kind: Any, rows: int, width: int, batch: int, biased: bool) -> None:
    """Its outputs are those of the layer, within what rounding errs by."""
    torch.manual_seed(rows + 10 * width)
    linear = nn.Linear(64 * width, 64 * rows, bias=biased)
    dtype = torch.float32 if kind is Int8Linear else torch.bfloat16
    inputs = torch.randn(batch, 3, 64 * width)
    with torch.inference_mode():
        exact = linear(inputs)
        found = kind(linear.to(dtype))(inputs.to(dtype)).float()
    assert found.shape == exact.shape
    assert float((found - exact).norm() / exact.norm()) < TOLERANCE[kind]


@pytest.mark.parametrize(("precision", "like"), [("int8", Int8Linear), ("int4", Int4Linear)])
def test_a_layer_by_bitsandbytes_is_nearly_the_layer(precision: str, like: Any) -> None:
    """What GPUs get; the library computes on CPUs too."""
    pytest.importorskip("bitsandbytes")
    torch.manual_seed(1)
    linear, inputs = nn.Linear(128, 64), torch.randn(5, 128)
    with torch.inference_mode():
        exact = linear(inputs)
        made: Any = quantisation._bitsandbytes(precision)(linear.to(torch.bfloat16))
        found = made(inputs.to(torch.bfloat16)).float()
    assert float((found - exact).norm() / exact.norm()) < TOLERANCE[like]
    # A scale in float32 for each output, or of a byte for each 64 weights; a bias in bfloat16.
    stored = {"int8": 64 * 128 + 4 * 64, "int4": 64 * 128 / 2 + 64 * 128 / 64}[precision]
    assert made.stored_bytes == stored + 2 * 64


def test_bytes_are_those_of_the_bits() -> None:
    """Int8: a byte a weight and 16 for each output; int4: half a byte, and 4 for each group of 32; fp8: 4 an output."""
    linear = nn.Linear(256, 128, bias=False)
    assert Int8Linear(linear).stored_bytes == 256 * 128 + 16 * 128
    assert Int4Linear(linear).stored_bytes == 256 * 128 / 2 + 4 * 128 * 256 / 32
    assert Fp8Linear(linear).stored_bytes == 256 * 128 + 4 * 128


def test_what_fp8_can_write_is_multiplied_exactly() -> None:
    """Powers of two times each row's largest, 448, which is the largest number of the format."""
    linear = nn.Linear(32, 16, bias=False)
    powers = 448 / 2.0 ** torch.arange(32).remainder(8)
    linear.weight = nn.Parameter(powers.expand(16, 32).clone() * 2.0 ** -torch.arange(16.0)[:, None])
    inputs = powers.flip(0).roll(1).expand(3, 32) * torch.tensor([[1.0], [-0.5], [0.0]])
    with torch.inference_mode():
        found = Fp8Linear(linear)(inputs.bfloat16())
    assert torch.equal(found, linear(inputs).bfloat16())


@given(st.integers(0, 2**32 - 1), st.floats(1e-6, 1e6))
@settings(max_examples=25, deadline=None)
def test_a_row_in_fp8_is_within_a_sixteenth(seed: int, scale: float) -> None:
    """Or within half of the format's least step, 2^-10 of the 448 that the row's largest becomes."""
    rows = torch.randn(3, 16, generator=torch.Generator().manual_seed(seed)) * scale
    rounded, scales = quantisation._rounded(rows)
    error = (rounded.float() * scales - rows).abs()
    assert torch.all(error <= torch.maximum(rows.abs() / 16, 2.0**-10 * scales) * (1 + 1e-5))
    assert torch.all(rounded.float().abs().amax(1) >= 447)


def test_a_model_in_fp8_answers_nearly_as_in_float32(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the device has it; the CPU computes it here in order to be compared."""
    monkeypatch.setattr(quantisation, "check", lambda *_: None)
    model = build(serve("llama"), "bfloat16").model
    inputs = torch.arange(8)[None]
    with torch.inference_mode():
        exact = model(inputs).logits.float()
        quantisation.quantise(model, "fp8", torch.device("cpu"))
        found = model(inputs).logits.float()
    assert sum(isinstance(layer, Fp8Linear) for layer in model.modules()) >= 2 * 7
    assert 0 < float((found - exact).norm() / exact.norm()) < 0.15


@pytest.mark.parametrize(
    ("kind", "capability", "words"),
    [
        ("cpu", None, "cpu has no arithmetic in fp8"),
        ("mps", None, "mps has no arithmetic in fp8"),
        ("cuda", (8, 0), "A100 has no arithmetic in fp8, which came with Nvidia's Ada and Hopper"),
        ("cuda", (8, 9), None),
        ("cuda", (9, 0), None),
    ],
)
def test_fp8_is_for_devices_that_multiply_it(
    kind: str, capability: tuple[int, int] | None, words: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sentence says what to ask for instead; nobody has run it on such a GPU."""
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda _device: capability)
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda _device: "NVIDIA A100")
    if words is None:
        quantisation.check("fp8", torch.device(kind))
        return
    with pytest.raises(UnsupportedError, match=f"{words}; ask for int8 or bfloat16"):
        quantisation.check("fp8", torch.device(kind))


def test_the_ceiling_of_eight_bits_is_a_product_of_them() -> None:
    """Of numbers that the format can hold, summed in 32 bits."""
    product = ceiling.product(torch.device("cpu"), 32, "fp8")()
    assert (product.shape, product.dtype) == ((32, 32), torch.bfloat16)
    assert 0 < float(product.float().std()) < 32


def test_a_transposed_layer_is_a_linear_one() -> None:
    """GPT-2's Conv1D holds its matrix the other way round."""
    holder = nn.Sequential(Conv1D(6, 4))
    inputs = torch.randn(2, 4)
    before = holder(inputs)
    quantisation.straighten(holder)
    assert type(holder[0]) is nn.Linear
    assert torch.allclose(holder(inputs), before, atol=1e-6)


@pytest.mark.parametrize("precision", ["int8", "int4"])
@pytest.mark.parametrize("name", ["bert", "vit", "gpt2", "llama", "whisper"])
def test_a_quantised_model_answers_nearly_as_in_float32(name: str, precision: str, tmp_path: Path) -> None:
    """The distance of its logits is measured, and small; its weights take fewer bytes than in float32."""
    method = build(serve(name), precision)
    method.run(1)
    found = method.finish(tmp_path)
    assert found["weight_bytes"] < {"int8": 2.5, "int4": 1.5}[precision]  # of a tiny model much is in no linear layer
    assert 0 < found["quality"]["logits_relative_distance"] < 0.5
    assert found["quality"]["top1_agreement"] >= 0.25  # nearly equal logits of random weights change places


def test_eight_bits_are_nearer_than_four(tmp_path: Path) -> None:
    """More bits, less distance."""
    far, near = (build(serve("llama"), bits).finish(tmp_path)["quality"] for bits in ("int4", "int8"))
    assert near["logits_relative_distance"] < far["logits_relative_distance"] / 2


def test_the_served_model_is_gone_before_the_exact_one_comes(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Two models at once might not fit."""
    method = build(serve("llama"), "bfloat16")
    served, builder = weakref.ref(method.model), models.build

    def alone(*args: Any) -> Any:
        assert served() is None
        return builder(*args)

    monkeypatch.setattr(models, "build", alone)
    assert "answers" in method.finish(tmp_path)["quality"]


def test_in_float32_there_is_nothing_to_compare(tmp_path: Path) -> None:
    """Nor does the exact model lose anything."""
    assert "quality" not in build(serve("bert")).finish(tmp_path)


def test_the_same_logits_agree_in_full() -> None:
    """And only the number of answers is left to tell."""
    logits = torch.randn(5, 3)
    found = quality.compared(logits, logits)
    assert (found["top1_agreement"], found["logits_relative_distance"], found["answers"]) == (1, 0, 5)


def test_a_model_of_convolutions_is_refused() -> None:
    """The sentence says what share the linear layers have."""
    with pytest.raises(UnsupportedError, match=r"int8 covers linear layers, which hold only \d+%"):
        build(serve("resnet"), "int8")


@pytest.mark.parametrize(("kind", "words"), [("mps", "no library here"), ("cuda", "`pip install bitsandbytes`")])
def test_a_device_without_kernels_is_refused(kind: str, words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The sentence says what is missing, and what to ask for instead."""
    monkeypatch.setattr(quantisation, "find_spec", lambda name: None)
    with pytest.raises(UnsupportedError, match=words):
        quantisation.check("int4", torch.device(kind))


def test_training_in_few_bits_is_refused(tmp_path: Path) -> None:
    """QLoRA is the way to train beside them."""
    import families

    from profiling.worker import repeat

    workload = families.workload("bert", precision="int8")
    with pytest.raises(UnsupportedError, match="the method qlora"):
        repeat.measure(workload, workload.cases[0], 0, tmp_path)


def test_a_table_that_is_only_looked_up_is_not_read() -> None:
    """Of an untied model the input's embedding is left out; of a tied one the matrix is the output's too."""
    untied, tied = build(serve("llama", model=_untied())).model, build(serve("gpt2")).model
    assert counters.multiplied_weights(untied) == sum(w.numel() for w in untied.parameters()) - 600 * 32
    positions = tied.transformer.wpe.weight.numel()
    assert counters.multiplied_weights(tied) == sum(w.numel() for w in tied.parameters()) - positions


def _untied() -> dict[str, Any]:
    return {"config": {**serve("llama").model["config"], "tie_word_embeddings": False}}


def test_half_of_the_weights_are_zero() -> None:
    """The smallest ones of each layer."""
    model = build(serve("bert", pruned_percent=50)).model
    weights = [layer.weight for layer in model.modules() if isinstance(layer, nn.Linear | nn.Conv2d)]
    zeros, count = sum(int((weight == 0).sum()) for weight in weights), sum(weight.numel() for weight in weights)
    assert zeros / count == pytest.approx(0.5, abs=0.001)


def test_the_largest_weights_stay() -> None:
    """Magnitude decides."""
    layer = nn.Linear(4, 1, bias=False)
    layer.weight = nn.Parameter(torch.tensor([[0.1, -3.0, 2.0, -0.2]]))
    pruning.smallest_weights(nn.Sequential(layer), 0.5)
    assert layer.weight.tolist() == [[0.0, -3.0, 2.0, 0.0]]


@pytest.mark.parametrize("name", ["bert", "encoder", "vit", "gpt2", "llama", "whisper"])
def test_fewer_columns_are_a_smaller_model(name: str, tmp_path: Path) -> None:
    """Operations and bytes fall, and the model still answers."""
    whole, pruned = (build(serve(name, **fields)) for fields in ({}, {"pruned_percent": 50, "pruning": "columns"}))
    for method in (whole, pruned):
        method.run(1)
    before, after = whole.finish(tmp_path), pruned.finish(tmp_path)
    assert after["framework_flops_per_step"] < before["framework_flops_per_step"]
    assert after["framework_bytes"]["weights"] < before["framework_bytes"]["weights"]
    assert after["quality"]["logits_relative_distance"] > 0


def test_columns_of_no_weight_change_nothing() -> None:
    """Half of the columns are zero, and those are taken out."""
    model = build(serve("llama")).model
    inputs = torch.arange(8)[None]
    with torch.no_grad():
        for layer in model.model.layers:
            for linear in (layer.mlp.gate_proj, layer.mlp.up_proj):
                linear.weight[::2] = 0
            layer.mlp.down_proj.weight[:, ::2] = 0
        before = model(inputs).logits
        pruning.feed_forward_columns(model, 50)
        after = model(inputs).logits
    assert model.model.layers[0].mlp.up_proj.weight.shape == (32, 32)
    assert torch.allclose(before, after, atol=1e-5)


def test_a_model_without_feed_forward_blocks_is_refused() -> None:
    """A ResNet has none."""
    with pytest.raises(UnsupportedError, match="ask for pruning of 'weights'"):
        build(serve("resnet", pruned_percent=50, pruning="columns"))


@given(columns=st.integers(1, 10_000), percent=st.integers(0, 95))
def test_a_column_always_stays(columns: int, percent: int) -> None:
    """At least one, and never more than there were."""
    assert 1 <= source.columns_kept(columns, percent) <= columns
