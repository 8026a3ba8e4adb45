"""Weights of 8 and 4 bits: each linear layer is replaced by one that stores fewer bits a weight.

Whole numbers on a CPU by torch's own kernels, on a GPU by bitsandbytes where it is installed; floating-point numbers of
8 bits by torch on GPUs that multiply them, which nobody has tried.  What else a model has - embeddings, norms,
convolutions, attention - stays as it is.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

import torch
from torch import nn
from transformers.pytorch_utils import Conv1D

from profiling.errors import Phrase, UnsupportedError
from profiling.hardware import device as devices

QUANTISED = ("int8", "int4", "fp8")
Replace = Callable[[nn.Linear], nn.Module]

# Weights of 4 bits that share a scale and an offset: the finest group that torch's kernel knows.
GROUP = 32
# Outputs that the kernel packs side by side; a layer with a remainder stays as it is.
PACKED_OUTPUTS = 16
# Four bits of exponent and three of mantissa, as Nvidia's GPUs multiply; AMD's have formats of their own.
FP8 = torch.float8_e4m3fn
# The compute capability of Ada, the first that multiplies them.
FIRST_WITH_FP8 = (8, 9)
# Sizes of a matrix that the product takes.
FP8_MULTIPLE = 16
# Where linear layers hold a smaller share of the multiplied weights, other layers would decide the figure.
LEAST_SHARE = 0.5


class Int8Linear(nn.Module):
    """Eight bits a weight, one scale an output; inputs are rounded to eight bits as they come, one scale a batch.

    The product is one of integers: torch's dynamic quantisation.
    """

    def __init__(self, linear: nn.Linear) -> None:
        super().__init__()
        weight = linear.weight.detach().float()
        scales = (weight.abs().amax(1) / 127).clamp(min=torch.finfo(torch.float32).tiny).double()
        offsets = torch.zeros(len(scales), dtype=torch.int64)
        with warnings.catch_warnings():
            # Announced to go in some later torch; ours is pinned, and `check` says when they have gone.
            warnings.filterwarnings("ignore", message=".*quantized tensor creation functions")
            rounded = torch.quantize_per_channel(weight, scales, offsets, 0, torch.qint8)
        self.packed = torch.ops.quantized.linear_prepack(rounded, linear.bias)
        self.bias = linear.bias
        self.stored_bytes = rounded.numel() + scales.nbytes + offsets.nbytes + _bias_bytes(linear)

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        """Return outputs of shape (..., out_features) for float32 inputs of shape (..., in_features)."""
        # Seven of the eight bits of an input, as torch does: without VNNI the sums of products would overflow.
        outputs: torch.Tensor = torch.ops.quantized.linear_dynamic(inputs.contiguous(), self.packed, True)
        return outputs


class Int4Linear(nn.Module):
    """Four bits a weight, with a scale and an offset for every 32; inputs and products are in bfloat16."""

    packed: torch.Tensor
    scales: torch.Tensor

    def __init__(self, linear: nn.Linear) -> None:
        super().__init__()
        rows, width = linear.weight.shape
        groups = linear.weight.detach().float().reshape(rows, width // GROUP, GROUP)
        low, high = groups.amin(2), groups.amax(2)
        scales = ((high - low) / 15).clamp(min=torch.finfo(torch.float32).tiny)
        levels = ((groups - low[..., None]) / scales[..., None]).round().to(torch.int32).reshape(rows, width)
        # The kernel reads level q as (q - 8)·scale + offset; both have shape (groups, outputs, 2).
        both = torch.stack([scales, low + 8 * scales], -1).transpose(0, 1).contiguous().to(torch.bfloat16)
        self.register_buffer("packed", torch._convert_weight_to_int4pack_for_cpu(levels, 1))
        self.register_buffer("scales", both)
        self.bias = linear.bias
        self.rows = rows
        self.stored_bytes = self.packed.nbytes + self.scales.nbytes + _bias_bytes(linear)

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        """Return outputs of shape (..., out_features) for bfloat16 inputs of shape (..., in_features)."""
        flat = inputs.reshape(-1, inputs.shape[-1]).contiguous()
        outputs = torch._weight_int4pack_mm_for_cpu(flat, self.packed, GROUP, self.scales)
        found = outputs.reshape(*inputs.shape[:-1], self.rows)
        return found if self.bias is None else found + self.bias


class Fp8Linear(nn.Module):
    """A floating-point number of eight bits a weight, one scale an output; inputs are rounded as they come, one a row.

    Products are summed in float32; inputs and outputs are in bfloat16.
    """

    weight: torch.Tensor
    scales: torch.Tensor

    def __init__(self, linear: nn.Linear) -> None:
        super().__init__()
        weight, scales = _rounded(linear.weight.detach())
        self.register_buffer("weight", weight)
        self.register_buffer("scales", scales.T.contiguous())
        self.bias = linear.bias
        self.stored_bytes = weight.nbytes + scales.nbytes + _bias_bytes(linear)

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        """Return outputs of shape (..., out_features) for bfloat16 inputs of shape (..., in_features)."""
        rows, scales = _rounded(inputs.reshape(-1, inputs.shape[-1]))
        outputs = torch._scaled_mm(rows, self.weight.T, scales, self.scales, out_dtype=torch.bfloat16)
        found: torch.Tensor = outputs.reshape(*inputs.shape[:-1], len(self.weight))
        return found if self.bias is None else found + self.bias


def _rounded(rows: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Return rows in 8 bits, of shape (rows, columns), and the scale of each, of shape (rows, 1)."""
    largest = rows.abs().amax(1, keepdim=True).float()
    scales = (largest / torch.finfo(FP8).max).clamp(min=torch.finfo(torch.float32).tiny)
    return (rows / scales).to(FP8), scales


def _bias_bytes(linear: nn.Linear) -> int:
    return 0 if linear.bias is None else linear.bias.nbytes


def check(precision: str, device: torch.device) -> None:
    """Raise UnsupportedError, with what is missing, where the device has no kernels for the precision."""
    if precision not in QUANTISED or (device.type == "cpu" and _cpu_has(precision)):
        return
    if precision == "fp8":
        _check_fp8(device)
        return
    if device.type == "cpu":
        what = Phrase("this build of torch has no {precision} kernels for the CPU", precision=precision)
        raise UnsupportedError(what, todo="ask for float32")
    if device.type != "cuda":
        what = Phrase("no library here has {precision} kernels for {device}", precision=precision, device=device.type)
        raise UnsupportedError(what, todo="ask for bfloat16")
    if find_spec("bitsandbytes") is None:
        raise UnsupportedError(
            Phrase("{precision} on a GPU needs the library bitsandbytes, which is not installed", precision=precision),
            todo="`pip install bitsandbytes`, or ask for bfloat16",
        )


def _check_fp8(device: torch.device) -> None:
    """Raise UnsupportedError where the device does not multiply floating-point numbers of 8 bits."""
    if device.type != "cuda":
        what = Phrase("{device} has no arithmetic in fp8", device=device.type)
        raise UnsupportedError(what, todo="ask for int8 or bfloat16")
    if torch.version.hip or torch.cuda.get_device_capability(device) < FIRST_WITH_FP8:
        raise UnsupportedError(
            Phrase(
                "{device} has no arithmetic in fp8, which came with Nvidia's Ada and Hopper",
                device=torch.cuda.get_device_name(device),
            ),
            todo="ask for int8 or bfloat16",
        )


def _cpu_has(precision: str) -> bool:
    if precision == "fp8":  # torch computes it, to test with, slower than float32
        return False
    if precision == "int4":
        return hasattr(torch, "_weight_int4pack_mm_for_cpu")
    return torch.backends.quantized.engine != "none" and hasattr(torch, "quantize_per_channel")


def activations(precision: str, device: torch.device) -> str:
    """Return the precision of what flows between the layers, and of the key-value cache."""
    if precision not in QUANTISED:
        return precision
    return "float32" if precision == "int8" and device.type == "cpu" else devices.half(device)


def quantise(model: nn.Module, precision: str, device: torch.device) -> None:
    """Replace the linear layers of a model on its device, in place; precisions of 16 bits and more change nothing.

    Raises UnsupportedError where the device lacks the kernels, or most weights are in no linear layer.
    """
    if precision not in QUANTISED:
        return
    check(precision, device)
    straighten(model)
    _check_share(model, precision)
    replace = _replacement(precision, device)
    for module in list(model.modules()):
        for name, child in list(module.named_children()):
            # Not a subclass, which torch's attention reads past `forward`.
            if type(child) is nn.Linear:
                setattr(module, name, replace(child))
    # torch's fused encoder layer reads the weights itself, past the layers that replaced them.
    torch.backends.mha.set_fastpath_enabled(False)


def _replacement(precision: str, device: torch.device) -> Replace:
    """Return what makes a layer of fewer bits."""
    if precision == "fp8":
        return _fp8
    return {"int8": Int8Linear, "int4": _int4}[precision] if device.type == "cpu" else _bitsandbytes(precision)


def straighten(model: nn.Module) -> None:
    """Replace GPT-2's transposed `Conv1D` by the linear layer that it is, in place."""
    for module in list(model.modules()):
        for name, child in list(module.named_children()):
            if isinstance(child, Conv1D):
                width, rows = child.weight.shape
                linear = nn.Linear(width, rows, device="meta")
                linear.weight = nn.Parameter(child.weight.detach().T.contiguous(), requires_grad=False)
                linear.bias = child.bias
                setattr(module, name, linear)


def _check_share(model: nn.Module, precision: str) -> None:
    """Raise UnsupportedError where linear layers hold too small a share of the multiplied weights."""
    linear = {id(layer.weight): layer.weight.numel() for layer in model.modules() if type(layer) is nn.Linear}
    looked_up = {id(table.weight) for table in model.modules() if isinstance(table, nn.Embedding)} - set(linear)
    multiplied = sum(weight.numel() for weight in model.parameters() if id(weight) not in looked_up)
    if (share := sum(linear.values()) / multiplied) < LEAST_SHARE:
        raise UnsupportedError(
            Phrase(
                "{precision} covers linear layers, which hold only {share} of this model's weights",
                precision=precision,
                share=f"{share:.0%}",
            ),
            todo="ask for bfloat16",
        )


def _int4(linear: nn.Linear) -> nn.Module:
    """Return the layer packed where the kernel can; one too narrow for it, such as a small head, stays."""
    rows, width = linear.weight.shape
    return linear if rows % PACKED_OUTPUTS or width % GROUP else Int4Linear(linear)


def _fp8(linear: nn.Linear) -> nn.Module:
    """Return the layer in 8 bits where the product can take its sizes."""
    rows, width = linear.weight.shape
    return linear if rows % FP8_MULTIPLE or width % FP8_MULTIPLE else Fp8Linear(linear)


def _bitsandbytes(precision: str) -> Replace:
    """Return the replacement by LLM.int8() (arXiv:2208.07339) or NF4 (arXiv:2305.14314), rounded on the GPU."""
    import bitsandbytes  # noqa: PLC0415 (there is none on most machines)

    layers: Any = bitsandbytes.nn

    def int8(linear: nn.Linear) -> nn.Module:
        made = layers.Linear8bitLt(linear.in_features, linear.out_features, has_fp16_weights=False, threshold=6.0)
        made.weight = layers.Int8Params(linear.weight.detach().cpu(), requires_grad=False, has_fp16_weights=False)
        return placed(made, linear, lambda: made.weight.SCB)

    def int4(linear: nn.Linear) -> nn.Module:
        dtype = linear.weight.dtype
        made = layers.Linear4bit(linear.in_features, linear.out_features, compute_dtype=dtype, quant_type="nf4")
        made.weight = layers.Params4bit(linear.weight.detach().cpu(), requires_grad=False, quant_type="nf4")
        return placed(made, linear, lambda: made.weight.quant_state.absmax)

    def placed(made: Any, linear: nn.Linear, scales: Callable[[], torch.Tensor]) -> nn.Module:
        made.bias = linear.bias
        made.to(linear.weight.device)
        made.stored_bytes = made.weight.nbytes + scales().nbytes + _bias_bytes(linear)
        found: nn.Module = made
        return found

    return {"int8": int8, "int4": int4}[precision]
