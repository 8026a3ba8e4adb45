"""What a device multiplies fast, and how large a product and a copy it has room for."""

import math
import time

import pytest
import torch

from profiling.hardware import ceiling, device
from profiling.workload.kinds.work import Ceiling, Setting

GIBI = 2**30


@pytest.mark.parametrize(
    ("capability", "precision"), [((7, 0), "float16"), ((7, 5), "float16"), ((8, 0), "bfloat16"), ((9, 0), "bfloat16")]
)
def test_cards_before_ampere_compute_in_float16(
    monkeypatch: pytest.MonkeyPatch, capability: tuple[int, int], precision: str
) -> None:
    """A V100 (7.0) and a T4 (7.5) only emulate bfloat16; an A100 (8.0) and an H100 (9.0) have it."""
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda _device: capability)
    assert device.precision("auto", torch.device("cuda:0")) == precision
    assert device.arithmetic("int4", torch.device("cuda:0")) == precision
    assert device.precision("bfloat16", torch.device("cuda:0")) == "bfloat16"


@pytest.mark.parametrize("gibibytes", [1, 4, 6, 16])
def test_the_ceiling_leaves_most_of_a_small_device_free(gibibytes: int) -> None:
    """Neither the four matrices nor the two buffers of the copy take more than a quarter."""
    size, length = ceiling.sizes("cuda", gibibytes * GIBI)
    assert 16 * size**2 <= gibibytes * GIBI / 4
    assert 2 * length <= gibibytes * GIBI / 4
    assert size % 256 == 0
    assert size >= 4096 or gibibytes == 1


def test_a_large_device_multiplies_and_copies_what_it_did_before() -> None:
    """8192 rows and 2 GiB, which fill an H100."""
    assert ceiling.sizes("cuda", 79 * GIBI) == ceiling.sizes("cuda", None) == (8192, 2 * GIBI)
    assert ceiling.sizes("cpu", 64 * GIBI) == (1536, GIBI // 4)


def test_an_accelerator_also_tells_what_it_sustains(monkeypatch: pytest.MonkeyPatch) -> None:
    """The fastest pass is the ceiling, the mean of many what is kept up; a CPU has the first alone."""
    monkeypatch.setattr(ceiling, "_passes", lambda *_: [2.0, 1.0, 3.0])
    monkeypatch.setattr(ceiling, "product", lambda *_: None)
    monkeypatch.setattr(ceiling, "sizes", lambda *_: (8, 64))
    on_cpu = ceiling.measure(torch.device("cpu"), ["float32"])
    assert (on_cpu["matmul_seconds"], on_cpu["matmul_sustained_seconds"]) == ({"float32": 1.0}, {})
    found = ceiling.measure(torch.device("meta"), ["bfloat16"])
    assert (found["matmul_seconds"], found["matmul_sustained_seconds"]) == ({"bfloat16": 1.0}, {"bfloat16": 2.0})


def test_the_second_gpu_is_the_current_one_once_it_is_open(monkeypatch: pytest.MonkeyPatch) -> None:
    """Otherwise the first one's idle stream would tell when steps ended."""
    done: list[object] = []
    monkeypatch.setattr(torch.accelerator, "set_device_index", done.append)
    monkeypatch.setattr(torch, "empty", lambda *_, device: done.append(str(device)))
    monkeypatch.setattr(torch.accelerator, "synchronize", lambda _device: None)
    device.open_up(torch.device("cuda:1"))
    device.open_up(torch.device("cuda"))
    assert done == [1, "cuda:1", "cuda"]


def test_leftovers_on_a_mac_are_freed_by_its_own_call(monkeypatch: pytest.MonkeyPatch) -> None:
    """Torch's common call raised there until the middle of 2026."""
    freed: list[str] = []
    monkeypatch.setattr(torch.mps, "empty_cache", lambda: freed.append("mps"))
    monkeypatch.setattr(torch.accelerator, "empty_cache", lambda: freed.append("common"))
    for kind in ("cpu", "mps", "cuda"):
        device.free_leftovers(torch.device(kind))
    assert freed == ["mps", "common"]


def test_a_product_that_torch_refuses_leaves_the_others_their_ceiling(monkeypatch: pytest.MonkeyPatch) -> None:
    """One case in a precision without kernels must not end a whole run; without memory, nothing is measured."""
    made = ceiling.product
    errors = {"fp8": RuntimeError("_scaled_mm is not implemented"), "int8": torch.OutOfMemoryError("out of memory")}

    def product(device: torch.device, size: int, precision: str) -> object:
        if precision in errors:
            raise errors[precision]
        return made(device, 64, precision)

    monkeypatch.setattr(ceiling, "product", product)
    monkeypatch.setattr(ceiling, "SECONDS", 0.01)
    monkeypatch.setattr(ceiling, "sizes", lambda *_: (64, 4096))
    found = ceiling.measure(torch.device("cpu"), ["float32", "fp8"])
    assert [*found["matmul_seconds"]] == ["float32"]
    setting = Setting(None, "text", {"batch": 1}, "fp8", 1.0, Ceiling.best([found]))
    assert math.isnan(setting.flops_per_second)
    with pytest.raises(torch.OutOfMemoryError):
        ceiling.measure(torch.device("cpu"), ["int8"])


def test_a_slow_product_is_timed_once_after_its_warm_up() -> None:
    """In bfloat16 a pass takes a CPU without its instructions ten seconds, in each look at the device."""
    passes: list[int] = []

    def slow() -> None:
        passes.append(len(passes))
        time.sleep(0.02)

    assert len(ceiling._passes(torch.device("cpu"), slow, 0.01)) == 1
    assert len(passes) == 2
