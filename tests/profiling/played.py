"""A stand-in for measuring processes."""

from typing import Any

from profiling.worker.isolation import Isolation


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
