"""Where the time goes, operator by operator."""

import gzip
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from profiling.measure import trace

CPU = torch.device("cpu")
MATRIX = torch.ones(768, 768)


def multiply(steps: int) -> None:
    """So many products, and a little besides."""
    for _ in range(steps):
        torch.mm(MATRIX, MATRIX).add_(1)


def test_the_product_takes_most_of_the_time(tmp_path: Path) -> None:
    """Two steps of a large product and a small sum."""
    found = trace.operators(multiply, CPU, tmp_path / "one.json.gz")["operators"]
    assert found[0]["name"] == "aten::mm"
    assert found[0]["calls"] == trace.STEPS
    assert found[0]["share"] > 0.5


def test_shares_are_of_the_whole(tmp_path: Path) -> None:
    """They fall from the first on, and together are at most everything."""
    shares = [each["share"] for each in trace.operators(multiply, CPU, tmp_path / "one.json.gz")["operators"]]
    assert shares == sorted(shares, reverse=True)
    assert 0 < sum(shares) <= 1 + 1e-9
    assert len(shares) <= trace.TOP


def test_the_trace_is_one_that_chrome_reads(tmp_path: Path) -> None:
    """JSON with events, packed; nothing else is left in the folder."""
    name = trace.operators(multiply, CPU, tmp_path / "traces" / "one.json.gz")["trace_file"]
    with gzip.open(tmp_path / "traces" / name, "rt") as file:
        names = {event.get("name") for event in json.load(file)["traceEvents"]}
    assert "aten::mm" in names
    assert [path.name for path in (tmp_path / "traces").iterdir()] == [name]


def test_a_trace_too_large_for_any_viewer_is_not_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The operators are told all the same."""
    monkeypatch.setattr(trace, "LARGEST_TRACE_BYTES", 10)
    found = trace.operators(multiply, CPU, tmp_path / "one.json.gz")
    assert found["trace_file"] is None
    assert found["operators"]
    assert list(tmp_path.iterdir()) == []


def event(name: str, device_type: Any, device_seconds: float, *, annotation: bool = False) -> Any:
    """An event as torch sums it up: its own time on the accelerator, in microseconds."""
    return SimpleNamespace(
        key=name,
        device_type=device_type,
        self_cpu_time_total=50.0,
        self_device_time_total=device_seconds * 1e6,
        count=1,
        is_user_annotation=annotation,
    )


def test_a_kernel_is_counted_once() -> None:
    """torch tells its time for the kernel, for the operator that launched it, and for a span that has a name."""
    on_host, on_gpu = torch.autograd.DeviceType.CPU, torch.autograd.DeviceType.CUDA
    events = [event("aten::mm", on_host, 0.1), event("gemm", on_gpu, 0.1), event("step", on_gpu, 0.1, annotation=True)]
    assert trace.own_times(events, on_host=False) == {"gemm": (pytest.approx(0.1), 1)}
    assert set(trace.own_times(events[:1], on_host=True)) == {"aten::mm"}


def test_kernels_that_the_driver_hides_leave_their_time_unknown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another profiler may hold the driver's interface; the device was not idle for that."""
    monkeypatch.setattr(trace, "_accelerators", lambda _device: [torch.profiler.ProfilerActivity.CUDA])
    assert trace.operators(multiply, CPU, tmp_path / "one.json.gz")["kernel_seconds_per_step"] is None
