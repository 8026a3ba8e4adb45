"""Records of a device that keeps exactly to the physical form, so that estimates have a known answer."""

from collections.abc import Iterable
from typing import Any

import numpy as np

from profiling import architecture
from profiling.estimates import question
from profiling.results.record import CaseResult, Estimate, Record

LAYERS_S, BYTE_S, FLOP_S = 4e-5, 1 / 2e12, 1 / 4e14
WATTS, CAPACITY = 600.0, 80e9
PROCESS_B, PARAMETER_B, TOKEN_B = 1.5e9, 16.0, 34.0


def llama(layers: int, hidden: int) -> dict[str, Any]:
    """A decoder of that size."""
    return {
        **{"model_type": "llama", "num_hidden_layers": layers, "hidden_size": hidden, "intermediate_size": 4 * hidden},
        **{"num_attention_heads": 8, "num_key_value_heads": 8, "vocab_size": 32000, "max_position_embeddings": 4096},
    }


SIZES = [llama(4, 512), llama(8, 1024), llama(16, 1536)]
TRAIN = [{"method": "full", "batch": batch, "tokens": 512} for batch in (1, 4, 16)]
GENERATE = [{"batch": batch, "prompt_tokens": 128, "new_tokens": 64} for batch in (1, 8, 32)]


def seconds(config: dict[str, Any], kind: str, point: dict[str, Any]) -> dict[str, float]:
    """What the made device takes for one run of each stage in bfloat16."""
    found = question.terms(config, kind, point, "bfloat16")
    return {stage: float(np.dot(done, [LAYERS_S, BYTE_S, FLOP_S])) for stage, done in found.items()}


def memory_bytes(config: dict[str, Any], kind: str, point: dict[str, Any]) -> float:
    """What the made device holds at its peak."""
    held = question.memory_terms(architecture.of(config), kind, point)
    return float(np.dot(held, [PROCESS_B, PARAMETER_B, TOKEN_B]))


def record(
    kind: str,
    points: Iterable[dict[str, Any]],
    configs: Iterable[dict[str, Any]] = SIZES,
    *,
    spread: float = 0.02,
    seed: int = 1,
    watts: float | None = WATTS,
    device: str = "NVIDIA H100 80GB HBM3",
    **fields: Any,
) -> list[Record]:
    """A record of each model, with every point measured once; times carry noise of that spread."""
    draw, points = np.random.default_rng(seed), list(points)
    same = {"name": "sweep", "precision": "bfloat16", "engine": "eager 1.0", **fields}
    return [
        Record(
            id=f"run-{seed}-{place}",
            created=f"2026-11-{place + 1:02}T00:00:00Z",
            preset="sweep",
            workload={"model": {"config": config}, **same},
            device={"kind": "cuda", "name": device, "count": 1, "memory_capacity_bytes": CAPACITY},
            software={},
            ceiling={},
            others=(),
            cases=tuple(_case(config, kind, point, lambda: draw.normal(0, spread), watts) for point in points),
        )
        for place, config in enumerate(configs)
    ]


def _case(config: dict[str, Any], kind: str, point: dict[str, Any], noise: Any, watts: float | None) -> CaseResult:
    noisy = {stage: value * float(np.exp(noise())) for stage, value in seconds(config, kind, point).items()}
    names = {"step": "step_seconds", "prefill": "ttft_seconds", "decode": "tpot_seconds"}
    metrics = {names[stage]: _estimate(value, "s") for stage, value in noisy.items()}
    if kind == "classify":
        metrics = {"requests_per_second": _estimate(point["batch"] / noisy["step"], "request/s")}
    return CaseResult(
        kind=kind,
        point=point,
        status="ok",
        why=None,
        metrics=metrics,
        memory={"driver_used_bytes": memory_bytes(config, kind, point), "capacity_bytes": CAPACITY},
        energy=None if watts is None else {"joules": watts * 10, "seconds": 10.0, "source": "counter"},
        throttled=False,
        samples={},
    )


def _estimate(value: float, unit: str) -> Estimate:
    return Estimate(value, value * 0.99, value * 1.01, 0.95, unit, 3)
