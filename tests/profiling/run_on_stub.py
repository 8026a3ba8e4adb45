"""`python -m run_on_stub FOLDER [FILE]`: a worker whose measuring processes find the stub's device beside the CPU.

With FILE, at whose presence the stub loses its device, the device vanishes while the training case is measured, and
is back for the next.
"""

import os
import sys
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from profiling.runs.job import Job
from profiling.runs.live import Report
from profiling.worker.isolation import Answer, Isolation, Request, perform
from profiling.worker.worker import WORKER_ENVIRONMENT, Worker


def measure(request: Request, report: Report, lost: str | None) -> Answer:
    """What a run does, but with the driver's sensor where a CPU has none, and with short looks and windows."""
    from profiling.hardware import ceiling, device, nvml, sensor

    device.sensor = lambda _device: nvml.sensor(None)
    sensor.SHORTEST_ENERGY_WINDOW_SECONDS = 0.2
    ceiling.SECONDS = 0.01
    if lost is None:
        return perform(request, report)
    Path(lost).unlink(missing_ok=True)
    case = request["case"] or {}

    def losing(values: Mapping[str, Any]) -> None:
        if case.get("kind") == "train" and "watts" in values:
            Path(lost).touch()
        report(values)

    return perform(request, losing)


if __name__ == "__main__":
    os.environ.update(WORKER_ENVIRONMENT)
    lost = sys.argv[2] if len(sys.argv) > 2 else None
    sys.exit(Worker(Job(Path(sys.argv[1])), Isolation(partial(measure, lost=lost))).run())
