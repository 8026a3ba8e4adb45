"""What measuring processes answer, and a stand-in for them."""

from typing import Any

from profiling.worker.isolation import Isolation

# What examining a device answers: 100 FLOP/s and 1,000 B/s at best.
EXAMINED: dict[str, Any] = {
    "device": {"kind": "cpu", "name": "Test", "count": 1, "cores": 2, "memory_capacity_bytes": 2**30},
    "software": {"python": "3.11"},
    "precision": "float32",
    "engine": "none",
    "others": None,
    "parameters": 1_000,
    "ceiling": {
        **{"matmul_flops": 200.0, "matmul_seconds": {"float32": 2.0}},
        **{"copy_bytes": 500.0, "copy_seconds": 0.5},
    },
}
# What one repeat of any case answers: ten steps of a tenth of a second.
MEASURED: dict[str, Any] = {
    **{"precision": "float32", "arithmetic": "float32", "weight_bytes": 4.0},
    **{"count": 10, "seconds": 1.0, "tokens": 640, "steady": True, "step_seconds": [0.1] * 10},
    **{"prefill_seconds": 0.25, "decode_seconds": 0.75, "warmup_count": 2, "warmup_seconds": 0.5},
    **{"setup_seconds": 1.0, "evaluation_batch_seconds": 0.05, "checkpoint_seconds": 2.0},
    "memory": {"allocated_peak_bytes": None, "resident_peak_bytes": 100},
    **dict.fromkeys(("energy", "clocks", "idle_watts", "throttle_reasons")),
}


class Played(Isolation):
    """Answers at once, and notes which case it was asked for."""

    def __init__(self, examined: dict[str, Any], measured: dict[str, Any], stop_after: int | None = None) -> None:
        self.examined, self.measured, self.stop_after = examined, measured, stop_after
        self.asked: list[str | None] = []

    def run(self, request: dict[str, Any], *_: Any) -> dict[str, Any]:
        case = request["case"]
        self.asked.append(case and case["kind"])
        if self.stop_after is not None and len(self.asked) > self.stop_after:
            return {"status": "failed", "why": "the device is lost"}
        return {"result": self.examined if case is None else self.measured}
